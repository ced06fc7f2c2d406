"""Estimates for small groups from a model: the mixed logit's predictions for cells of the population, summed by their counts.

Multilevel regression and post-stratification (Gelman and Little 1997; Park, Gelman and Bafumi 2004). What comes out is *modelled*: a group
is partly given what its composition says, so these figures may stand beside a group's own estimate and may never be what names it as
different. `mixed_logit.Pooling` shows raw share, pooled intercept and how much of it is the group's own.

Intervals are quantiles of draws from the normal approximation of fixed effects and intercepts together, given the deviations; a level that
the sample lacks is drawn from its grouping. Not here: uncertainty of the deviations and of the population's counts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import cholesky, solve_triangular
from scipy.special import expit

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.domain.progress import step_by_step
from assent_analytics.estimation.arrays import Floats
from assent_analytics.estimation.multilevel.mixed_linear import GroupEffects
from assent_analytics.estimation.multilevel.mixed_logit import MixedLogit

BLOCK = 200


@dataclass(frozen=True, slots=True)
class ModelledShare:
    """The modelled share of yes in an area, with its interval; how many people it is of."""

    area: str
    estimate: float
    standard_error: float
    lower: float
    upper: float
    population: float


@dataclass(frozen=True, slots=True)
class Poststratified:
    """Areas in the order of their names, and all together. `kind` goes wherever the figures go; `may_name_groups` is never true."""

    areas: tuple[ModelledShare, ...]
    overall: ModelledShare
    levels_without_rows: tuple[tuple[str, str], ...]
    draws: int
    seed: int
    kind: Literal["modelled"] = "modelled"
    may_name_groups: Literal[False] = False


@dataclass(frozen=True, slots=True)
class Cells:
    """Cells of the population: the columns of the model (c, p), the labels of its groupings (c,) by name, how many people each (c,)."""

    fixed: ArrayLike
    groups: Mapping[str, Sequence[Any] | NDArray[Any]]
    counts: ArrayLike


def poststratify(
    model: MixedLogit, cells: Cells, areas: Sequence[Any] | NDArray[Any], *, draws: int = 2000, seed: int = 0, level: float = 0.95
) -> Poststratified:
    """Modelled shares of areas, given as the label of each cell (c,).

    R: `predict(glmer(...), cells, type = "response", allow.new.levels = TRUE)`, averaged by counts within areas; R gives no interval.
    Raises CannotEstimate: `bad_shape`, `bad_setting` for a grouping that the cells lack or too few draws, `bad_value`, `empty_cell` for
    an area without people (named), `too_many_levels`.
    """
    fixed, counts = _usable(model, cells)
    names, area = np.unique(np.asarray(areas).astype(str), return_inverse=True)
    if area.shape != counts.shape:
        raise CannotEstimate("bad_shape", f"{area.size} areas for {counts.size} cells")
    if draws < 100 or not 0 < level < 1:
        raise CannotEstimate("bad_setting", f"an interval of level {level} from {draws} draws")
    people = np.bincount(area, weights=counts)
    if (people <= 0).any():
        raise CannotEstimate("empty_cell", f"nobody lives in {', '.join(names[people <= 0])}")
    places, unseen = _places(model, cells)
    shares = np.zeros((len(names) + 1, len(counts)))  # one row an area, and last the whole
    shares[area, np.arange(len(counts))] = counts / people[area]
    shares[-1] = counts / counts.sum()
    effects = np.concatenate([*(group.effects for group in model.groups), np.zeros(len(unseen))])
    estimates = shares @ expit(fixed @ model.coefficients + effects[places].sum(axis=0))
    simulated = _simulated(model, fixed, shares, places, unseen, draws, np.random.default_rng(seed))
    bounds = np.quantile(simulated, [(1 - level) / 2, (1 + level) / 2], axis=0)
    found = [
        ModelledShare(name, float(estimate), float(error), float(low), float(high), float(number))
        for name, estimate, error, low, high, number in zip(
            [*names, "all"], estimates, simulated.std(axis=0, ddof=1), *bounds, [*people, counts.sum()], strict=True
        )
    ]
    return Poststratified(tuple(found[:-1]), found[-1], tuple((group.name, label) for group, label in unseen), draws, seed)


def _usable(model: MixedLogit, cells: Cells) -> tuple[Floats, Floats]:
    fixed, counts = np.asarray(cells.fixed, dtype=float), np.asarray(cells.counts, dtype=float)
    if counts.ndim != 1 or fixed.shape != (len(counts), len(model.coefficients)):
        raise CannotEstimate("bad_shape", f"cells of {fixed.shape} for {len(model.coefficients)} effects and {counts.size} counts")
    if not np.isfinite(fixed).all() or not np.isfinite(counts).all() or (counts < 0).any():
        raise CannotEstimate("bad_value", "a cell's column or count is negative or not a number")
    lacking = [group.name for group in model.groups if group.name not in cells.groups]
    if lacking:
        raise CannotEstimate("bad_setting", f"the cells do not say their {', '.join(lacking)}")
    return fixed, counts


def _places(model: MixedLogit, cells: Cells) -> tuple[NDArray[np.int64], list[tuple[GroupEffects, str]]]:
    """For each grouping the place of each cell's level among all effects (g, c); levels that the sample lacks follow at the end."""
    known = sum(len(group.levels) for group in model.groups)
    places: list[NDArray[np.int64]] = []
    unseen: list[tuple[GroupEffects, str]] = []
    before = 0
    for group in model.groups:
        labels = np.asarray(cells.groups[group.name]).astype(str)
        lookup = {label: before + place for place, label in enumerate(group.levels)}
        for label in sorted(set(labels) - set(group.levels)):
            lookup[label] = known + len(unseen)
            unseen.append((group, label))
        names, codes = np.unique(labels, return_inverse=True)
        places.append(np.array([lookup[name] for name in names], dtype=np.int64)[codes])
        before += len(group.levels)
    return np.array(places), unseen


def _simulated(
    model: MixedLogit,
    fixed: Floats,
    shares: Floats,
    places: NDArray[np.int64],
    unseen: list[tuple[GroupEffects, str]],
    draws: int,
    random: np.random.Generator,
) -> Floats:
    """Shares of areas in each draw, (draws, areas)."""
    if model.joint_precision is None:
        raise CannotEstimate("too_many_levels", "the groupings have too many levels to be drawn together")
    root = cholesky(model.joint_precision, lower=False)
    number = len(model.coefficients)
    scales = np.concatenate([np.full(len(group.levels), group.deviation) for group in model.groups])
    centre = np.concatenate([group.effects for group in model.groups])
    spreads = np.array([group.deviation for group, _ in unseen])
    found = []
    for start in step_by_step(range(0, draws, BLOCK), f"{BLOCK} draws, block", rest=True):
        size = min(BLOCK, draws - start)
        errors = solve_triangular(root, random.standard_normal((len(root), size)), lower=False)
        new = spreads[:, None] * random.standard_normal((len(spreads), size))
        effects = np.vstack([centre[:, None] + scales[:, None] * errors[number:], new])
        logits = fixed @ (model.coefficients[:, None] + errors[:number]) + effects[places].sum(axis=0)
        found.append((shares @ expit(logits)).T)
    return np.vstack(found)
