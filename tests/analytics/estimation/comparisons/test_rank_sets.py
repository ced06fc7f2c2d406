"""Which groups may be the lowest: how often the set is right, and what it does with little evidence."""

import numpy as np
import pytest

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.comparisons.pairwise import means_by_group
from assent_analytics.estimation.comparisons.rank_sets import rank_set
from assent_analytics.estimation.designs.design import Design
from assent_analytics.estimation.estimate import Estimate
from assent_analytics.estimation.replicates.jackknife import jackknife


def _survey(chance: np.random.Generator, truth: np.ndarray, clusters: int) -> Estimate:
    """Some 2,000 people in clusters that lean together, with unequal weights: each group's share of support."""
    rows = 2_000
    cluster, group = chance.integers(0, clusters, rows), chance.integers(0, len(truth), rows)
    leaning = chance.normal(0.0, 0.06, clusters)[cluster]
    supports = chance.random(rows) < np.clip(truth[group] + leaning, 0.0, 1.0)
    return means_by_group(Design(chance.uniform(1.0, 3.0, rows), clusters=cluster), supports, group)[0]


def test_every_group_that_is_lowest_is_in_the_set_as_often_as_stated() -> None:
    """17 groups that all stand at 55 %: every one of them must be in the set, in 95 % of samples; 400 samples tell that to about 2 %."""
    chance = np.random.default_rng(5)
    found = [rank_set(_survey(chance, np.full(17, 0.55), 80)) for _ in range(400)]
    assert 0.93 <= np.mean([len(one.may_be_lowest) == 17 for one in found]) <= 0.98


def test_a_group_that_is_lowest_is_found_and_the_others_are_left_out() -> None:
    chance = np.random.default_rng(6)
    truth = np.array([0.75, 0.35, 0.70, 0.38, 0.80])
    found = [rank_set(_survey(chance, truth, 100)) for _ in range(100)]
    assert np.mean([1 in one.may_be_lowest for one in found]) >= 0.96
    assert np.mean([set(one.may_be_lowest) <= {1, 3} for one in found]) >= 0.95
    assert np.mean([3 in one.may_be_lowest for one in found]) >= 0.5  # three points apart is too near to tell
    rank = 1 + truth.argsort().argsort()
    assert np.mean([((one.ranks[:, 0] <= rank) & (rank <= one.ranks[:, 1])).all() for one in found]) >= 0.93


def test_intervals_of_ranks_by_hand() -> None:
    """Ranks are certain where groups lie far apart against their errors; a group of which little is known may have any."""
    certain = rank_set(Estimate(np.array([3.0, 1.0, 2.0]), np.eye(3) * 1e-4, 50))
    assert certain.may_be_lowest == (1,)
    assert certain.ranks.tolist() == [[3, 3], [1, 1], [2, 2]]
    vague = rank_set(Estimate(np.array([3.0, 1.0, 2.0]), np.diag([1e-4, 1e-4, 9.0]), 50))
    assert vague.may_be_lowest == (1, 2)
    assert vague.ranks.tolist() == [[2, 3], [1, 2], [1, 3]]


def test_two_groups_are_a_two_sided_t_test() -> None:
    """Student's t with 20 degrees of freedom at 95 % is 2.086; of 15 pairs of six groups each is tested at 5 % / 15, which is 3.33."""
    for groups, critical in ((2, 2.086), (6, 3.331)):
        for difference, apart in ((1.001 * critical, True), (0.999 * critical, False)):
            means = np.append(np.full(groups - 1, -difference / 2), difference / 2)
            covariance = np.diag([*[1e-9] * (groups - 1), 1.0])
            found = rank_set(Estimate(means, covariance, 20))
            assert (groups - 1 not in found.may_be_lowest) == apart


def test_covariance_counts() -> None:
    """Groups of the same clusters move together, so that a smaller difference tells them apart."""
    means = np.array([0.50, 0.56])
    apart = Estimate(means, np.array([[4.0, 0.0], [0.0, 4.0]]) * 1e-4, 60)
    together = Estimate(means, np.array([[4.0, 3.0], [3.0, 4.0]]) * 1e-4, 60)
    assert rank_set(together).may_be_lowest == (0,)
    assert rank_set(apart).ranks.tolist() != rank_set(Estimate(means, np.eye(2) * 9e-4, 60)).ranks.tolist()


def test_a_group_without_variance_is_never_excluded_and_excludes_nobody() -> None:
    """Twelve people who all refuse are no proof of a share of nought."""
    found = rank_set(Estimate(np.array([0.6, 0.0, 0.3]), np.diag([1e-4, 0.0, 1e-4]), 80))
    assert found.without_variance == (1,)
    assert found.may_be_lowest == (1, 2)
    assert found.ranks.tolist() == [[2, 3], [1, 3], [1, 2]]


def test_order_names_and_unit_do_not_matter() -> None:
    chance = np.random.default_rng(8)
    means = _survey(chance, np.array([0.5, 0.52, 0.6, 0.3]), 50)
    found, order = rank_set(means), [2, 0, 3, 1]
    turned = rank_set(Estimate(means.estimates[order], means.covariance[np.ix_(order, order)], means.degrees_of_freedom))
    assert {order[place] for place in turned.may_be_lowest} == set(found.may_be_lowest)
    scaled = rank_set(Estimate(100 * means.estimates, 1e4 * means.covariance, means.degrees_of_freedom))
    assert scaled.ranks.tolist() == found.ranks.tolist()


def test_replicate_weights_give_a_set_too() -> None:
    chance = np.random.default_rng(9)
    group, values = chance.integers(0, 3, 600), chance.random(600)
    plan = jackknife(Design(np.ones(600), clusters=chance.integers(0, 40, 600)))
    means, _ = means_by_group(plan, values - (group == 2), group)
    assert rank_set(means).may_be_lowest == (2,)


@pytest.mark.parametrize(
    ("means", "level", "code"),
    [
        (Estimate(np.zeros(1), np.eye(1), 9), 0.95, "one_group"),
        (Estimate(np.zeros(2), np.eye(2), 9), 1.0, "bad_setting"),
        (Estimate(np.zeros(2), np.eye(2), 0), 0.95, "no_degrees_of_freedom"),
        (Estimate(np.ones(2), np.diag([1.0, 0.0]), 9), 0.95, "no_variation"),
    ],
)
def test_what_has_no_ranks_says_why(means: Estimate, level: float, code: str) -> None:
    with pytest.raises(CannotEstimate) as refused:
        rank_set(means, level=level)
    assert refused.value.code == code
