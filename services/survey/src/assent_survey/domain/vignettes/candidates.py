"""The combinations that a vignette may show: all of the factorial that is not excluded, or a seeded sample where that is too many.

From them it is seen what the words of a plan do not tell: that nothing is left, that a level never occurs, that effects are confounded.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assent_survey.domain.faults import Fault
from assent_survey.domain.vignettes.coding import Model, untold
from assent_survey.domain.vignettes.draws import Draws, Places
from assent_survey.domain.vignettes.plan import MOST_VIGNETTES, VignettePlan

ENUMERATED = 262_144  # of a larger factorial so many are drawn instead
CANDIDATES = 4_096  # vignettes that a design is chosen from
RARE = 32  # of these, at least so many show any one level, if there are as many


@dataclass(frozen=True, slots=True)
class Candidates:
    """Combinations by the places of their levels (n, factors). `admissible` is how many there are, None where only a sample was drawn."""

    levels: Places
    combinations: int
    admissible: int | None


def find_candidates(plan: VignettePlan) -> Candidates:
    """The candidates of a plan that keeps the rules; they may be none."""
    combinations = int(np.prod(np.array(plan.sizes, dtype=object)))
    enumerated = combinations <= ENUMERATED
    levels = _enumerate(plan.sizes) if enumerated else _draw(plan)
    levels = levels[admissible(plan, levels)]
    return Candidates(_thinned(plan, levels), combinations, len(levels) if enumerated else None)


def admissible(plan: VignettePlan, levels: Places) -> NDArray[np.bool_]:
    """Which of these combinations (n, factors) no exclusion names (n,)."""
    kept = np.ones(len(levels), dtype=bool)
    place = {factor.name: number for number, factor in enumerate(plan.factors)}
    for excluded in plan.excluded:
        hit = np.ones(len(levels), dtype=bool)
        for name, codes in excluded.items():
            named = np.array([code in codes for code in plan.factors[place[name]].codes])
            hit &= named[levels[:, place[name]]]
        kept &= ~hit
    return kept


def candidate_faults(plan: VignettePlan, candidates: Candidates, model: Model) -> list[Fault]:
    """Why no design can be chosen from them; empty when one can."""
    if not len(candidates.levels):
        return [Fault("/excluded", "no combination was found that they leave")]
    # Each only where the last found nothing: to see which effects can be told takes as long as the model is large, by its third power.
    return (
        list(_level_faults(plan, candidates))
        or list(_size_faults(plan, candidates, model))
        or list(_effect_faults(plan, candidates, model))
    )


def _level_faults(plan: VignettePlan, candidates: Candidates) -> Iterator[Fault]:
    for place, factor in enumerate(plan.factors):
        seen = set(candidates.levels[:, place].tolist())
        for number, code in enumerate(factor.codes):
            if number not in seen:
                yield Fault(f"/factors/{place}/levels/{number}", f"{code!r} never occurs in what the exclusions leave")


def _size_faults(plan: VignettePlan, candidates: Candidates, model: Model) -> Iterator[Fault]:
    if plan.per_respondent > len(candidates.levels):
        yield Fault("/per_respondent", f"there are only {len(candidates.levels)} different vignettes, and nobody sees one twice")
    if model.parameters > MOST_VIGNETTES:
        at = "/interactions" if plan.interactions else "/factors"
        yield Fault(at, f"the model has {model.parameters} parameters, more than a design has vignettes: leave some out")
    elif plan.vignettes < model.parameters:
        needed = -(-model.parameters // plan.per_respondent)
        yield Fault(
            "/decks", f"the model has {model.parameters} parameters: it needs at least {needed} decks of this size, or larger ones"
        )


def _effect_faults(plan: VignettePlan, candidates: Candidates, model: Model) -> Iterator[Fault]:
    main = len(plan.factors)
    confounded = untold(model.matrix(candidates.levels), model.terms)
    for number, term in enumerate(model.terms):
        if term in confounded:
            at = f"/factors/{number}" if number < main else f"/interactions/{number - main}"
            yield Fault(at, "in what the exclusions leave, its effect cannot be told apart from those of others")


def _enumerate(sizes: tuple[int, ...]) -> Places:
    return np.column_stack(np.unravel_index(np.arange(int(np.prod(sizes))), sizes)).astype(np.int64)


def _draw(plan: VignettePlan) -> Places:
    """Different combinations by chance, in the order of their levels."""
    draws = Draws(plan.seed, "combinations")
    drawn = np.column_stack([draws.below(size, ENUMERATED) for size in plan.sizes])
    return np.unique(drawn, axis=0)


def _thinned(plan: VignettePlan, levels: Places) -> Places:
    """At most about CANDIDATES of them by chance, with enough of every level that occurs at all; in their order."""
    if len(levels) <= CANDIDATES:
        return levels
    order = Draws(plan.seed, "candidates").shuffled(len(levels))
    kept = set(order[:CANDIDATES].tolist())
    for place, size in enumerate(plan.sizes):
        for level in range(size):
            kept.update(order[levels[order, place] == level][:RARE].tolist())
    return levels[sorted(kept)]
