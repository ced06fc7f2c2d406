"""Whether a proposal meets the condition on which people would accept a practice.

A condition is the part of a practice that people ask for: a safeguard, consent, another recipient. It is met when the proposal states
every slot of it at least as asked, not met when a slot says otherwise, and unknown while the proposal is silent.
"""

from typing import Literal

from assent_contracts.practice import SLOTS, Practice, Slot

Met = Literal["yes", "no", "unknown"]

# More safeguards than asked for still meet a condition; in the other slots an addition is a change.
_MORE_IS_FINE: frozenset[Slot] = frozenset({"safeguards"})


def met_by(proposal: Practice, condition: Practice | None) -> Met:
    """Compare slot by slot; a condition that states nothing in terms of the practice is unknown."""
    if condition is None or not condition.stated():
        return "unknown"
    answers = {_slot_met(slot, proposal, condition) for slot in SLOTS if condition.values(slot)}
    if "no" in answers:
        return "no"
    return "unknown" if "unknown" in answers else "yes"


def _slot_met(slot: Slot, proposal: Practice, condition: Practice) -> Met:
    proposed, asked = proposal.values(slot), condition.values(slot)
    if not proposed:
        return "unknown"
    if slot in _MORE_IS_FINE:
        return "yes" if asked <= proposed else "no"
    return "yes" if proposed <= asked else "no"
