"""Which groups may be the lowest: a confidence set, because the group that came out lowest is often not the one that is.

Mogstad, Romano, Shaikh and Wilhelm (2024, Review of Economic Studies 91, §3): test of every ordered pair of groups whether the
first is above the second, under control of any false claim among them. A group that is shown to be above no other may be the
lowest. So, together with probability `level`, every group that truly is lowest is in the set, ties among them too, and every
group's true rank is in its interval. Each test is a t-test with the groups' covariance, and Holm's correction holds however the
tests depend on each other; the largest studentised difference would give somewhat smaller sets, but covers too little where
variances rest on few clusters.

It rests on means being nearly normal: leave out groups of a few people. Not here: an arg-min, for the reason above.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.domain.multiplicity import holm
from assent_analytics.estimation.arrays import Floats
from assent_analytics.estimation.estimate import NOISE, Estimate


@dataclass(frozen=True, slots=True)
class RankSet:
    """Places, in the order of the estimates, of the groups that may be the lowest; and each group's ranks (k, 2), 1 for the lowest.

    `without_variance` are groups of whom all answered alike. That is no proof that they are where they seem to be: they are in the
    set, and exclude nobody from it.
    """

    may_be_lowest: tuple[int, ...]
    ranks: NDArray[np.int64]
    without_variance: tuple[int, ...]
    level: float


def rank_set(means: Estimate, *, level: float = 0.95) -> RankSet:
    """The set for estimates of groups (k,) with their covariance, as `means_by_group` gives them.

    Raises CannotEstimate: `one_group`; `bad_setting` for a level that is not between 0 and 1; `no_degrees_of_freedom`;
    `no_variation` when fewer than two groups show any variance.
    """
    size = len(means.estimates)
    if size < 2:
        raise CannotEstimate("one_group", "one group has no rank")
    if not 0.0 < level < 1.0:
        raise CannotEstimate("bad_setting", f"a level lies between 0 and 1: {level!r}")
    if means.degrees_of_freedom < 1:
        raise CannotEstimate("no_degrees_of_freedom", "the design has no degrees of freedom")
    varying = means.standard_errors > NOISE * max(float(np.abs(means.estimates).max()), 1.0)
    if varying.sum() < 2:
        raise CannotEstimate("no_variation", f"{int(varying.sum())} of {size} groups show any variance")
    above = _shown_to_be_above(means, varying, alpha=1.0 - level)
    lowest_rank = 1 + above.sum(axis=1)
    highest_rank = size - above.sum(axis=0)
    return RankSet(
        may_be_lowest=tuple(np.flatnonzero(lowest_rank == 1).tolist()),
        ranks=np.column_stack([lowest_rank, highest_rank]),
        without_variance=tuple(np.flatnonzero(~varying).tolist()),
        level=level,
    )


def _shown_to_be_above(means: Estimate, varying: NDArray[np.bool_], *, alpha: float) -> NDArray[np.bool_]:
    """Whether the first of each ordered pair is above the second, (k, k), with at most `alpha` chance of any false claim."""
    size = len(means.estimates)
    t = (means.estimates[:, None] - means.estimates[None, :]) / _errors_of_differences(means.covariance, varying)
    ordered = ~np.eye(size, dtype=bool)
    above = np.zeros((size, size), dtype=bool)
    above[ordered] = np.array(holm(stdtr(means.degrees_of_freedom, -t[ordered]).tolist())) < alpha
    return above


def _errors_of_differences(covariance: Floats, varying: NDArray[np.bool_]) -> Floats:
    """The standard error of every difference (k, k); infinite where it cannot be judged, so that nothing follows from it."""
    variances = np.diag(covariance)
    squares = variances[:, None] + variances[None, :] - 2.0 * covariance
    smallest = 1e-12 * np.maximum(variances[:, None], variances[None, :])  # two names of one group differ by rounding only
    judged = varying[:, None] & varying[None, :] & (squares > smallest)
    return np.sqrt(np.where(judged, squares, np.inf))
