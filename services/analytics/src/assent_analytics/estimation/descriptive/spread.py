"""The variance of columns in the population, and the covariance between them, linearised. R: `svyvar`.

The estimate is the weighted mean of (a - mean(a)) (b - mean(b)), times n / (n - 1) for the n rows of the domain. Its influence is
that of this mean with the means of a and b held fixed: their own errors cancel to first order, since deviations sum to nought.

A trap: `svyvar(na.rm = TRUE)` of R counts the missing rows in its n; here n is the domain's, as in R for a subset.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.arrays import Floats
from assent_analytics.estimation.columns import alike, domains
from assent_analytics.estimation.estimate import Estimate, Linearised, Plan, Statistic


def variance_statistic(values: ArrayLike, within: ArrayLike | None, rows: int) -> Statistic:
    """The k x k variances and covariances of `values` (n, k) over one domain (n,), row by row, as k * k estimates."""
    inside, kept = alike(values, domains(within, rows)[:, :1], rows)
    domain = kept[:, 0]
    people = int(domain.sum())  # under replicate weights too, whom these leave out

    def of(weights: Floats) -> Linearised:
        weighing = np.where(domain, weights, 0.0)
        if (weighing != 0.0).sum() < 2:
            raise CannotEstimate("all_missing", "a variance needs at least two people")
        average = weighing @ inside / weighing.sum()
        apart = inside - average
        scale = people / (people - 1) / weighing.sum()
        found = scale * (apart.T * weighing) @ apart

        def influence() -> Floats:
            products = (apart[:, :, None] * apart[:, None, :]).reshape(len(apart), -1)
            made: Floats = (scale * weighing)[:, None] * (products - found.ravel() * (people - 1) / people)
            return made

        return Linearised(found.ravel(), influence, domain)

    return of


def variance(plan: Plan, values: ArrayLike, within: ArrayLike | None = None, *, names: Sequence[str] = ()) -> Estimate:
    """Variances and covariances of the columns, (k * k,) row by row. R: `svyvar(~a + b, design)`.

    Raises CannotEstimate `bad_shape`, `bad_value`, and `all_missing` for a domain of fewer than two people.
    """
    weighing = domains(within, plan.rows)[:, 0] & (plan.weights != 0.0)
    return plan.estimate(variance_statistic(values, weighing, plan.rows), names)
