"""How good a design is: efficiency, balance, and what is associated with what."""

from itertools import combinations

import numpy as np
from pydantic import BaseModel, ConfigDict

from assent_survey.domain.vignettes.candidates import Candidates
from assent_survey.domain.vignettes.coding import Floats, Model, d_efficiency
from assent_survey.domain.vignettes.draws import Places
from assent_survey.domain.vignettes.plan import VignettePlan

_DIGITS = 6


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Association(_Part):
    """How much two factors go together in the design: Cramér's V, from 0 (orthogonal) to 1 (the one tells the other)."""

    factors: tuple[str, str]
    cramers_v: float


class Quality(_Part):
    """The figures of a design.

    `combinations` is the whole factorial, `admissible` what the exclusions leave (null where it was too large to count), `candidates`
    what was chosen from; `different` of the `vignettes` are no repeats of another deck's. Efficiencies are D-efficiencies from 0 to 1 in
    orthonormal coding: of the design; of all candidates together, which says what exclusions cost; and of the design when each deck
    may have a mean of its own. `counts` says how often each level is shown, `spread_in_decks` for each factor the greatest difference
    between the counts of two levels within one deck.
    """

    combinations: int
    admissible: int | None
    candidates: int
    vignettes: int
    different: int
    parameters: int
    d_efficiency: float
    d_efficiency_of_candidates: float
    d_efficiency_within_decks: float
    counts: dict[str, dict[str, int]]
    spread_in_decks: dict[str, int]
    associations: tuple[Association, ...]


def assess(plan: VignettePlan, model: Model, candidates: Candidates, decks: Places) -> Quality:
    """The quality of decks (decks, per respondent, factors) by the places of levels."""
    levels = decks.reshape(-1, decks.shape[-1])
    return Quality(
        combinations=candidates.combinations,
        admissible=candidates.admissible,
        candidates=len(candidates.levels),
        vignettes=len(levels),
        different=len(np.unique(levels, axis=0)),
        parameters=model.parameters,
        d_efficiency=_efficiency(model.matrix(levels)),
        d_efficiency_of_candidates=_efficiency(model.matrix(candidates.levels)),
        d_efficiency_within_decks=_within(model, decks),
        counts={
            factor.name: dict(zip(factor.codes, _counts(levels[:, place], len(factor.levels)).tolist(), strict=True))
            for place, factor in enumerate(plan.factors)
        },
        spread_in_decks={
            factor.name: max(int(np.ptp(_counts(deck[:, place], len(factor.levels)))) for deck in decks)
            for place, factor in enumerate(plan.factors)
        },
        associations=tuple(
            Association(factors=(plan.factors[one].name, plan.factors[other].name), cramers_v=_cramers_v(model, levels, one, other))
            for one, other in combinations(range(len(plan.factors)), 2)
        ),
    )


def _efficiency(matrix: Floats) -> float:
    return round(d_efficiency(matrix.T @ matrix, len(matrix)), _DIGITS)


def _within(model: Model, decks: Places) -> float:
    """Of what the means of decks leave; the mean itself is theirs."""
    matrix = model.matrix(decks.reshape(-1, decks.shape[-1]))[:, 1:].reshape(*decks.shape[:2], -1)
    return _efficiency((matrix - matrix.mean(axis=1, keepdims=True)).reshape(-1, matrix.shape[-1]))


def _counts(levels: Places, size: int) -> Places:
    return np.bincount(levels, minlength=size)


def _cramers_v(model: Model, levels: Places, one: int, other: int) -> float:
    table = np.zeros((model.sizes[one], model.sizes[other]))
    np.add.at(table, (levels[:, one], levels[:, other]), 1.0)
    table = table[table.sum(axis=1) > 0][:, table.sum(axis=0) > 0]
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / len(levels)
    least = min(table.shape) - 1
    squared = float(((table - expected) ** 2 / expected).sum()) / len(levels) / least if least else 0.0
    return round(float(np.sqrt(squared)), _DIGITS)
