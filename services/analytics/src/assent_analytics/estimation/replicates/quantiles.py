"""Quantiles whose error is the spread of the replicates themselves: R's `svyquantile(interval.type = "quantile")`.

Balanced and bootstrap replicates give a right error, the jackknife does not (Wolter 2007, §4.2.4): for a jackknife, and for
linearised designs, take Woodruff's intervals (`estimation.quantiles`), which work with replicates as well.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.arrays import Floats
from assent_analytics.estimation.columns import columns, domains
from assent_analytics.estimation.estimate import Linearised
from assent_analytics.estimation.quantiles.rules import quantile_rule
from assent_analytics.estimation.replicates.design import ReplicateDesign, ReplicateEstimate


def replicate_quantiles(
    design: ReplicateDesign,
    values: ArrayLike,
    probabilities: Sequence[float],
    within: ArrayLike | None = None,
    *,
    rule: str = "math",
) -> ReplicateEstimate:
    """Quantiles of values (n,) over a domain (n,), by one of R's rules.

    R: `svyquantile(~a, design, p, interval.type = "quantile", qrule)`, whose interval is the estimate's own. Raises CannotEstimate:
    `bad_shape`, `bad_value`, `all_missing`, `replicate_failed`, and `bad_setting` for a probability outside 0 to 1 or an unknown
    rule.
    """
    wanted = np.asarray(probabilities, dtype=float)
    if not ((wanted >= 0.0) & (wanted <= 1.0)).all():
        raise CannotEstimate("bad_setting", "a quantile is asked for by a probability between 0 and 1")
    domain = domains(within, design.rows)[:, 0]
    numbers = columns(values, design.rows)[domain, 0]
    if not np.isfinite(numbers).all():
        raise CannotEstimate("bad_value", "a value within the domain is not a number; leave the row out of the domain instead")

    def statistic(weights: Floats) -> Linearised:
        return Linearised(quantile_rule(rule, numbers, weights[domain], as_chances=False)(wanted))

    return design.estimate(statistic)
