"""Whether groups differ in where their values lie, by ranks: Wilcoxon and Kruskal-Wallis, van der Waerden, and the median test.

Lumley and Scott (2013, Biometrika 100): each value's weighted mid-rank estimates its place in the population; the scores are
compared as means are, taking the ranking as given. R: `svyranktest`. Not here: differences of medians themselves (quantiles).

Trap: among tied values R averages the running mid-ranks over rows, so that with unequal weights its result depends on the order of
the rows. `ties="as_r"`, the default, equals R on the same order; `ties="weighted"` is the mid-rank of the paper, the same in any
order.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import fdtrc, ndtri, stdtr

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.arrays import Floats
from assent_analytics.estimation.columns import code_column, domain_of, value_column
from assent_analytics.estimation.estimate import NOISE, Estimate, Plan
from assent_analytics.estimation.hypothesis_tests.cells import compressed, estimated, linear, wald_statistic

Scores = Literal["wilcoxon", "vanderWaerden", "median"]
Ties = Literal["as_r", "weighted"]


@dataclass(frozen=True, slots=True)
class RankTest:
    """The mean scores of the later groups less that of the first, (groups - 1,), and the test that all are alike.

    `statistic` is t for two groups, and a chi-square, whose quotient by `numerator_df` is referred to F, for more.
    """

    differences: Floats
    statistic: float
    numerator_df: int
    denominator_df: int
    p: float


def rank_test(
    plan: Plan,
    values: ArrayLike,
    group: ArrayLike,
    scores: Scores = "wilcoxon",
    *,
    within: ArrayLike | None = None,
    ties: Ties = "as_r",
) -> RankTest:
    """Compare values (n,), NaN where missing, between codes (n,), negative where unknown.

    R: `svyranktest(y ~ group, design, test = scores)`.
    Degrees of freedom: those of the people compared, less the number of differences.
    Raises CannotEstimate: `bad_shape`, `bad_value`, `one_group`, `no_variation`, `singular_covariance`, `no_degrees_of_freedom`.
    """
    numbers, codes = value_column(values, plan.rows), code_column(group, plan.rows, "groups")
    kept = domain_of(within, plan) & (codes >= 0) & ~np.isnan(numbers)
    numbered, names = compressed(codes, kept)
    if len(names) < 2:
        raise CannotEstimate("one_group", f"{len(names)} groups have people whose value is known")
    freedom = int(plan.domain_degrees_of_freedom(kept[:, None])[0]) - (len(names) - 1)
    if freedom < 1:
        raise CannotEstimate("no_degrees_of_freedom", f"too few primary sampling units to compare {len(names)} groups")
    weights = plan.weights[kept]
    score = _scores(_places(numbers[kept], weights, ties), float(weights.sum()), scores)
    found = _differences(plan, score, kept, numbered[kept], len(names))
    if len(names) == 2:
        t = float(found.estimates[0] / found.standard_errors[0])
        return RankTest(found.estimates, t, 1, freedom, float(2.0 * stdtr(freedom, -abs(t))))
    statistic = wald_statistic(found.estimates, found.covariance)
    size = len(found.estimates)
    return RankTest(found.estimates, statistic, size, freedom, float(fdtrc(size, freedom, statistic / size)))


def _places(values: Floats, weights: Floats, ties: Ties) -> Floats:
    """How many people of the population lie below each value, half of the row's own among them."""
    order = np.argsort(values, kind="stable")
    running = np.cumsum(weights[order])
    block = np.cumsum(np.concatenate([[0], np.diff(values[order]) != 0])).astype(np.int64)
    if ties == "as_r":
        mean = np.bincount(block, weights=running - weights[order] / 2.0) / np.bincount(block)
    else:
        of_block = np.bincount(block, weights=weights[order])
        mean = np.cumsum(of_block) - of_block / 2.0
    places = np.empty(len(values))
    places[order] = mean[block]
    return places


def _scores(places: Floats, people: float, scores: Scores) -> Floats:
    if scores == "wilcoxon":
        return places / people
    if scores == "vanderWaerden":
        found: Floats = ndtri(places / people)
        return found
    return (places > people / 2.0).astype(float)


def _differences(plan: Plan, score: Floats, kept: np.ndarray, group: np.ndarray, groups: int) -> Estimate:
    """The mean scores of groups 1, 2, … less that of group 0; their errors are those of totals of influence values, the scores
    given.
    """
    weights = plan.weights[kept]
    people = np.bincount(group, weights=weights, minlength=groups)
    means = np.bincount(group, weights=weights * score, minlength=groups) / people
    influence = np.zeros((plan.rows, groups))
    influence[np.flatnonzero(kept), group] = (score - means[group]) / people[group]
    found = estimated(plan, linear(influence[:, 1:] - influence[:, :1], kept))
    if not (found.standard_errors > NOISE).all():
        raise CannotEstimate("no_variation", "the scores do not vary within the groups")
    return Estimate(means[1:] - means[0], found.covariance, found.degrees_of_freedom)
