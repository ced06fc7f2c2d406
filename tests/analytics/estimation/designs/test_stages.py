"""Designs of several stages, populations and single units: what R gives for made samples, what is refused, and laws between designs."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.descriptive.means import mean, means
from assent_analytics.estimation.descriptive.totals import total
from assent_analytics.estimation.designs.design import Design, Stage
from assent_analytics.estimation.designs.joint_probabilities import JointProbabilities

VALUES = np.array([5.0, 7.0, 4.0, 9.0, 2.0, 6.0, 8.0, 3.0])
CLUSTERS = np.array([1, 1, 1, 2, 2, 3, 3, 3])
HALVES = np.array([1, 1, 2, 1, 2, 1, 2, 2])
THREE_STAGES = (2600.0, 544.31608464200281)


def test_three_stages_with_strata_of_their_own() -> None:
    """R: d <- data.frame(y, a, t, b = c(1,2,3,1,1,1,1,2), M = 10, N2 = 4, N3 = 6); options(survey.lonely.psu = "adjust")
    svytotal(~y, svydesign(id = ~a+b+c, strata = ~one+t, fpc = ~M+N2+N3, data = d, nest = TRUE)), with one = 1 and c = 1:8."""
    plan = Design(
        clusters=CLUSTERS,
        population=np.full(8, 10.0),
        later=[
            Stage(clusters=[1, 2, 3, 1, 1, 1, 1, 2], strata=HALVES, population=np.full(8, 4.0)),
            Stage(population=np.full(8, 6.0)),
        ],
    )
    found = total(plan, VALUES)
    np.testing.assert_allclose([found.estimates[0], found.standard_errors[0]], THREE_STAGES, rtol=1e-12)


def test_weights_follow_from_counts_and_from_fractions_alike() -> None:
    counts = Design(strata=HALVES, population=np.where(HALVES == 1, 20.0, 8.0))
    fractions = Design(strata=HALVES, population=np.where(HALVES == 1, 4 / 20, 4 / 8))
    np.testing.assert_allclose(counts.weights, np.where(HALVES == 1, 5.0, 2.0))
    np.testing.assert_allclose(fractions.weights, counts.weights)
    np.testing.assert_allclose(mean(fractions, VALUES).covariance, mean(counts, VALUES).covariance, rtol=1e-12)


def test_a_population_without_bound_is_sampling_with_replacement() -> None:
    endless = Design(np.ones(8), strata=HALVES, population=np.full(8, np.inf))
    np.testing.assert_allclose(mean(endless, VALUES).covariance, mean(Design(np.ones(8), strata=HALVES), VALUES).covariance)
    assert endless.describe()["variance"] == Design(np.ones(8)).describe()["variance"]


def test_a_census_has_no_error() -> None:
    assert mean(Design(population=np.full(8, 8.0)), VALUES).standard_errors[0] == 0.0


def test_a_stratum_that_is_certain_is_not_lonely() -> None:
    strata = np.array([1, 2, 2, 2, 2, 2, 2, 2])
    plan = Design(strata=strata, population=np.where(strata == 1, 1.0, 30.0), lonely="fail")
    without = Design(population=np.full(7, 30.0))
    np.testing.assert_allclose(total(plan, VALUES).covariance, total(without, VALUES[1:]).covariance, rtol=1e-12)


def test_a_stage_drawn_with_replacement_ends_the_sum() -> None:
    later = [Stage(clusters=HALVES, population=np.full(8, 9.0))]
    open_first = Design(np.ones(8), clusters=CLUSTERS, later=later)
    assert len(open_first.contributing) == 1
    np.testing.assert_allclose(mean(open_first, VALUES).covariance, mean(Design(np.ones(8), clusters=CLUSTERS), VALUES).covariance)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"population": np.full(8, 5.0)}, "bad_population"),  # fewer than were drawn
        ({"population": np.arange(10.0, 18.0)}, "bad_population"),  # not the same throughout the stratum
        ({"population": np.array([0.5] * 4 + [20.0] * 4)}, "bad_population"),  # fractions and counts
        ({"population": np.array([np.nan] + [20.0] * 7)}, "bad_population"),
        ({"population": np.full(8, -2.0)}, "bad_population"),
        ({"population": np.full(8, 20.0), "unequal": True}, "bad_population"),
        ({"clusters": CLUSTERS, "population": np.arange(10.0, 18.0), "unequal": True}, "bad_population"),
        ({"population": np.full(7, 20.0), "weights": np.ones(8)}, "bad_shape"),
        ({"weights": np.ones(8), "clusters": CLUSTERS, "strata": HALVES, "nest": False}, "not_nested"),
        ({}, "no_weights"),
        ({"clusters": CLUSTERS, "population": np.full(8, 9.0), "later": [Stage()]}, "no_weights"),
        ({"population": np.full(8, 9.0), "later": [Stage(population=np.full(8, 9.0))]}, "bad_shape"),
        (
            {
                "clusters": CLUSTERS,
                "population": np.full(8, 9.0),
                "later": [Stage(strata=HALVES, population=np.full(8, 9.0))],
                "lonely": "fail",
            },
            "lonely_psu",
        ),
    ],
)
def test_designs_that_cannot_be_say_why(arguments: dict[str, Any], code: str) -> None:
    with pytest.raises(CannotEstimate) as refused:
        Design(**arguments)
    assert refused.value.code == code


def test_strata_are_averaged_over_those_that_have_anybody_of_the_domain_whatever_they_answered() -> None:
    """R, with survey.lonely.psu = "average": SE(svytotal(~g, d)), SE(svytotal(~g, subset(d, a == 1))), the same of svymean(~y)."""
    strata, clusters = [1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 4, 4, 4], [1, 1, 2, 2, 1, 1, 2, 3, 1, 1, 1, 2, 3]
    plan = Design([2, 3, 1, 2, 4, 1, 2, 2, 3, 2, 1, 2, 2], strata=strata, clusters=clusters, lonely="average")
    of_nobody_in_stratum_two = np.array([1, 0, 1, 1, 0, 0, 0, 0, 1, 1, 1, 0, 1])
    within = np.array([1, 1, 0, 1, 0, 0, 0, 0, 1, 0, 1, 1, 1], dtype=bool)
    found = [
        total(plan, of_nobody_in_stratum_two),
        total(plan, of_nobody_in_stratum_two, within),
        mean(plan, [3, 5, 2, 6, 4, 4, 7, 1, 3, 5, 6, 2, 8], within),
    ]
    assert [float(one.standard_errors[0]) for one in found] == pytest.approx([2.3094010767585, 2.12132034355964, 0.928957998492377])


def test_nothing_to_average_where_every_stratum_is_single() -> None:
    plan = Design(np.ones(3), strata=[1, 2, 3], lonely="average")
    with pytest.raises(CannotEstimate, match="lonely_psu"):
        mean(plan, [1.0, 2.0, 4.0])


def test_a_domain_with_one_unit_of_a_stratum_counts_as_single_when_asked() -> None:
    """By hand: the domain is rows 0, 1 and 3 of two strata of two; row 3 stands alone for the second."""
    values, strata, inside = np.array([1.0, 3.0, 0.0, 8.0]), np.array([1, 1, 2, 2]), np.array([True, True, False, True])
    kept, lonely = (Design(np.ones(4), strata=strata, lonely_domains=flag) for flag in (False, True))
    influence = np.array([1.0 - 4.0, 3.0 - 4.0, 0.0, 8.0 - 4.0]) / 3.0
    first = 2.0 * ((influence[0] - influence[1]) / 2.0) ** 2 * 2.0
    np.testing.assert_allclose(mean(kept, values, inside).covariance, first + influence[3] ** 2)
    np.testing.assert_allclose(mean(lonely, values, inside).covariance, first + 2.0 * influence[3] ** 2)


def test_an_adjustment_is_applied_to_every_error_and_reweighting_keeps_the_stages() -> None:
    class Halved:
        def residual(self, influence: np.ndarray) -> np.ndarray:
            return influence / 2.0

    plan = Design(np.ones(8), clusters=CLUSTERS)
    fitted = plan.reweighted(np.full(8, 3.0), Halved())
    np.testing.assert_allclose(total(fitted, VALUES).covariance, total(plan, VALUES).covariance * (3.0 / 2.0) ** 2)
    np.testing.assert_allclose(plan.weights, 1.0)
    assert fitted.degrees_of_freedom == plan.degrees_of_freedom
    with pytest.raises(CannotEstimate, match="bad_shape"):
        plan.reweighted(np.ones(7))


def test_joint_probabilities_of_a_simple_random_sample_give_its_variance() -> None:
    drawn, people = 8, 20
    joint = np.full((drawn, drawn), drawn * (drawn - 1) / (people * (people - 1)))
    np.fill_diagonal(joint, drawn / people)
    simple = Design(population=np.full(drawn, float(people)))
    grundy = JointProbabilities(joint, variance="yates_grundy", negligible=0.0)
    np.testing.assert_allclose(total(grundy, VALUES).covariance, total(simple, VALUES).covariance, rtol=1e-12)
    exact = JointProbabilities(joint, negligible=0.0)
    np.testing.assert_allclose(total(exact, np.ones(drawn)).covariance, 0.0, atol=1e-10)
    assert exact.degrees_of_freedom == drawn - 1


@pytest.mark.parametrize(
    ("joint", "code"),
    [
        (np.ones((2, 3)), "bad_shape"),
        (np.ones((0, 0)), "no_rows"),
        (np.array([[0.5, 0.0], [0.0, 0.5]]), "bad_population"),
        (np.array([[0.5, 0.2], [0.3, 0.5]]), "bad_population"),
    ],
)
def test_joint_probabilities_that_cannot_be_are_refused(joint: np.ndarray, code: str) -> None:
    with pytest.raises(CannotEstimate) as refused:
        JointProbabilities(joint)
    assert refused.value.code == code


@given(st.integers(0, 10_000), st.sampled_from([1, 2, 3]))
def test_labels_and_order_do_not_matter_at_any_stage(seed: int, stages: int) -> None:
    chance = np.random.default_rng(seed)
    rows = 60
    outer, inner, strata = chance.integers(0, 5, rows), chance.integers(0, 3, rows), np.arange(rows) % 2
    values, order = chance.normal(size=rows), chance.permutation(rows)

    def variance(place: Any, name: Any) -> float:
        later = [
            Stage(clusters=name(inner)[place], population=np.full(rows, 8.0)),
            Stage(population=np.full(rows, 90.0)),
        ][: stages - 1]
        weights = np.linspace(1.0, 3.0, rows)[place]
        plan = Design(weights, strata=name(strata)[place], clusters=name(outer)[place], population=np.full(rows, 12.0), later=later)
        return float(plan.variances(means(plan, values[place]).influence)[0])

    names = np.array(["north", "east", "west", "south", "middle"])
    expected = variance(np.arange(rows), lambda code: code)
    assert variance(order, lambda code: names[code]) == pytest.approx(expected, rel=1e-9)
