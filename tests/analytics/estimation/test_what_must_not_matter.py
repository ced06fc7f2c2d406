"""What no estimate may depend on: the unit of weights, the order of rows, names of strata, clusters and groups, rows outside the
domain, a population without bound; and what a row twice is: a row of twice the weight.

One collection of figures of the whole engine, so that a further estimator is a line here.
"""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assent_analytics.estimation.comparisons.contrasts import gaps_to_rest
from assent_analytics.estimation.comparisons.pairwise import pairwise
from assent_analytics.estimation.consensus.display import consensus_by_group
from assent_analytics.estimation.descriptive.means import mean
from assent_analytics.estimation.descriptive.totals import ratio, total
from assent_analytics.estimation.designs.design import Design
from assent_analytics.estimation.hypothesis_tests.rank_tests import rank_test
from assent_analytics.estimation.hypothesis_tests.t_tests import two_groups
from assent_analytics.estimation.hypothesis_tests.tables import association
from assent_analytics.estimation.models.design_matrix import design_matrix
from assent_analytics.estimation.models.factors import Factor
from assent_analytics.estimation.models.families import LOGIT
from assent_analytics.estimation.models.generalised_linear import generalised_linear
from assent_analytics.estimation.models.ordinal import ordinal
from assent_analytics.estimation.quantiles.woodruff import quantiles
from assent_analytics.estimation.shares.proportion_intervals import proportions
from assent_analytics.estimation.weighting.auxiliaries import auxiliaries_of
from assent_analytics.estimation.weighting.calibration import calibrate
from assent_analytics.estimation.weighting.margins import margin
from assent_analytics.estimation.weighting.raking import rake

Data = dict[str, np.ndarray]
SEEDS = st.integers(0, 10_000)


def made(seed: int, rows: int = 96) -> Data:
    """Three strata of four clusters, answers of all kinds, and who is in the domain."""
    chance, place = np.random.default_rng(seed), np.arange(rows)
    y = chance.normal(50.0, 9.0, rows)
    return {
        "weight": chance.uniform(1.5, 5.0, rows), "stratum": place % 3, "cluster": (place // 3) % 4, "y": y,
        "x": chance.uniform(1.0, 9.0, rows), "group": chance.permutation(place % 3), "sex": chance.permutation(place % 2),
        "answer": np.digitize(y + chance.normal(0, 9, rows), [40, 47, 53, 60]), "yes": chance.permutation(place % 5 < 2).astype(float),
        "within": np.ones(rows, dtype=bool),
    }  # fmt: skip


def design(of: Data, **more: Any) -> Design:
    return Design(of["weight"], strata=of["stratum"], clusters=of["cluster"], **more)


def points(of: Data, plan: Design) -> np.ndarray:
    """Estimates without their errors."""
    within, group = of["within"], np.where(of["within"], of["group"], -1)
    matrix = design_matrix(["x", "sex"], {"x": of["x"], "sex": of["sex"].astype(float)})
    levels = Factor(of["answer"], tuple("abcde"))
    found = [one for one in consensus_by_group(plan, np.where(within, of["answer"], -1), 5) if one]
    return np.concatenate(
        [
            mean(plan, of["y"], within).estimates,
            ratio(plan, of["y"], of["x"], within).estimates,
            proportions(plan, of["yes"], within).estimates,
            quantiles(plan, of["y"], [0.25, 0.5, 0.75], within).estimates,
            pairwise(plan, of["y"], group).means.estimates,
            generalised_linear(plan, of["yes"], matrix, LOGIT, within=within).coefficients.estimates,
            ordinal(plan, levels, matrix, within=within).coefficients.estimates,
            [figure for one in found for figure in (one.agreement, one.net_agreement, one.polarization)],
        ]
    )


def errors(of: Data, plan: Design) -> np.ndarray:
    """Errors, intervals and tests."""
    within, group, answer = of["within"], np.where(of["within"], of["group"], -1), of["answer"]
    matrix = design_matrix(["x", "sex"], {"x": of["x"], "sex": of["sex"].astype(float)})
    by_two = two_groups(plan, of["y"], of["sex"], within=within)
    ranks = rank_test(plan, of["y"], group, ties="weighted")
    tests = [association(plan, group, of["sex"], test, within=within) for test in ("F", "Chisq", "Wald")]  # type: ignore[arg-type]
    gaps = gaps_to_rest(plan, of["yes"], (of["group"] == 1)[:, None], within)
    return np.concatenate(
        [
            mean(plan, of["y"], within).standard_errors,
            ratio(plan, of["y"], of["x"], within).standard_errors,
            proportions(plan, of["yes"], within).intervals.ravel(),
            quantiles(plan, of["y"], [0.5], within).intervals.ravel(),
            pairwise(plan, of["y"], group).differences.standard_errors,
            [by_two.t, by_two.p, ranks.statistic, ranks.p, *(part for one in tests for part in (one.statistic, one.p))],
            [part for one in gaps if one for part in (one.difference, one.standard_error)],
            generalised_linear(plan, of["yes"], matrix, LOGIT, within=within).coefficients.standard_errors,
            ordinal(plan, Factor(answer, tuple("abcde")), matrix, within=within).coefficients.standard_errors,
        ]
    )


def same(found: np.ndarray, expected: np.ndarray) -> None:
    assert np.isfinite(expected).all()
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-8)


@settings(max_examples=15)
@given(SEEDS, st.sampled_from([0.01, 3.0, 1000.0]))
def test_the_unit_of_the_weights(seed: int, scale: float) -> None:
    of = made(seed)
    other = of | {"weight": of["weight"] * scale}
    for figures in (points, errors):
        same(figures(other, design(other)), figures(of, design(of)))


@settings(max_examples=15)
@given(SEEDS)
def test_the_order_of_the_rows_and_the_names_of_strata_and_clusters(seed: int) -> None:
    of = made(seed)
    order = np.random.default_rng(seed).permutation(len(of["y"]))
    other = {name: column[order] for name, column in of.items()}
    other |= {"stratum": np.array(["z", "a", "m"])[other["stratum"]], "cluster": 100 - 7 * other["cluster"]}
    for figures in (points, errors):
        same(figures(other, design(other)), figures(of, design(of)))


@settings(max_examples=15)
@given(SEEDS)
def test_the_names_of_groups(seed: int) -> None:
    of = made(seed)
    other = of | {"group": np.array([7, 2, 4])[of["group"]]}
    for test in ("F", "Chisq", "Wald"):
        one, two = (association(design(of), data["group"], of["sex"], test) for data in (of, other))  # type: ignore[arg-type]
        assert (one.statistic, one.p) == pytest.approx((two.statistic, two.p), rel=1e-9)
    ranks = [rank_test(design(of), of["y"], data["group"]) for data in (of, other)]
    assert ranks[0].statistic == pytest.approx(ranks[1].statistic, rel=1e-9)
    means = [pairwise(design(of), of["y"], data["group"]).means.estimates for data in (of, other)]
    np.testing.assert_allclose(np.sort(means[0]), np.sort(means[1]), rtol=1e-12)


@settings(max_examples=15)
@given(SEEDS)
def test_rows_outside_the_domain_in_clusters_that_are_there(seed: int) -> None:
    of = made(seed)
    outside = made(seed + 1)
    both = {name: np.concatenate([column, outside[name]]) for name, column in of.items()}
    both["within"] = np.arange(2 * len(of["y"])) < len(of["y"])
    for figures in (points, errors):
        same(figures(both, design(both)), figures(of, design(of)))


@settings(max_examples=15)
@given(SEEDS)
def test_a_population_without_bound(seed: int) -> None:
    of = made(seed)
    same(errors(of, design(of, population=np.full(len(of["y"]), 1e15))), errors(of, design(of)))


@settings(max_examples=15)
@given(SEEDS)
def test_a_row_twice_is_a_row_of_twice_the_weight(seed: int) -> None:
    of = made(seed)
    twice = {name: np.repeat(column, 2) for name, column in of.items()}
    same(points(twice, design(twice)), points(of, design(of)))
    one, two = total(design(twice), twice["y"]), total(design(of), of["y"])
    np.testing.assert_allclose(one.covariance, 4.0 * two.covariance, rtol=1e-9)


@settings(max_examples=15)
@given(SEEDS, st.sampled_from([0.2, 50.0]))
def test_fitted_weights(seed: int, scale: float) -> None:
    of = made(seed)
    order = np.random.default_rng(seed).permutation(len(of["y"]))

    def fitted(place: np.ndarray, unit: float) -> list[np.ndarray]:
        weights = of["weight"][place] * unit
        margins = [
            margin("group", of["group"][place].astype(str), {"0": 110.0, "1": 100.0, "2": 90.0}),
            margin("sex", of["sex"][place].astype(str), {"0": 140.0, "1": 160.0}),
        ]
        known = auxiliaries_of(margins, {"x": of["x"][place]}, {"x": 1500.0})
        return [rake(weights, margins).weights, calibrate(weights, known, distance="raking").weights]

    for expected, found, scaled in zip(fitted(np.arange(96), 1.0), fitted(order, 1.0), fitted(np.arange(96), scale), strict=True):
        np.testing.assert_allclose(found, expected[order], rtol=1e-7)
        np.testing.assert_allclose(scaled, expected, rtol=1e-7)
