"""The distribution of a number among the population: which share is at or below a value. R: `svycdf`.

Its error is that of any share: `mean` of the indicator columns, or an interval of `proportion_intervals`.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from assent_analytics.estimation.columns import columns, domains
from assent_analytics.estimation.descriptive.means import mean
from assent_analytics.estimation.estimate import Estimate, Plan


def cumulative(plan: Plan, values: ArrayLike, at: Sequence[float], within: ArrayLike | None = None) -> Estimate:
    """The share of people of the domain (n,) whose value (n,) is at most each number of `at`, with its covariance.

    Rows whose value is not a number are left out. Raises CannotEstimate `bad_shape`, and `all_missing` when nobody is left.
    """
    numbers = columns(values, plan.rows)[:, 0]
    known = domains(within, plan.rows)[:, 0] & ~np.isnan(numbers)
    return mean(plan, numbers[:, None] <= np.asarray(at, dtype=float), known, names=[f"{place:g}" for place in at])
