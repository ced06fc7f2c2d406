"""Weighted means of columns over domains, linearised: what shares, gaps and tests are built from.

A mean over a domain is the ratio sum(w d y) / sum(w d); its influence on each row is w d (y - mean) / sum(w d) (Särndal, Swensson
and Wretman, Model Assisted Survey Sampling, 1992, §5.6). R: `svymean`. Not here: intervals and tests.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.arrays import Bools, Floats
from assent_analytics.estimation.columns import alike
from assent_analytics.estimation.estimate import Estimate, Linearised, Plan, Statistic
from assent_analytics.estimation.of_totals import Columns, over


@dataclass(frozen=True, slots=True)
class Means:
    """Means (k,), their influence values (n, k), the unweighted base of each domain (k,) and the domains themselves (n, k)."""

    estimates: Floats
    influence: Floats
    bases: NDArray[np.int64]
    within: Bools


def means(design: Plan, values: ArrayLike, within: ArrayLike | None = None) -> Means:
    """The mean of each column of `values` (n,) or (n, k) over the rows where `within` (n,) or (n, k) is true.

    Raises CannotEstimate: `bad_shape`; `all_missing` when a domain has no row of positive weight; `bad_value` when a value in a
    domain is not a number.
    """
    inside, kept = alike(values, _weighing(design, within), design.rows)
    estimates, sums = _means(design.weights, inside, kept)
    influence = design.weights[:, None] * kept * (inside - estimates) / sums
    return Means(estimates=estimates, influence=influence, bases=kept.sum(axis=0), within=kept)


def mean_statistic(values: ArrayLike, within: ArrayLike | None, rows: int) -> Statistic:
    """The means of `values` over `within`, as in `means`, for any design of `rows` rows."""
    return _MeanStatistic(*alike(values, within, rows))


@dataclass(frozen=True, slots=True)
class _MeanStatistic:
    """Means of values (n, k), nought outside their domains (n, k)."""

    inside: Floats
    kept: Bools

    def __call__(self, weights: Floats) -> Linearised:
        estimates, sums = _means(weights, self.inside, self.kept)
        return Linearised(estimates, lambda: weights[:, None] * self.kept * (self.inside - estimates) / sums, self.kept)

    def under(self, totals: Callable[[Columns], Floats]) -> Floats:
        """For many sets of weights; see `of_totals.AllAtOnce`."""
        return over(totals(self.inside), totals(self.kept))


def mean(plan: Plan, values: ArrayLike, within: ArrayLike | None = None, *, names: Sequence[str] = ()) -> Estimate:
    """Means with their covariance, by any design. R: `svymean(~a + b, design)`. Raises CannotEstimate as `means` does.

    A factor is given as its indicator columns; rows that did not answer are left out by `within`.
    """
    return plan.estimate(mean_statistic(values, _weighing(plan, within), plan.rows), names)


def _weighing(plan: Plan, within: ArrayLike | None) -> Bools:
    """The domains (n, k) less the rows of no weight, whose values may be anything."""
    weighing: Bools = (plan.weights != 0)[:, None]
    if within is None:
        return weighing
    given = np.asarray(within, dtype=bool)
    if given.shape[:1] != (plan.rows,) or given.ndim > 2:
        raise CannotEstimate("bad_shape", f"domains of shape {given.shape} for {plan.rows} rows")
    kept: Bools = weighing & (given[:, None] if given.ndim == 1 else given)
    return kept


def _means(weights: Floats, inside: Floats, kept: Bools) -> tuple[Floats, Floats]:
    sums = weights @ kept
    if (sums <= 0).any():
        raise CannotEstimate("all_missing", f"{int((sums <= 0).sum())} of {len(sums)} domains have nobody in them")
    return (weights @ inside) / sums, sums
