"""How a group differs from everyone else, and whether a set of groups differ at all.

The gap is to the rest, not to the whole, which contains the group. Group and rest are correlated when a cluster or a stratum holds
both, so the gap's variance is that of the difference of their influence values. The omnibus test is Rao and Scott's (1984) with the
second-order correction, referred to F: R's `svychisq(statistic = "F")`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtr, stdtrit

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.arrays import Bools, Floats
from assent_analytics.estimation.columns import domains, one_domain
from assent_analytics.estimation.descriptive.means import mean_statistic
from assent_analytics.estimation.estimate import NOISE, Linearised, Plan, Statistic
from assent_analytics.estimation.hypothesis_tests.tables import association


@dataclass(frozen=True, slots=True)
class Gap:
    """A group's share less that of the rest, -1 to 1; `p` is two-sided, for no difference; the interval is 95 %."""

    difference: float
    standard_error: float
    degrees_of_freedom: int

    @property
    def low(self) -> float:
        """The lower end of the two-sided 95 % interval."""
        return self.lower(0.025)

    @property
    def high(self) -> float:
        """The upper end of the two-sided 95 % interval."""
        return self.upper(0.025)

    @property
    def p(self) -> float:
        """The two-sided p-value of no difference."""
        return 2.0 * min(self.above(0.0), self.below(0.0))

    def lower(self, alpha: float) -> float:
        """The one-sided lower bound at `alpha`."""
        return float(self.difference + self.standard_error * stdtrit(self.degrees_of_freedom, alpha))

    def upper(self, alpha: float) -> float:
        """The one-sided upper bound at `alpha`."""
        return float(self.difference - self.standard_error * stdtrit(self.degrees_of_freedom, alpha))

    def above(self, threshold: float) -> float:
        """The p-value of "the gap is at most `threshold`"."""
        return float(stdtr(self.degrees_of_freedom, (threshold - self.difference) / self.standard_error))

    def below(self, threshold: float) -> float:
        """The p-value of "the gap is at least `threshold`"; `upper(alpha) < threshold` exactly when it is below alpha."""
        return float(stdtr(self.degrees_of_freedom, (self.difference - threshold) / self.standard_error))


@dataclass(frozen=True, slots=True)
class Omnibus:
    """The Rao-Scott test that a share is the same in all groups."""

    f: float
    numerator_df: float
    denominator_df: float
    p: float


def gaps_to_rest(design: Plan, indicator: ArrayLike, groups: ArrayLike, within: ArrayLike | None = None) -> list[Gap | None]:
    """The gap of each group, columns of `groups` (n, k), to the rest of `within` (n,), in the share of `indicator` (n,).

    None where the group or the rest has nobody, or where neither varies (all alike in both: the design shows no error to judge by).
    Raises CannotEstimate `bad_shape` and `bad_value`, as `mean` does.
    """
    members, asked = domains(groups, design.rows), one_domain(within, design.rows) & (design.weights != 0.0)
    inside, outside = members & asked[:, None], ~members & asked[:, None]
    comparable = (design.weights @ inside > 0) & (design.weights @ outside > 0)
    if not comparable.any():
        return [None] * members.shape[1]
    gaps = design.estimate(
        _difference(
            mean_statistic(indicator, inside[:, comparable], design.rows),
            mean_statistic(indicator, outside[:, comparable], design.rows),
        )
    )
    freedom = int(design.domain_degrees_of_freedom(asked[:, None])[0])
    figures = zip(gaps.estimates, gaps.standard_errors, strict=True)
    made = iter([gap_of(float(gap), float(error), freedom=freedom) for gap, error in figures])
    return [next(made) if both else None for both in comparable]


def gap_to_rest(design: Plan, indicator: ArrayLike, group: ArrayLike, within: ArrayLike | None = None) -> Gap | None:
    """The gap of one group (n,) to the rest; None as in `gaps_to_rest`."""
    return gaps_to_rest(design, indicator, group, within)[0]


def gap_of(difference: float, error: float, *, freedom: int) -> Gap | None:
    """A gap from its estimate, standard error and degrees of freedom; None where the design shows no error to judge it by."""
    return Gap(difference, error, max(freedom, 1)) if error > NOISE else None


def _difference(one: Statistic, other: Statistic) -> Statistic:
    """A statistic less another, whose errors partly cancel where they rest on the same people or clusters."""

    def of(weights: Floats) -> Linearised:
        first, second = one(weights), other(weights)
        if first.influence is None or second.influence is None:
            return Linearised(first.estimates - second.estimates)
        influence, taken = first.influence, second.influence
        of_both = None if first.within is None or second.within is None else first.within | second.within
        return Linearised(first.estimates - second.estimates, lambda: influence() - taken(), of_both)

    return of


def omnibus(design: Plan, answer: NDArray[np.int64], group: NDArray[np.int64]) -> Omnibus | None:
    """Whether the answers (n,), codes from 0, are spread alike in all groups (n,), codes from 0; a negative code leaves the row
    out.

    The domain is those who have both codes, so the degrees of freedom are theirs. None where `association` cannot be estimated:
    fewer than two answers or groups, nothing that varies, no degrees of freedom.
    """
    kept: Bools = (answer >= 0) & (group >= 0)
    try:
        found = association(design, answer, group, "F", within=kept)
    except CannotEstimate:
        return None
    return Omnibus(found.statistic, found.numerator_df or 0.0, found.denominator_df or 0.0, found.p)
