"""What the evidence cannot say, and why that matters, in sentences. Silence is not assent, so it is never left unsaid."""

from collections.abc import Sequence
from dataclasses import dataclass

from assent_contracts.stances import Sampling


@dataclass(frozen=True, slots=True)
class Missing:
    """Something that the evidence cannot say."""

    what: str
    why_it_matters: str


def caveat(sampling: Sampling) -> str | None:
    """The label without which no interval of a sample that was not drawn at random may be shown."""
    if sampling == "probability":
        return None
    kind = "A quota sample" if sampling == "quota" else "An opt-in sample"
    return f"{kind}: nobody was drawn at random, so the intervals hold only as far as those who answered are like those who did not"


def no_evidence_from(group: str) -> Missing:
    """No strand has anything from a declared group."""
    return Missing(f"no evidence from {group}", "nothing is known of what they would accept; silence is not assent")


def nobody_asked() -> Missing:
    """No strand has anything from anybody on such a practice."""
    return Missing(
        "nobody has been asked or heard about this practice or one near it",
        "nothing is known of what anybody would accept; silence is not assent",
    )


def target_unmeasured(group: str, name_base: int) -> Missing:
    """A target has fewer people in the survey than a group needs to be named."""
    return Missing(
        f"{group} are not measured: fewer than {name_base} were asked",
        "they are likely to be singled out, and what is not known of them cannot count as support",
    )


def target_unheard(group: str) -> Missing:
    """A target was heard in no session."""
    return Missing(
        f"{group} were heard in no session", "they are likely to be singled out and have not been asked in their own words"
    )


def no_targets() -> Missing:
    """Nobody has registered whom the proposal is likely to single out."""
    return Missing("nobody has registered whom the proposal is likely to single out", "a majority can hide those who would bear it")


def no_item() -> Missing:
    """No survey asked about the practice or one that is near."""
    return Missing(
        "no survey item asks about this practice or one near it", "opinions on other practices do not carry over as support"
    )


def not_raked(wave: str, reason: str) -> Missing:
    """The answers of a collection could not be weighted to the margins that it declares."""
    return Missing(
        f"the answers of {wave} are not weighted to the population's known shares ({reason})",
        "groups that answered less often than others count for less than their part of the population",
    )


def unknown_terms(where: str, terms: Sequence[str]) -> Missing:
    """A practice uses terms that the study's vocabulary does not define."""
    return Missing(f"{where} uses terms that nobody has defined: {', '.join(terms)}", "they match nothing but themselves")


def unknown_groups(where: str, words: Sequence[str]) -> Missing:
    """Group words that the study's groups do not know."""
    return Missing(
        f"{where} names groups that the study does not know: {', '.join(words)}", "the people so described are counted in no group"
    )


def texts_away(owner: str) -> Missing:
    """A service that owns texts could not be reached."""
    return Missing(
        f"{owner} did not answer in time, so its texts are not shown", "the counts stand, but nobody's own words are beside them"
    )
