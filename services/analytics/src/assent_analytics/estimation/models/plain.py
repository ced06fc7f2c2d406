"""Models by maximum likelihood for records that are no survey: R's `glm`, `MASS::polr` and `ordinal::clm`.

The covariance is the model's own, and right only if the model is; weights here count how often a record occurred. For respondents
of a survey use `generalised_linear` and `ordinal`, whose errors come from the design.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import chdtrc, gammaln, xlogy

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.arrays import Floats
from assent_analytics.estimation.designs.design import Design, usable_weights
from assent_analytics.estimation.estimate import Estimate
from assent_analytics.estimation.models.cumulative import LOGISTIC, Link, Ordered, maximised
from assent_analytics.estimation.models.design_matrix import DesignMatrix
from assent_analytics.estimation.models.factors import Factor
from assent_analytics.estimation.models.families import GAUSSIAN, Family
from assent_analytics.estimation.models.ordinal import effects_of, usable
from assent_analytics.estimation.models.reweighted import Rows, fit, independent_columns, products


@dataclass(frozen=True, slots=True)
class Likelihood:
    """Coefficients with the model's covariance, the log-likelihood, how many parameters it took and how many records it is of."""

    coefficients: Estimate
    log_likelihood: float
    parameters: int
    observations: float

    @property
    def aic(self) -> float:
        """Akaike's criterion."""
        return 2.0 * self.parameters - 2.0 * self.log_likelihood

    @property
    def bic(self) -> float:
        """Schwarz's criterion."""
        return float(np.log(self.observations)) * self.parameters - 2.0 * self.log_likelihood


@dataclass(frozen=True, slots=True)
class ProportionalityTest:
    """Whether a term's effect is the same at all thresholds; `p` is None where the wider model has no fit, and `why` says so."""

    term: str
    statistic: float
    degrees_of_freedom: int
    p: float | None
    why: str = ""


def plain_generalised_linear(
    response: ArrayLike,
    matrix: DesignMatrix,
    family: Family = GAUSSIAN,
    *,
    weights: ArrayLike | None = None,
    epsilon: float | None = None,
) -> Likelihood:
    """R: `glm(response ~ terms, family)`, stopped as early as R does with `epsilon=1e-8`.

    A Gaussian's covariance takes n - p, its likelihood n, as in R.

    Raises CannotEstimate as `generalised_linear`, and `no_degrees_of_freedom` for a Gaussian without residuals to judge by.
    """
    outcome = np.asarray(response, dtype=float)
    counted = np.ones(matrix.rows) if weights is None else usable_weights(weights, matrix.rows)
    if outcome.shape != (matrix.rows,):
        raise CannotEstimate("bad_shape", f"outcome {outcome.shape} for {matrix.rows} rows")
    used = matrix.complete & ~np.isnan(outcome) & (counted > 0)
    family.check(outcome[used])
    inside, clean = np.where(used, counted, 0.0), np.where(used, outcome, 0.0)
    kept = matrix.keep(independent_columns(products(Rows(matrix.values, clean, family), inside)))
    rows = Rows(kept.values, clean, family)
    found = fit(rows, inside, epsilon=epsilon)
    people, size = float(inside.sum()), len(kept.names)
    mean = family.moments(rows.predictor(found.coefficients)).mean
    if family.name != "gaussian":
        estimate = Estimate(found.coefficients, found.inverse_information, float("inf"), kept.names)
        return Likelihood(estimate, _log_likelihood(family, clean, mean, inside), size, people)
    freedom = people - size
    if freedom <= 0:
        raise CannotEstimate("no_degrees_of_freedom", f"{size} coefficients for {people:g} records")
    estimate = Estimate(found.coefficients, found.inverse_information * found.deviance / freedom, freedom, kept.names)
    likelihood = -people / 2.0 * (np.log(2.0 * np.pi * found.deviance / people) + 1.0)
    return Likelihood(estimate, float(likelihood), size + 1, people)


def plain_ordinal(response: Factor, matrix: DesignMatrix, link: Link = LOGISTIC, *, weights: ArrayLike | None = None) -> Likelihood:
    """R: `MASS::polr(response ~ terms)` (effects, then thresholds) and `ordinal::clm` (the same numbers, thresholds first).

    Raises CannotEstimate as `ordinal`.
    """
    ordered, kept, levels, counted = _ordered(response, matrix, link, weights)
    found = maximised(ordered, counted)
    names = (*kept.names, *(f"{low}|{high}" for low, high in pairwise(levels)))
    estimate = Estimate(found.parameters, found.inverse_information, float("inf"), names)
    return Likelihood(estimate, found.log_likelihood, len(names), float(counted.sum()))


def proportionality_tests(
    response: Factor, matrix: DesignMatrix, link: Link = LOGISTIC, *, weights: ArrayLike | None = None
) -> list[ProportionalityTest]:
    """Each term's effect set free to differ by threshold, by likelihood ratio. R: `nominal_test(clm(response ~ terms))`."""
    ordered, kept, _, counted = _ordered(response, matrix, link, weights)
    narrow = maximised(ordered, counted)
    return [_freed(ordered, kept, term, counted, narrow.parameters, narrow.log_likelihood) for term in kept.terms]


def _freed(
    ordered: Ordered, matrix: DesignMatrix, term: str, weights: Floats, parameters: Floats, log_likelihood: float
) -> ProportionalityTest:
    columns: Sequence[int] = matrix.columns_of(term)
    freedom = len(columns) * (ordered.categories - 2)
    wide = replace(ordered, nominal=matrix.values[:, columns])
    start = np.concatenate([parameters, np.zeros(freedom)])
    try:
        found = maximised(wide, weights, start)
    except CannotEstimate as refused:
        return ProportionalityTest(term, 0.0, freedom, None, str(refused))
    statistic = 2.0 * (found.log_likelihood - log_likelihood)
    return ProportionalityTest(term, statistic, freedom, float(chdtrc(freedom, max(statistic, 0.0))))


def _ordered(
    response: Factor, matrix: DesignMatrix, link: Link, weights: ArrayLike | None
) -> tuple[Ordered, DesignMatrix, tuple[str, ...], Floats]:
    plan = Design(np.ones(matrix.rows) if weights is None else weights)
    used, codes, levels, _ = usable(plan, response, matrix, None)
    counted = np.where(used, plan.weights, 0.0)
    kept, _ = effects_of(matrix, counted)
    return Ordered(kept.values, codes, len(levels), link), kept, levels, counted


def _log_likelihood(family: Family, response: Floats, mean: Floats, weights: Floats) -> float:
    """Of single trials or of counts."""
    if family.name == "poisson":
        return float(weights @ (xlogy(response, mean) - mean - gammaln(response + 1.0)))
    return -float(weights @ family.deviance(response, mean)) / 2.0
