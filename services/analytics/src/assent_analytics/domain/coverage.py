"""How well each group is covered by each strand: reliable, small, suppressed, none, or not coded.

A count of sessions or excerpts never becomes a percentage, and silence is not assent: a group that took part but none of whose talk
has been coded to such a practice is `not_coded`, not `none`.
"""

from typing import Literal

Coverage = Literal["reliable", "small", "suppressed", "none", "not_coded"]


def survey_coverage(base: int, shown: bool, *, name_base: int = 30) -> Coverage:
    """Of the survey: `reliable` from the base at which a group may be named, `suppressed` where its figures are hidden."""
    if base == 0:
        return "none"
    if not shown:
        return "suppressed"
    return "reliable" if base >= name_base else "small"


def talk_coverage(sessions: int, coded_sessions: int, *, enough: int = 2) -> Coverage:
    """Of focus groups or interviews, counted in sessions with somebody of the group; `coded_sessions` have coded talk by them."""
    if sessions == 0:
        return "none"
    if coded_sessions == 0:
        return "not_coded"
    return "reliable" if coded_sessions >= enough else "small"
