"""All pairs of groups compared: differences of means with the groups' covariance, an omnibus test first, then corrected p-values.

R: `svyby(~y, ~group, design, svymean, covmat = TRUE)`, `svycontrast`, `p.adjust`, with the degrees of freedom of the whole design.
Groups of one cluster are correlated, so a difference's variance is that of the contrast, not a sum of two. For shares, `values` are
0 and 1. Not here: a group against the rest (contrasts), which groups may be the lowest (rank_sets).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import fdtrc, stdtr

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.domain.multiplicity import Correction, adjusted_p_values
from assent_analytics.estimation.arrays import Floats
from assent_analytics.estimation.columns import code_column, domain_of, value_column
from assent_analytics.estimation.estimate import NOISE, Estimate, Plan
from assent_analytics.estimation.hypothesis_tests.cells import compressed, estimated, group_means, wald_statistic


@dataclass(frozen=True, slots=True)
class Pairwise:
    """The means of groups, and the first of each pair less the second: `pairs` (m, 2) are places in `groups`.

    `omnibus_p` is Wald's test that all groups are alike, referred to F with the denominator's degrees of freedom corrected.
    """

    groups: tuple[int, ...]
    means: Estimate
    pairs: tuple[tuple[int, int], ...]
    differences: Estimate
    omnibus_p: float

    @property
    def t(self) -> Floats:
        """Each difference in standard errors, (m,)."""
        return self.differences.estimates / self.differences.standard_errors

    def p_values(self, correction: Correction = "holm") -> Floats:
        """Two-sided, under a correction, (m,)."""
        plain = 2.0 * stdtr(self.differences.degrees_of_freedom, -np.abs(self.t))
        return np.array(adjusted_p_values(plain.tolist(), correction))

    def differing(self, alpha: float = 0.05, correction: Correction = "holm") -> tuple[tuple[int, int], ...]:
        """The pairs that may be said to differ: none unless the omnibus test rejects, then those whose corrected p-value does."""
        if self.omnibus_p >= alpha:
            return ()
        return tuple(pair for pair, p in zip(self.pairs, self.p_values(correction), strict=True) if p < alpha)


def means_by_group(
    plan: Plan, values: ArrayLike, group: ArrayLike, within: ArrayLike | None = None
) -> tuple[Estimate, tuple[int, ...]]:
    """The means of values (n,), NaN where missing, in each code of `group` (n,), negative where unknown; and the codes, ascending.

    Raises CannotEstimate: `bad_shape`, `bad_value`, `all_missing`, `one_group`.
    """
    numbers, codes = value_column(values, plan.rows), code_column(group, plan.rows, "groups")
    numbered, names = compressed(codes, domain_of(within, plan) & (codes >= 0) & ~np.isnan(numbers))
    if len(names) < 2:
        raise CannotEstimate("one_group", f"{len(names)} groups have people whose value is known")
    groups = tuple(int(name) for name in names)
    return estimated(plan, group_means(numbers, numbered, len(groups)), [str(name) for name in groups]), groups


def pair_differences(means: Estimate) -> tuple[Estimate, tuple[tuple[int, int], ...]]:
    """The first less the second of every pair of estimates (k,), and the pairs."""
    pairs = tuple(combinations(range(len(means.estimates)), 2))
    rows = np.zeros((len(pairs), len(means.estimates)))
    for place, (first, second) in enumerate(pairs):
        rows[place, first], rows[place, second] = 1.0, -1.0
    return means.contrast(rows, _pair_names(means.names, pairs)), pairs


def pairwise(plan: Plan, values: ArrayLike, group: ArrayLike, *, within: ArrayLike | None = None) -> Pairwise:
    """Compare every pair of groups in the mean of values (n,).

    Raises as `means_by_group`, and CannotEstimate `no_variation`, `singular_covariance`, `no_degrees_of_freedom`.
    """
    means, groups = means_by_group(plan, values, group, within)
    differences, pairs = pair_differences(means)
    if not (differences.standard_errors > NOISE * max(float(np.abs(means.estimates).max()), NOISE)).all():
        raise CannotEstimate("no_variation", "two groups show no variance, so there is no error to judge their difference by")
    return Pairwise(groups, means, pairs, differences, omnibus_of_means(means))


def omnibus_of_means(means: Estimate) -> float:
    """The p-value of "all estimates (k,) are alike", by Wald's F with k - 1 and degrees of freedom - k + 2.

    Raises CannotEstimate `no_variation`, `singular_covariance`, `no_degrees_of_freedom`.
    """
    size = len(means.estimates) - 1
    against_first = means.contrast(np.column_stack([-np.ones(size), np.eye(size)]))
    denominator = means.degrees_of_freedom - size + 1
    if denominator < 1:
        raise CannotEstimate("no_degrees_of_freedom", f"{size} contrasts from {means.degrees_of_freedom:g} degrees of freedom")
    statistic = wald_statistic(against_first.estimates, against_first.covariance)
    return float(fdtrc(size, denominator, statistic * denominator / (means.degrees_of_freedom * size)))


def _pair_names(names: Sequence[str], pairs: Sequence[tuple[int, int]]) -> list[str]:
    return [f"{names[first]}-{names[second]}" for first, second in pairs] if names else []
