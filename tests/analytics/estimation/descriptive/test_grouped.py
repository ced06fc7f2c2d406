"""The way through sums of cells gives what the general way gives, for every kind of design and with nobody in some group."""

from typing import Any

import numpy as np
import pytest

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.descriptive.grouped import GroupedMeans, Grouping, grouped_means
from assent_analytics.estimation.descriptive.means import means
from assent_analytics.estimation.designs.design import Design, Stage

ROWS = 600
chance = np.random.default_rng(11)
WEIGHTS = np.where(chance.random(ROWS) < 0.05, 0.0, chance.uniform(0.5, 4.0, ROWS))
STRATA = np.arange(ROWS) % 7
LONELY = np.where(np.arange(ROWS) == 5, 99, STRATA)
CLUSTERS = chance.integers(0, 12, ROWS)
ANSWERS = chance.integers(-1, 5, ROWS)
VALUES = np.where(ANSWERS < 0, np.nan, ANSWERS)
GROUPS = chance.integers(-1, 4, ROWS)


class Halved:
    """An adjustment that leaves half of every error."""

    def residual(self, influence: np.ndarray) -> np.ndarray:
        return influence / 2.0


DESIGNS: dict[str, dict[str, Any]] = {
    "weights": {},
    "strata": {"strata": STRATA},
    "population": {"strata": STRATA, "population": np.full(ROWS, 200.0)},
    "certain": {"strata": STRATA, "population": np.where(STRATA == 2, np.bincount(STRATA)[2], 300.0)},
    "lonely row": {"strata": LONELY},
    "lonely row removed": {"strata": LONELY, "lonely": "remove"},
    "lonely row averaged": {"strata": LONELY, "lonely": "average"},
    "clusters": {"clusters": CLUSTERS},
    "clusters in strata": {"strata": STRATA, "clusters": CLUSTERS},
    "lonely cluster": {"strata": LONELY, "clusters": CLUSTERS},
    "lonely cluster averaged": {"strata": LONELY, "clusters": CLUSTERS, "lonely": "average"},
    "lonely domains": {"strata": STRATA, "clusters": CLUSTERS, "lonely_domains": True},
    "stages": {"clusters": CLUSTERS, "population": np.full(ROWS, 40.0), "later": [Stage(population=np.full(ROWS, 500.0))]},
    "adjusted": {"strata": STRATA, "adjustments": [Halved()]},
    "unequal": {"population": np.linspace(0.1, 0.6, ROWS), "unequal": True},
}


def general(plan: Design, columns: np.ndarray, known: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    members = np.column_stack([(group == GROUPS) & known for group in range(4)])
    width = columns.shape[1]
    found = means(plan, np.tile(columns, (1, 4)), np.repeat(members, width, axis=1))
    return found.estimates, plan.covariance(found.influence)


def same(found: GroupedMeans, estimates: np.ndarray, covariance: np.ndarray) -> None:
    size = len(estimates)
    np.testing.assert_allclose(found.estimates.ravel(), estimates, rtol=1e-12)
    np.testing.assert_allclose(found.covariance.reshape(size, size), covariance, rtol=1e-12, atol=1e-13 * covariance.max())
    np.testing.assert_allclose(found.standard_errors.ravel(), np.sqrt(np.diag(covariance)), rtol=1e-12)


@pytest.mark.parametrize("name", DESIGNS)
def test_the_same_figures_as_by_influence_values(name: str) -> None:
    plan = Design(WEIGHTS, **DESIGNS[name])
    grouping = Grouping(plan, GROUPS)
    known = ~np.isnan(VALUES)
    by_mean, by_share = grouping.means(VALUES), grouping.shares(ANSWERS, 5)
    same(by_mean, *general(plan, np.nan_to_num(VALUES)[:, None], known))
    same(by_share, *general(plan, (ANSWERS[:, None] == np.arange(5)).astype(float), known))
    members = np.column_stack([(group == GROUPS) & known for group in range(4)])
    for found in (by_mean, by_share):
        np.testing.assert_array_equal(found.bases, (members & (WEIGHTS > 0)[:, None]).sum(axis=0))
        np.testing.assert_array_equal(found.degrees_of_freedom, plan.domain_degrees_of_freedom(members))


@pytest.mark.parametrize("name", ["weights", "clusters in strata", "stages"])
def test_a_group_of_nobody_has_no_figures_and_harms_no_other(name: str) -> None:
    plan = Design(WEIGHTS, **DESIGNS[name])
    gone = np.where(GROUPS == 2, np.nan, VALUES)
    found, whole = grouped_means(plan, [gone, VALUES], GROUPS)
    shares = Grouping(plan, GROUPS, groups=5).shares(np.where(GROUPS == 2, -1, ANSWERS), 5)
    assert found.bases[2] == shares.bases[2] == shares.bases[4] == 0
    assert np.isnan(found.estimates[2])
    assert np.isnan(shares.estimates[[2, 4]]).all()
    assert found.covariance[2].max() == 0.0
    np.testing.assert_allclose(found.estimates[[0, 1, 3]], whole.estimates[[0, 1, 3]], rtol=1e-12)
    np.testing.assert_allclose(found.standard_errors[[0, 1, 3]], whole.standard_errors[[0, 1, 3]], rtol=1e-12)
    assert np.isfinite(shares.estimates[[0, 1, 3]]).all()


def test_columns_of_other_lengths_are_refused() -> None:
    plan = Design(WEIGHTS)
    with pytest.raises(CannotEstimate, match="bad_shape"):
        Grouping(plan, GROUPS[1:])
    with pytest.raises(CannotEstimate, match="bad_shape"):
        Grouping(plan, GROUPS).means(VALUES[1:])
    with pytest.raises(CannotEstimate, match="bad_shape"):
        Grouping(plan, GROUPS).shares(ANSWERS[1:], 5)
