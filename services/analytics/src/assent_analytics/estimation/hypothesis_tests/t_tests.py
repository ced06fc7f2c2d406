"""Whether a mean differs from a number, or between two groups, or between two answers of the same people. R: `svyttest`.

The degrees of freedom are the design's less one, as R has it: of the whole domain for one sample, and of those whose group and
value are both known for two. Not here: more than two groups (pairwise), ranks (rank_tests).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtr

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.arrays import Floats
from assent_analytics.estimation.columns import code_column, domain_of, value_column
from assent_analytics.estimation.estimate import NOISE, Plan, t_quantile
from assent_analytics.estimation.hypothesis_tests.cells import compressed, estimated, group_means


@dataclass(frozen=True, slots=True)
class TTest:
    """A difference in the unit of the values, with its two-sided p-value."""

    difference: float
    standard_error: float
    degrees_of_freedom: int

    @property
    def t(self) -> float:
        """The difference in standard errors."""
        return self.difference / self.standard_error

    @property
    def p(self) -> float:
        """Two-sided."""
        return float(2.0 * stdtr(self.degrees_of_freedom, -abs(self.t)))

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """The two-sided t interval of the difference."""
        reach = -t_quantile((1.0 - level) / 2.0, self.degrees_of_freedom) * self.standard_error
        return self.difference - reach, self.difference + reach


def one_sample(plan: Plan, values: ArrayLike, *, against: float = 0.0, within: ArrayLike | None = None) -> TTest:
    """The mean of values (n,) less `against`; a value that is not a number is missing. R: `svyttest(I(y - against) ~ 0, design)`.

    Raises CannotEstimate: `bad_shape`, `bad_value` (infinite), `all_missing`, `no_variation`, `no_degrees_of_freedom`.
    """
    domain, numbers = domain_of(within, plan), value_column(values, plan.rows)
    group = np.where(domain & ~np.isnan(numbers), 0, -1)
    if group.max() < 0:
        raise CannotEstimate("all_missing", "nobody in the domain has a value")
    found = estimated(plan, group_means(numbers, group, 1))
    return _t_test(float(found.estimates[0]) - against, found.standard_errors[0], plan, domain, numbers)


def paired(plan: Plan, first: ArrayLike, second: ArrayLike, *, within: ArrayLike | None = None) -> TTest:
    """The mean of first less second, two values of the same people (n,). R: `svyttest(I(first - second) ~ 0, design)`."""
    return one_sample(plan, value_column(first, plan.rows) - value_column(second, plan.rows), within=within)


def two_groups(plan: Plan, values: ArrayLike, group: ArrayLike, *, within: ArrayLike | None = None) -> TTest:
    """The mean of values (n,) where `group` (n,) has its higher code less that where it has its lower one.

    R: `svyttest(y ~ group, design)`.
    A negative code leaves a row out, as a value that is not a number does. Raises as `one_sample`, and CannotEstimate
    `not_two_groups`.
    """
    domain, numbers = domain_of(within, plan), value_column(values, plan.rows)
    codes = code_column(group, plan.rows, "groups")
    kept = domain & (codes >= 0) & ~np.isnan(numbers)
    numbered, names = compressed(codes, kept)
    if len(names) != 2:
        raise CannotEstimate("not_two_groups", f"{len(names)} groups have people whose value is known")
    found = estimated(plan, group_means(numbers, numbered, 2)).contrast([[-1.0, 1.0]])
    return _t_test(float(found.estimates[0]), found.standard_errors[0], plan, kept, numbers)


def _t_test(difference: float, error: float, plan: Plan, within: np.ndarray, values: Floats) -> TTest:
    freedom = int(plan.domain_degrees_of_freedom(within[:, None])[0]) - 1
    if freedom < 1:
        raise CannotEstimate("no_degrees_of_freedom", "too few primary sampling units for a t-test")
    if not error > NOISE * float(np.abs(values[within & ~np.isnan(values)]).max()):
        raise CannotEstimate("no_variation", "the values do not vary, so there is no error to judge a difference by")
    return TTest(difference, float(error), freedom)
