"""Quantiles by straight lines between the cumulated weights, with Wald's interval: R's `oldsvyquantile`, the default before survey
4.1.

Kept so that published figures of older analyses can be recomputed; `quantiles` is what to use. Unlike there, the interval is that
of the probability asked for, not of the share at or below the quantile found.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.arrays import Floats
from assent_analytics.estimation.descriptive.means import mean
from assent_analytics.estimation.estimate import Plan, t_quantile
from assent_analytics.estimation.quantiles.asked import asked
from assent_analytics.estimation.quantiles.woodruff import Quantiles


def interpolated_quantiles(
    plan: Plan,
    values: ArrayLike,
    probabilities: Sequence[float],
    within: ArrayLike | None = None,
    *,
    level: float = 0.95,
    degrees_of_freedom: float | None = None,
) -> Quantiles:
    """The quantiles of values (n,) over a domain (n,). R: `oldsvyquantile(~a, design, p, ci = TRUE)`.

    Raises CannotEstimate as `asked`, `all_missing` and `no_degrees_of_freedom`.
    """
    numbers, domain, wanted = asked(values, probabilities, within, plan.rows)
    found = _interpolated(numbers[domain], plan.weights[domain], wanted)
    freedom = float(plan.domain_degrees_of_freedom(domain[:, None])[0]) if degrees_of_freedom is None else degrees_of_freedom
    critical = t_quantile(1.0 - (1.0 - level) / 2.0, freedom)
    reach = critical * mean(plan, (numbers[:, None] > found) - (1.0 - wanted), domain).standard_errors
    ends = np.column_stack([wanted - reach, wanted + reach])
    intervals = _interpolated(numbers[domain], plan.weights[domain], ends.ravel()).reshape(-1, 2)
    errors = (intervals[:, 1] - intervals[:, 0]) / (2.0 * critical)
    return Quantiles(found, intervals, errors, np.ones_like(ends, dtype=bool))


def _interpolated(values: Floats, weights: Floats, probabilities: Floats) -> Floats:
    """Lines through the cumulated shares; the smallest value below the first, the largest above the last."""
    weighing = weights > 0.0
    if not weighing.any():
        raise CannotEstimate("all_missing", "there is nobody to take a quantile of")
    order = np.argsort(values[weighing], kind="stable")
    shares = np.cumsum(weights[weighing][order])
    return np.interp(probabilities, shares / shares[-1], values[weighing][order])
