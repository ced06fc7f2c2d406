"""How much a design costs: the variance of a mean or total over that of a simple random sample of the same size.

`replace=False` compares with a simple random sample drawn without replacement from a population as large as the weights say, as R's
`deff = TRUE` does even for designs without a correction of their own; `replace=True` with one drawn with replacement (`deff =
"replace"`).
"""

import numpy as np
from numpy.typing import ArrayLike

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.arrays import Floats
from assent_analytics.estimation.columns import alike
from assent_analytics.estimation.descriptive.means import mean
from assent_analytics.estimation.descriptive.totals import total
from assent_analytics.estimation.estimate import Plan


def simple_variances(weights: Floats, values: ArrayLike, within: ArrayLike | None = None, *, replace: bool = False) -> Floats:
    """The variance that the mean of each column (n, k) would have in a simple random sample, (k,).

    Raises CannotEstimate `all_missing` for a domain of fewer than two people, and `not_expanded` where the weights of a domain do
    not sum to more than its people: then they do not tell a population, and only `replace=True` has a meaning.
    """
    inside, kept = alike(values, within, len(weights))
    people = (kept & (weights != 0)[:, None]).sum(axis=0)
    if (people < 2).any():
        raise CannotEstimate("all_missing", "a design effect needs at least two people in each domain")
    population = weights @ kept
    averages = (weights @ inside) / population
    spread = (weights @ (np.where(kept, inside - averages, 0.0) ** 2)) / population * people / (people - 1)
    with_replacement: Floats = spread / people
    if replace:
        return with_replacement
    if (population <= people).any():
        raise CannotEstimate("not_expanded", "the weights sum to no more than the people: use replace=True")
    without: Floats = with_replacement * (population - people) / population
    return without


def mean_effects(plan: Plan, values: ArrayLike, within: ArrayLike | None = None, *, replace: bool = False) -> Floats:
    """The design effect of each mean, (k,). R: `deff(svymean(~a, design, deff = TRUE))`.

    Raises CannotEstimate as `simple_variances`, and `constant_column` for a column whose values are all the same.
    """
    variances = np.diag(mean(plan, values, within).covariance)
    return _over(variances, simple_variances(plan.weights, values, within, replace=replace))


def total_effects(plan: Plan, values: ArrayLike, within: ArrayLike | None = None, *, replace: bool = False) -> Floats:
    """The design effect of each total, (k,). R: `deff(svytotal(~a, design, deff = TRUE))`. Raises as `mean_effects`."""
    variances = np.diag(total(plan, values, within).covariance)
    _, kept = alike(values, within, plan.rows)
    return _over(variances, simple_variances(plan.weights, values, within, replace=replace) * (plan.weights @ kept) ** 2)


def _over(variances: Floats, simple: Floats) -> Floats:
    if (simple <= 0.0).any():
        raise CannotEstimate("constant_column", f"{int((simple <= 0.0).sum())} of {len(simple)} columns have one value only")
    return variances / simple
