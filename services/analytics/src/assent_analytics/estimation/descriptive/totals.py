"""Weighted totals and ratios of totals over domains, linearised.

The influence of a row on a total is w y, and on the ratio of two totals w (y - R x) / sum(w x) (Särndal, Swensson and Wretman,
1992, §5.6). A domain's total counts rows outside as nought, so its error includes not knowing how many people are in it. R:
`svytotal`, `svyratio`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.arrays import Bools, Floats
from assent_analytics.estimation.columns import alike
from assent_analytics.estimation.estimate import Estimate, Linearised, Plan, Statistic
from assent_analytics.estimation.of_totals import Columns, over


def total_statistic(values: ArrayLike, within: ArrayLike | None, rows: int) -> Statistic:
    """The totals of `values` (n,) or (n, k) over `within` (n,) or (n, k)."""
    return _TotalStatistic(*alike(values, within, rows))


def ratio_statistic(numerator: ArrayLike, denominator: ArrayLike, within: ArrayLike | None, rows: int) -> Statistic:
    """Column by column the ratio of two totals; raises CannotEstimate `zero_denominator` where there is nothing to divide by."""
    above, kept = alike(numerator, within, rows)
    below, _ = alike(denominator, kept if kept.shape[1] > 1 else kept[:, 0], rows)
    return _RatioStatistic(above, below, kept)


@dataclass(frozen=True, slots=True)
class _TotalStatistic:
    """Totals of values (n, k), nought outside their domains (n, k)."""

    inside: Floats
    kept: Bools

    def __call__(self, weights: Floats) -> Linearised:
        return Linearised(weights @ self.inside, lambda: weights[:, None] * self.inside, self.kept)

    def under(self, totals: Callable[[Columns], Floats]) -> Floats:
        """For many sets of weights; see `of_totals.AllAtOnce`."""
        return totals(self.inside)


@dataclass(frozen=True, slots=True)
class _RatioStatistic:
    """Ratios of the totals of columns (n, k), nought outside their domains (n, k)."""

    above: Floats
    below: Floats
    kept: Bools

    def __call__(self, weights: Floats) -> Linearised:
        sums = weights @ self.below
        if (sums == 0.0).any():
            raise CannotEstimate("zero_denominator", f"{int((sums == 0.0).sum())} of {len(sums)} ratios divide by nought")
        ratios = (weights @ self.above) / sums
        return Linearised(ratios, lambda: weights[:, None] * (self.above - ratios * self.below) / sums, self.kept)

    def under(self, totals: Callable[[Columns], Floats]) -> Floats:
        """For many sets of weights; see `of_totals.AllAtOnce`."""
        return over(totals(self.above), totals(self.below))


def total(plan: Plan, values: ArrayLike, within: ArrayLike | None = None, *, names: Sequence[str] = ()) -> Estimate:
    """Totals of each column with their covariance. R: `svytotal(~a + b, design)`. Raises CannotEstimate as `alike` does."""
    return plan.estimate(total_statistic(values, within, plan.rows), names)


def ratio(
    plan: Plan, numerator: ArrayLike, denominator: ArrayLike, within: ArrayLike | None = None, *, names: Sequence[str] = ()
) -> Estimate:
    """Ratios of totals, column by column, with their covariance. R: `svyratio(~a, ~b, design, covmat = TRUE)`.

    Raises CannotEstimate `bad_shape`, `bad_value` and `zero_denominator`.
    """
    return plan.estimate(ratio_statistic(numerator, denominator, within, plan.rows), names)


def weighted_count(plan: Plan, within: ArrayLike | None = None) -> Estimate:
    """How many people of the population each domain stands for. R: `svytotal` of indicator columns."""
    return total(plan, np.ones(plan.rows), within)
