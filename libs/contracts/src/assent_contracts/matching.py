"""How near a survey item, code, passage or excerpt is to a proposed practice, slot by slot.

`exact`: every slot that the proposal states, the evidence states the same. `near`: the only differences are slots that the evidence
leaves unstated, a data type of the same kind of record, or a sender of the same sector; more sources than were asked about is never
near. `proxy`: anything else that shares the purpose or a kind of data. Otherwise there is no match, which is `None`. Not here:
whether a steward agrees; that is a record of analytics.
"""

from dataclasses import dataclass
from typing import Literal

from assent_contracts.practice import SLOTS, Practice, Slot
from assent_contracts.vocabulary import Vocabulary

Level = Literal["exact", "near", "proxy"]
Direction = Literal["same", "milder", "harsher", "mixed"]
Relation = Literal["same", "narrower", "broader", "different", "unstated"]

# Harshness rises along each list; only these slots have an order that most people would share.
_HARSHNESS: dict[Slot, tuple[str, ...]] = {
    "processor": ("in_house", "outsourced"),
    "operation": ("describe", "link", "predict_risk", "flag", "intervene"),
    "setting": ("research", "operational"),
    "transmission_principle": ("consent", "notice", "legal_power", "none"),
    "consequence": ("no_individual_consequence", "offer_of_support", "visit", "investigation", "sanction"),
}


@dataclass(frozen=True, slots=True)
class Match:
    """The level of a match, the slots behind it, which way the evidence leans, and why in one sentence.

    `direction` says how the practice that people were asked about compares with the proposal: a refusal of a `milder` practice counts
    against the proposal; support for it does not count for it.
    """

    level: Level
    direction: Direction
    same: tuple[Slot, ...]
    differs: tuple[tuple[Slot, Relation], ...]
    unstated: tuple[Slot, ...]
    why: str


def relation(slot: Slot, proposal: Practice, evidence: Practice) -> Relation:
    """How the evidence's slot stands to the proposal's; `narrower` means fewer values than the proposal."""
    proposed, stated = proposal.values(slot), evidence.values(slot)
    if stated == proposed:
        return "same"
    if not stated:
        return "unstated"
    if stated < proposed:
        return "narrower"
    return "broader" if stated > proposed else "different"


def match(proposal: Practice, evidence: Practice, vocabulary: Vocabulary) -> Match | None:
    """Compare evidence about one practice with a proposed one; None when they share neither purpose nor a kind of data."""
    compared = [slot for slot in SLOTS if proposal.values(slot)]
    relations = {slot: relation(slot, proposal, evidence) for slot in compared}
    same = tuple(slot for slot in compared if relations[slot] == "same")
    unstated = tuple(slot for slot in compared if relations[slot] == "unstated")
    differs = tuple((slot, relations[slot]) for slot in compared if relations[slot] not in ("same", "unstated"))
    if compared and not unstated and not differs:
        level: Level = "exact"
    elif not _related(proposal, evidence, vocabulary):
        return None
    elif all(_near(slot, proposal, evidence, vocabulary) for slot, _ in differs):
        level = "near"
    else:
        level = "proxy"
    return Match(
        level=level,
        direction=_direction(proposal, evidence),
        same=same,
        differs=differs,
        unstated=unstated,
        why=explain(proposal, evidence, vocabulary),
    )


def explain(proposal: Practice, evidence: Practice, vocabulary: Vocabulary) -> str:
    """How the evidence differs from the proposal, in the words of the vocabulary: `Processor: In house, where the proposal has …`."""
    silent = [_in_words(slot) for slot in SLOTS if relation(slot, proposal, evidence) == "unstated"]
    differing = [
        f"{_in_words(slot).capitalize()}: {_difference(slot, proposal, evidence, vocabulary)}"
        for slot in SLOTS
        if proposal.values(slot) and relation(slot, proposal, evidence) not in ("same", "unstated")
    ]
    sentences = [*differing, f"Nothing is said of {', '.join(silent)}"] if silent else differing
    return f"{'. '.join(sentences)}." if sentences else "Every slot of the proposal is stated the same."


def _difference(slot: Slot, proposal: Practice, evidence: Practice, vocabulary: Vocabulary) -> str:
    proposed, stated = proposal.values(slot), evidence.values(slot)

    def words(terms: frozenset[str]) -> str:
        return ", ".join(sorted(vocabulary.label(slot, term) for term in terms))

    if stated < proposed:
        return f"without {words(proposed - stated)}"
    if stated > proposed:
        return f"with {words(stated - proposed)} besides"
    return f"{words(stated)}, where the proposal has {words(proposed)}"


def _in_words(slot: Slot) -> str:
    return slot.replace("_", " ")


def _related(proposal: Practice, evidence: Practice, vocabulary: Vocabulary) -> bool:
    if proposal.purpose is not None and proposal.purpose == evidence.purpose:
        return True
    return bool(_parents("data_types", proposal, vocabulary) & _parents("data_types", evidence, vocabulary))


def _near(slot: Slot, proposal: Practice, evidence: Practice, vocabulary: Vocabulary) -> bool:
    """A data type of the same kind or a sender of the same sector, and no more sources proposed than were asked about."""
    if slot not in ("data_types", "sender"):
        return False
    if len(proposal.values(slot)) > len(evidence.values(slot)):
        return False
    return _parents(slot, proposal, vocabulary) == _parents(slot, evidence, vocabulary)


def _parents(slot: Slot, practice: Practice, vocabulary: Vocabulary) -> set[str]:
    return {vocabulary.parent(slot, term) for term in practice.values(slot)}


def _direction(proposal: Practice, evidence: Practice) -> Direction:
    leanings = {_leaning(slot, proposal, evidence) for slot in SLOTS} - {"same"}
    if not leanings:
        return "same"
    return leanings.pop() if len(leanings) == 1 else "mixed"


def _leaning(slot: Slot, proposal: Practice, evidence: Practice) -> Direction:
    """One slot's part in the direction. A slot that either side leaves unstated says nothing."""
    proposed, stated = proposal.values(slot), evidence.values(slot)
    if not proposed or not stated or proposed == stated:
        return "same"
    if slot in ("data_types", "sender", "recipient"):
        return _by_count(stated, proposed)
    if slot == "safeguards":
        return _by_count(proposed, stated)
    order = _HARSHNESS.get(slot)
    if order is None:
        return "mixed"
    (asked,), (planned,) = stated, proposed
    if asked not in order or planned not in order:
        return "mixed"
    return "milder" if order.index(asked) < order.index(planned) else "harsher"


def _by_count(asked: frozenset[str], planned: frozenset[str]) -> Direction:
    """Fewer sources or receivers are milder; sets of which neither holds the other cannot be ordered."""
    if asked < planned:
        return "milder"
    return "harsher" if asked > planned else "mixed"
