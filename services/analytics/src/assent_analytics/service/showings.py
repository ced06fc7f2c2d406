"""Whether estimates have been seen on which the reading of a practice may rest: whatever is declared afterwards is post hoc.

It makes no difference on which page they were seen: a plain estimate, or the evidence on another proposal, shows the same figures.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlmodel import Session

from assent_analytics.domain.proposal import MatchDecision
from assent_analytics.service.evidence.matches import judge
from assent_analytics.service.shared_key import vocabulary_of
from assent_analytics.service.study_items import list_items
from assent_analytics.store import queries
from assent_contracts.practice import Practice
from assent_kit.tables import now


def note_showing(session: Session, *, study: str, items: Sequence[str], proposal: str | None = None) -> None:
    """Remember that the figures of these items are being shown, and with them perhaps the evidence on a proposal."""
    moment = now()
    queries.note_items_shown(session, study, items, moment)
    if proposal is not None:
        queries.note_evidence_shown(session, study, proposal, moment)


def not_yet_shown(session: Session, *, study: str, items: Sequence[str]) -> list[str]:
    """Those of the items whose figures nobody has seen."""
    shown = queries.first_showings(session, study)
    return [item for item in items if item not in shown]


def first_seen(session: Session, study: str, practice: Practice, decisions: Mapping[str, MatchDecision]) -> datetime | None:
    """When figures were first shown that may decide how the practice is read: exact and near items, and milder ones."""
    shown = queries.first_showings(session, study)
    if not shown:
        return None
    vocabulary = vocabulary_of(session, study)
    moments = []
    for item in (one for one in list_items(session, study) if one.id in shown):
        match = judge(practice, item.item.practice, vocabulary, decisions.get(item.id))
        if match is not None and (match.level != "proxy" or match.direction == "milder"):
            moments.append(shown[item.id])
    return min(moments, default=None)
