"""Which practice terms a study may add to the vocabulary.

A slot with a fixed list of values stays as it is: matching knows their order of harshness. A built-in term keeps its meaning, so that
studies can be compared.
"""

from collections.abc import Iterable

from assent_contracts.practice import Slot
from assent_contracts.vocabulary import TermDefinition, Vocabulary

FIXED_SLOTS: frozenset[Slot] = frozenset({"processor", "operation", "setting", "transmission_principle"})
MOST_OWN_TERMS = 500


class TermRefused(Exception):
    """Why a term cannot be added; `field` is what is wrong with it."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field
        self.reason = reason


class TermTaken(Exception):
    """The slot has this term already."""


def check_new_term(term: TermDefinition, own: Iterable[TermDefinition]) -> None:
    """Raises TermRefused or TermTaken when the study cannot add the term."""
    own = list(own)
    if term.slot in FIXED_SLOTS:
        raise TermRefused("slot", f"the values of {term.slot} are fixed")
    known = {known.term for known in Vocabulary(own) if known.slot == term.slot}
    if term.term in known:
        raise TermTaken
    if term.parent is not None and term.parent not in known:
        raise TermRefused("parent", f"{term.slot} has no such term")
    if len(own) >= MOST_OWN_TERMS:
        raise TermRefused("term", f"a study has at most {MOST_OWN_TERMS} terms of its own")
