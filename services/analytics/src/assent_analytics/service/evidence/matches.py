"""How near each item is to the proposal: as compared slot by slot, and as a steward has confirmed or corrected it."""

from typing import Any

from assent_analytics.domain import item_view
from assent_analytics.domain.proposal import MatchDecision
from assent_contracts.matching import Match, Relation, match, relation
from assent_contracts.practice import SLOTS, Practice, Slot
from assent_contracts.vocabulary import Vocabulary


def judge(
    proposal: Practice, asked: Practice, vocabulary: Vocabulary, decision: MatchDecision | None = None
) -> item_view.ItemMatch | None:
    """The match of one item; None when there is none, by the comparison or by a steward's word."""
    compared = match(proposal, asked, vocabulary)
    level = decision.level if decision else compared.level if compared else "none"
    if level == "none":
        return None
    computed = compared.direction if compared else "mixed"
    direction = decision.direction if decision and decision.direction else computed
    relations: dict[Slot, Relation] = {slot: relation(slot, proposal, asked) for slot in SLOTS if proposal.values(slot)}
    fields: dict[str, Any] = {
        "level": level,
        "same": [slot for slot, found in relations.items() if found == "same"],
        "differs": {slot: found for slot, found in relations.items() if found not in ("same", "unstated")},
        "unstated": [slot for slot, found in relations.items() if found == "unstated"],
        "direction": direction,
        "why": compared.why if compared else "Set by a steward. The practices share neither purpose nor a kind of data.",
    }
    if decision is not None:
        fields["confirmed_by"] = decision.decided_by
        if _corrects(decision, compared):
            fields["corrected"] = True
    return item_view.ItemMatch(**fields)


def is_corrected(proposal: Practice, asked: Practice, vocabulary: Vocabulary, decision: MatchDecision) -> bool:
    """Whether a steward says something else of a match than the comparison does; else they confirm it."""
    return _corrects(decision, match(proposal, asked, vocabulary))


def _corrects(decision: MatchDecision, compared: Match | None) -> bool:
    if compared is None:
        return decision.level != "none"
    return decision.level != compared.level or decision.direction not in (None, compared.direction)
