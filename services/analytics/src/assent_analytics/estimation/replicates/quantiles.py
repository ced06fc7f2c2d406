"""Quantiles whose error is the spread of the replicates themselves: R's `svyquantile(interval.type = "quantile")`.

Balanced and bootstrap replicates give a right error, the jackknife does not (Wolter 2007, §4.2.4): for a jackknife, and for
linearised designs, take Woodruff's intervals (`quantiles.woodruff`), which work with replicates as well.
"""

from collections.abc import Sequence

from numpy.typing import ArrayLike

from assent_analytics.estimation.arrays import Floats
from assent_analytics.estimation.estimate import Linearised
from assent_analytics.estimation.quantiles.asked import asked
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
    numbers, domain, wanted = asked(values, probabilities, within, design.rows)

    def statistic(weights: Floats) -> Linearised:
        return Linearised(quantile_rule(rule, numbers[domain], weights[domain], as_chances=False)(wanted))

    return design.estimate(statistic)
