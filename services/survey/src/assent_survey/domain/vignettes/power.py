"""Power by simulation: how often a study with these decks and so many respondents would find effects of given sizes.

Respondents take the decks in turn and judge every vignette of theirs. A judgement is what its levels add up to, plus what is the
respondent's own and what is the judgement's own, both normal; their shares of the variance are `icc` and the rest. A decision to accept
or not comes of the same two on a latent scale, with the threshold that gives the vignette its probability. Each simulated survey is
analysed as the real one will be: least squares on all levels, standard errors clustered by respondent, t with as many degrees of
freedom as respondents less parameters. R: `svyglm(judgement ~ factors, svydesign(ids = ~respondent, weights = ~1))`. What a bounded
or coarse scale does to ratings, unequal weights and missing judgements are not simulated: allow for them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from statistics import NormalDist
from typing import Annotated, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from assent_survey.domain.faults import Fault
from assent_survey.domain.instrument import Code
from assent_survey.domain.vignettes.coding import Floats, Model
from assent_survey.domain.vignettes.design import as_places
from assent_survey.domain.vignettes.draws import Places
from assent_survey.domain.vignettes.plan import LARGEST_SEED, FactorName, VignettePlan
from assent_survey.domain.vignettes.students_t import critical_value

MOST_JUDGEMENTS = 30_000_000  # in all simulated surveys together: a few seconds
LARGEST = 1_000_000.0  # of any effect or spread; beyond, and below its inverse, squares have no digits left to tell them apart by
_AT_ONCE = 2_000_000  # numbers that are held at a time, roughly


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Effect(_Part):
    """What a level adds against the first of its factor; or, of two factors whose interaction the plan lists, what both add beyond that."""

    levels: Annotated[dict[FactorName, Code], Field(min_length=1, max_length=2)]
    effect: Annotated[float, Field(ge=-LARGEST, le=LARGEST)]


class Supposition(_Part):
    """What is supposed of the study. Levels that no effect names add nothing.

    For the outcome `rating`, effects are in points of the rating and `spread` is the standard deviation of ratings of one vignette. For
    `acceptance`, effects are differences of probability (0.1 is ten percentage points) and `baseline` is the probability of accepting
    the vignette that has the first level of every factor. `icc` is the share of variance between respondents, on the latent scale for
    acceptance.
    """

    respondents: Annotated[int, Field(strict=True, ge=2, le=100_000)]
    outcome: Literal["rating", "acceptance"] = "rating"
    effects: Annotated[tuple[Effect, ...], Field(max_length=300)] = ()
    spread: Annotated[float, Field(ge=1.0 / LARGEST, le=LARGEST)] = 1.0
    baseline: Annotated[float, Field(gt=0, lt=1)] = 0.5
    icc: Annotated[float, Field(ge=0, lt=1)] = 0.3
    alpha: Annotated[float, Field(ge=0.0001, le=0.5)] = 0.05
    simulations: Annotated[int, Field(strict=True, ge=50, le=5000)] = 1000
    seed: Annotated[int, Field(strict=True, ge=0, le=LARGEST_SEED)] = 0


class EffectPower(_Part):
    """An effect and the share of simulated surveys that found it: with an effect of nought, the share of false alarms.

    `monte_carlo_error` is the standard error of that share for having simulated a finite number; `standard_error` the mean one that the
    surveys gave the effect, `mean_estimate` what they took it for.
    """

    levels: dict[str, str]
    effect: float
    power: float
    monte_carlo_error: float
    standard_error: float
    mean_estimate: float


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of the model in reference coding: which levels it stands for, and what is supposed of it."""

    levels: dict[str, str]
    effect: float


def supposition_faults(plan: VignettePlan, supposed: Supposition, decks: list[list[list[int]]]) -> list[Fault]:
    """What in the supposition does not fit the plan, itself, or the bounds; empty when it can be simulated."""
    faults = list(_effect_faults(plan, supposed))
    model = Model(plan.sizes, plan.pairs)
    if supposed.respondents <= model.parameters:
        faults.append(Fault("/respondents", f"more than the {model.parameters} parameters of the model are needed"))
    if supposed.respondents * plan.per_respondent * supposed.simulations > MOST_JUDGEMENTS:
        most = MOST_JUDGEMENTS // (supposed.respondents * plan.per_respondent)
        faults.append(Fault("/simulations", f"with so many judgements each, at most {most} can be made"))
    if not faults and supposed.outcome == "acceptance":
        expected = _expected(plan, supposed, as_places(decks))
        if expected.min() <= 0.0 or expected.max() >= 1.0:
            faults.append(Fault("/effects", "they take the probability of some vignette to 0 or 1, or beyond"))
    if not faults and min(supposed.respondents, len(decks)) < len(decks) and not _told_by(model, decks[: supposed.respondents]):
        faults.append(Fault("/respondents", "so few do not get enough of the decks to tell all effects apart"))
    return faults


def simulate_power(plan: VignettePlan, supposed: Supposition, decks: list[list[list[int]]]) -> list[EffectPower]:
    """The power of each effect, in the order of factors and levels. Of a supposition without faults. Takes up to a few seconds."""
    places = as_places(decks)
    simulation = _Simulation(plan, supposed, places)
    found = [simulation.run(count) for count in _portions(supposed, simulation.width)]
    estimates, errors = (np.concatenate([each[part] for each in found]) for part in (0, 1))
    detected = (np.abs(estimates) > critical_value(supposed.alpha, simulation.degrees_of_freedom) * errors).mean(axis=0)
    return [
        EffectPower(
            levels=column.levels,
            effect=column.effect,
            power=float(power),
            monte_carlo_error=float(np.sqrt(power * (1.0 - power) / supposed.simulations)),
            standard_error=float(error),
            mean_estimate=float(estimate),
        )
        for column, power, error, estimate in zip(
            _columns(plan, supposed), detected, errors.mean(axis=0), estimates.mean(axis=0), strict=True
        )
    ]


class _Simulation:
    """Surveys of the same respondents with the same decks, again and again.

    Respondents of one deck stand together, `of_deck` is how many; what a respondent adds to the sandwich depends on their deck and on
    their residuals alone, so nothing as long as respondents times parameters is kept between surveys.
    """

    def __init__(self, plan: VignettePlan, supposed: Supposition, decks: Places) -> None:
        self._supposed = supposed
        whole, rest = divmod(supposed.respondents, len(decks))
        self._of_deck = np.array([whole + (deck < rest) for deck in range(len(decks))])
        used = self._of_deck > 0
        decks, self._of_deck = decks[used], self._of_deck[used]
        matrix = Model(plan.sizes, plan.pairs).matrix(decks.reshape(-1, decks.shape[-1]), "reference")
        self._rows = matrix.reshape(*decks.shape[:2], -1)  # (decks, per respondent, parameters)
        inverse = np.linalg.inv(np.einsum("d,dvi,dvj->ij", self._of_deck.astype(float), self._rows, self._rows))
        self._pulls = self._rows @ inverse  # what a residual moves each coefficient by
        self._expected = _expected(plan, supposed, decks)
        self._chance = np.random.default_rng(supposed.seed)
        self.width = supposed.respondents * max(self._rows.shape[1:])
        self.degrees_of_freedom = supposed.respondents - matrix.shape[1]

    def run(self, surveys: int) -> tuple[Floats, Floats]:
        """The estimates of all effects and their standard errors, (surveys, effects) each."""
        judgements = self._judge(surveys)
        starts = np.concatenate([[0], np.cumsum(self._of_deck)])
        groups = [judgements[:, first:last] for first, last in pairwise(starts)]
        coefficients = sum(group.sum(axis=1) @ pull for group, pull in zip(groups, self._pulls, strict=True))
        squares = np.zeros_like(coefficients)
        for group, row, pull in zip(groups, self._rows, self._pulls, strict=True):
            residuals = group - (coefficients @ row.T)[:, None, :]
            squares += ((residuals @ pull) ** 2).sum(axis=1)
        people = self._supposed.respondents
        return coefficients[:, 1:], np.sqrt(squares[:, 1:] * people / (people - 1.0))

    def _judge(self, surveys: int) -> Floats:
        """Judgements (surveys, respondents, per respondent)."""
        supposed = self._supposed
        shape = (surveys, supposed.respondents, self._rows.shape[1])
        deviations = np.sqrt(1.0 - supposed.icc) * self._chance.standard_normal(shape)
        deviations += np.sqrt(supposed.icc) * self._chance.standard_normal(shape[:2])[:, :, None]
        if supposed.outcome == "rating":
            return np.asarray(np.repeat(self._expected, self._of_deck, axis=0) + supposed.spread * deviations)
        inverse = np.vectorize(NormalDist().inv_cdf, otypes=[float])
        accepted: Floats = (deviations < np.repeat(inverse(self._expected), self._of_deck, axis=0)).astype(float)
        return accepted


def _portions(supposed: Supposition, width: int) -> Iterator[int]:
    """How many surveys are simulated at a time, one number for each time."""
    most = max(1, _AT_ONCE // width)
    for done in range(0, supposed.simulations, most):
        yield min(most, supposed.simulations - done)


def _columns(plan: VignettePlan, supposed: Supposition) -> list[_Column]:
    """The columns of the model but the mean, in their order."""
    said = {frozenset(effect.levels.items()): effect.effect for effect in supposed.effects}
    names = []
    for factor in plan.factors:
        names += [{factor.name: code} for code in factor.codes[1:]]
    for one, other in plan.pairs:
        first, second = plan.factors[one], plan.factors[other]
        names += [{first.name: this, second.name: that} for this in first.codes[1:] for that in second.codes[1:]]
    return [_Column(levels, said.get(frozenset(levels.items()), 0.0)) for levels in names]


def _expected(plan: VignettePlan, supposed: Supposition, decks: Places) -> Floats:
    """The mean judgement of each vignette (decks, per respondent)."""
    matrix = Model(plan.sizes, plan.pairs).matrix(decks.reshape(-1, decks.shape[-1]), "reference")
    effects = np.array([column.effect for column in _columns(plan, supposed)])
    base = supposed.baseline if supposed.outcome == "acceptance" else 0.0
    expected: Floats = (base + matrix[:, 1:] @ effects).reshape(decks.shape[:2])
    return expected


def _told_by(model: Model, decks: list[list[list[int]]]) -> bool:
    levels = as_places(decks)
    matrix = model.matrix(levels.reshape(-1, levels.shape[-1]))
    return bool(np.linalg.matrix_rank(matrix) == matrix.shape[1])


def _effect_faults(plan: VignettePlan, supposed: Supposition) -> Iterator[Fault]:
    codes = {factor.name: factor.codes for factor in plan.factors}
    listed = {frozenset(pair) for pair in plan.interactions}
    seen: set[frozenset[tuple[str, str]]] = set()
    for number, effect in enumerate(supposed.effects):
        at = f"/effects/{number}/levels"
        for name, level in effect.levels.items():
            if level not in codes.get(name, ()):
                yield Fault(f"{at}/{name}", "there is no such factor or level")
            elif level == codes[name][0]:
                yield Fault(f"{at}/{name}", "it is the level that others are compared with")
        if len(effect.levels) == 2 and frozenset(effect.levels) not in listed:
            yield Fault(at, "the plan does not list this interaction")
        if frozenset(effect.levels.items()) in seen:
            yield Fault(at, "this effect is there already")
        seen.add(frozenset(effect.levels.items()))
