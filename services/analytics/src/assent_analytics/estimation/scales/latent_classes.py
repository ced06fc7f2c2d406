"""Types of respondents: latent classes of categorical answers, by several seeded starts of `stepmix`, with weights.

A class is a summary of patterns and not a group of people: nobody is put into one outside of a probability. The solution is the best of
several starts, and says how many of them reached it; a maximum that few reach is doubtful. Intervals of class shares need replicate
weights: every replicate is refitted from the solution and its classes are matched to it.

stepmix is imported when it is first needed. Not here: classes explained by covariates.
"""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import linear_sum_assignment

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.domain.progress import step_by_step
from assent_analytics.estimation.arrays import Floats
from assent_analytics.estimation.estimate import Estimate, Linearised, Plan
from assent_analytics.estimation.scales.latent_class_steps import (
    EDGE,
    ClassModel,
    Patterns,
    improve,
    is_identified,
    log_likelihood,
    memberships,
    patterns,
)

Missing = Literal["omit", "keep"]
MOST_STEPS = 50_000
SAME_MAXIMUM = 1e-4


@dataclass(frozen=True, slots=True)
class LatentClasses:
    """Classes by falling share: shares (m,); for each item the categories and their probabilities within classes (m, categories).

    `log_likelihood`, `aic` and `bic` are of weights scaled to the number of rows: with weights that vary they are only pseudo-criteria.
    `relative_entropy` is 1 when every row belongs to one class beyond doubt; None for a single class. `modal` counts the rows whose
    likeliest class is each (m,). `reached` of `starts` starts came to this maximum. `boundary`: a probability is 0 or 1. If not
    `identified`, other values fit equally well: do not describe the classes.
    """

    shares: Floats
    categories: tuple[NDArray[Any], ...]
    probabilities: tuple[Floats, ...]
    rows: int
    log_likelihood: float
    parameters: int
    aic: float
    bic: float
    relative_entropy: float | None
    modal: NDArray[np.int64]
    memberships: Floats
    converged: bool
    starts: int
    reached: int
    boundary: bool
    identified: bool
    weighted: bool
    model: ClassModel


def latent_classes(
    answers: ArrayLike,
    number: int,
    *,
    weights: ArrayLike | None = None,
    starts: int = 40,
    seed: int = 0,
    missing: Missing = "omit",
    tolerance: float = 1e-11,
) -> LatentClasses:
    """Latent classes of answers (n, k), NaN where missing; rows that miss an answer are left out, or kept with what they did answer.

    R: `poLCA(cbind(a, b) ~ 1, data, nclass = number, nrep = starts, na.rm = (missing == "omit"))`, which takes no weights.
    `memberships` is (rows, m) over the rows that were used. Raises CannotEstimate: `bad_shape`, `bad_setting`, `negative_weight`,
    `no_weights`, `constant_column`, `no_rows`, `too_many_classes` when there are fewer distinct patterns than classes.
    """
    given, heavy = _usable(answers, weights)
    if number < 1 or starts < 1 or missing not in ("omit", "keep"):
        raise CannotEstimate("bad_setting", f"{number} classes from {starts} starts, missing answers {missing!r}")
    used = (heavy > 0) & (~np.isnan(given).any(axis=1) if missing == "omit" else ~np.isnan(given).all(axis=1))
    found, categories = _patterns(given[used])
    if len(found.codes) < number:
        raise CannotEstimate("too_many_classes", f"{len(found.codes)} distinct patterns of answers cannot make {number} classes")
    heavy = heavy[used] * used.sum() / heavy[used].sum()
    totals = found.totals(heavy)
    tops = [
        improve(_fitted_once(found, totals, number, seed + start, missing), found, totals, tolerance=1e-7, most=500)[0]
        for start in step_by_step(range(starts if number > 1 else 1), "start")
    ]
    heights = np.array([log_likelihood(top, found, totals) for top in tops])
    model, converged = improve(tops[int(heights.argmax())], found, totals, tolerance=tolerance, most=MOST_STEPS)
    model = model.ordered(np.argsort(-model.shares, kind="stable"))
    reached = int((heights > heights.max() - SAME_MAXIMUM).sum())
    return _described(model, found, categories, heavy, converged=converged, starts=len(tops), reached=reached)


def class_shares(plan: Plan, answers: ArrayLike, classes: LatentClasses, *, missing: Missing = "omit") -> Estimate:
    """The shares of classes with the covariance that a design of replicate weights gives, (m,); classes in the order of `classes`.

    Each replicate is refitted from the solution, and its classes matched to those of the solution by their answer probabilities.
    `classes` must have been fitted with the design's weights. Raises CannotEstimate `not_linearised` for a design without replicate
    weights; `bad_shape`; `no_convergence`.
    """
    given, _ = _usable(answers, plan.weights)
    if len(given) != plan.rows:
        raise CannotEstimate("bad_shape", f"{len(given)} rows of answers for a design of {plan.rows}")
    used = ~np.isnan(given).any(axis=1) if missing == "omit" else ~np.isnan(given).all(axis=1)
    used &= plan.weights > 0
    found, _ = _patterns(given[used])

    def statistic(weights: Floats) -> Linearised:
        totals = found.totals(weights[used])
        totals = totals * classes.rows / totals.sum()
        refitted, converged = improve(classes.model, found, totals, tolerance=1e-9, most=MOST_STEPS)
        if not converged:
            raise CannotEstimate("no_convergence", "a replicate of the latent classes did not settle")
        return Linearised(refitted.ordered(_matching(classes.model, refitted)).shares)

    return plan.estimate(statistic, [f"class {index + 1}" for index in range(len(classes.shares))])


def _matching(model: ClassModel, other: ClassModel) -> NDArray[np.int64]:
    """For each class of the first model the class of the other whose answer probabilities are nearest, each taken once."""
    distance = ((model.probabilities[:, None, :] - other.probabilities[None]) ** 2).sum(axis=2)
    return np.asarray(linear_sum_assignment(distance)[1], dtype=np.int64)


def _fitted_once(found: Patterns, totals: Floats, number: int, seed: int, missing: Missing) -> ClassModel:
    """One start of stepmix on the distinct patterns, stopped early: what follows is left to `improve`."""
    import warnings

    from sklearn.exceptions import ConvergenceWarning
    from stepmix.stepmix import StepMix

    codes = np.where(found.codes < 0, np.nan, found.codes)
    model = StepMix(
        n_components=number, measurement="categorical" if missing == "omit" else "categorical_nan", random_state=seed,
        abs_tol=1e-7, max_iter=30, progress_bar=0,
    )  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(codes, sample_weight=totals)
    widest = int(found.codes.max()) + 1
    category = np.concatenate([np.arange(times) for times in np.bincount(found.items)])
    probabilities = model.get_parameters()["measurement"]["pis"][:, found.items * widest + category]
    return ClassModel(np.asarray(model.weights_, dtype=float), np.asarray(probabilities, dtype=float))


def _described(
    model: ClassModel,
    found: Patterns,
    categories: tuple[NDArray[Any], ...],
    weights: Floats,
    *,
    converged: bool,
    starts: int,
    reached: int,
) -> LatentClasses:
    number, rows = len(model.shares), len(found.of_row)
    height = log_likelihood(model, found, found.totals(weights))
    parameters = number - 1 + number * sum(len(levels) - 1 for levels in categories)
    belongs = memberships(model, found)[found.of_row]
    surely = -np.sum(belongs * np.log(np.maximum(belongs, 1e-300)), axis=1)
    return LatentClasses(
        shares=model.shares,
        categories=categories,
        probabilities=tuple(model.probabilities[:, found.items == item] for item in range(len(categories))),
        rows=rows,
        log_likelihood=height,
        parameters=parameters,
        aic=2 * parameters - 2 * height,
        bic=parameters * float(np.log(rows)) - 2 * height,
        relative_entropy=float(1 - weights @ surely / (weights.sum() * np.log(number))) if number > 1 else None,
        modal=np.bincount(belongs.argmax(axis=1), minlength=number),
        memberships=belongs,
        converged=converged,
        starts=starts,
        reached=reached,
        boundary=bool(((model.probabilities < EDGE) | (model.probabilities > 1 - EDGE)).any()),
        identified=is_identified(model, found),
        weighted=bool(np.ptp(weights) > 0),
        model=model,
    )


def _usable(answers: ArrayLike, weights: ArrayLike | None) -> tuple[Floats, Floats]:
    given = np.asarray(answers, dtype=float)
    if given.ndim != 2 or given.shape[1] < 2 or np.isinf(given).any():
        raise CannotEstimate("bad_shape", f"classes need at least two items of finite answers, not shape {given.shape}")
    heavy = np.ones(len(given)) if weights is None else np.asarray(weights, dtype=float)
    if heavy.shape != (len(given),) or not np.isfinite(heavy).all():
        raise CannotEstimate("no_weights", "one finite weight a row is needed")
    if (heavy < 0).any():
        raise CannotEstimate("negative_weight", "a weight is negative")
    return given, heavy


def _patterns(given: Floats) -> tuple[Patterns, tuple[NDArray[Any], ...]]:
    """The distinct patterns, and the categories of each item as they were given."""
    if len(given) == 0:
        raise CannotEstimate("no_rows", "nobody has a positive weight and the answers that are needed")
    categories = tuple(np.unique(column[~np.isnan(column)]) for column in given.T)
    if min(len(levels) for levels in categories) < 2:
        raise CannotEstimate("constant_column", "an item has fewer than two different answers")
    codes = np.column_stack([np.searchsorted(levels, column) for levels, column in zip(categories, given.T, strict=True)])
    codes = np.where(np.isnan(given), -1, codes)
    return patterns(codes, np.array([len(levels) for levels in categories])), categories
