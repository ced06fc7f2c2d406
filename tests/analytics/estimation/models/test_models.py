"""Models: what holds whatever the data, and what is said when they cannot be fitted."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog
from tests.analytics.estimation.reference import close

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.designs.design import Design
from assent_analytics.estimation.estimate import Plan
from assent_analytics.estimation.models.cumulative import LOGISTIC, NORMAL, Link
from assent_analytics.estimation.models.design_matrix import Columns, DesignMatrix, design_matrix
from assent_analytics.estimation.models.factors import Factor
from assent_analytics.estimation.models.families import CLOGLOG, GAUSSIAN, LOGIT, POISSON, PROBIT, Family
from assent_analytics.estimation.models.generalised_linear import GeneralisedLinear, generalised_linear
from assent_analytics.estimation.models.ordinal import ordinal
from assent_analytics.estimation.models.plain import plain_generalised_linear, plain_ordinal, proportionality_tests
from assent_analytics.estimation.models.robust import least_squares
from assent_analytics.estimation.models.term_tests import (
    coefficient_tests,
    likelihood_ratio_test,
    term_test,
    wald_test,
    working_wald_test,
)
from assent_analytics.estimation.replicates.jackknife import jk1

ALL = [GAUSSIAN, LOGIT, PROBIT, CLOGLOG, POISSON]
TERMS = ["x", "g", "x:g"]


class Sample:
    """Made-up respondents of three strata with clusters: a number, a group, weights, and an outcome for every family."""

    def __init__(self, seed: int, rows: int = 240) -> None:
        random = np.random.default_rng(seed)
        self.x = random.normal(size=rows)
        self.group = np.concatenate([["a", "b", "c"], random.choice(["a", "b", "c"], rows - 3)])
        self.weights = random.uniform(0.5, 3.0, rows)
        self.clusters = random.permutation(np.arange(rows) % 30)
        self.strata = self.clusters % 3
        tendency = 0.4 * self.x + 0.3 * (self.group == "b")
        self.binary = (random.random(rows) < 1 / (1 + np.exp(-tendency))).astype(float)
        self.counts = random.poisson(np.exp(0.5 * tendency)).astype(float)
        self.score = tendency + random.normal(size=rows)
        self.answer = Factor(np.digitize(self.score, [-1.0, 0.0, 1.0]).astype(np.int64), ("no", "rather no", "rather yes", "yes"))

    @property
    def columns(self) -> Columns:
        return {"x": self.x, "g": self.group}

    @property
    def matrix(self) -> DesignMatrix:
        return design_matrix(TERMS, self.columns)

    @property
    def plan(self) -> Design:
        return Design(self.weights, strata=self.strata, clusters=self.clusters)

    def outcome(self, family: Family) -> np.ndarray:
        return {"gaussian": self.score, "binomial": self.binary, "poisson": self.counts}[family.name]

    def fit(self, family: Family, plan: Plan | None = None) -> GeneralisedLinear:
        return generalised_linear(plan or self.plan, self.outcome(family), self.matrix, family)


seeds = st.integers(0, 10_000)
families = st.sampled_from(ALL)
links = st.sampled_from([LOGISTIC, NORMAL])


def refused(code: str, act: Callable[[], object]) -> str:
    with pytest.raises(CannotEstimate) as caught:
        act()
    assert caught.value.code == code
    return caught.value.detail


@given(seeds, families, st.floats(1e-3, 1e3))
@settings(max_examples=25, deadline=None)
def test_the_scale_of_the_weights_does_not_matter(seed: int, family: Family, scale: float) -> None:
    sample = Sample(seed)
    one = sample.fit(family)
    other = sample.fit(family, Design(sample.weights * scale, strata=sample.strata, clusters=sample.clusters))
    close(other.coefficients.estimates, one.coefficients.estimates, 1e-7)
    close(other.coefficients.standard_errors, one.coefficients.standard_errors, 1e-7)
    close([other.deviance, other.null_deviance, other.dispersion], [one.deviance, one.null_deviance, one.dispersion], 1e-7)


@given(seeds, families, seeds)
@settings(max_examples=20, deadline=None)
def test_the_order_of_rows_and_the_labels_of_strata_do_not_matter(seed: int, family: Family, shuffle: int) -> None:
    sample = Sample(seed)
    order = np.random.default_rng(shuffle).permutation(len(sample.x))
    names = np.array(["north", "south", "west"])
    moved = generalised_linear(
        Design(sample.weights[order], strata=names[sample.strata][order], clusters=sample.clusters[order]),
        sample.outcome(family)[order],
        design_matrix(TERMS, {"x": sample.x[order], "g": sample.group[order]}),
        family,
    )
    one = sample.fit(family)
    close(moved.coefficients.estimates, one.coefficients.estimates, 1e-7)
    close(moved.coefficients.covariance, one.coefficients.covariance, 1e-6)


@given(seeds, families)
@settings(max_examples=20, deadline=None)
def test_a_row_with_weight_two_is_two_rows_of_the_same_cluster(seed: int, family: Family) -> None:
    sample = Sample(seed)
    doubled = np.repeat(np.arange(len(sample.x)), 1 + (np.arange(len(sample.x)) % 4 == 0))
    once = Design(1.0 + (np.arange(len(sample.x)) % 4 == 0), clusters=sample.clusters)
    twice = Design(np.ones(len(doubled)), clusters=sample.clusters[doubled])
    one = sample.fit(family, once)
    columns = {"x": sample.x[doubled], "g": sample.group[doubled]}
    other = generalised_linear(twice, sample.outcome(family)[doubled], design_matrix(TERMS, columns), family)
    close(other.coefficients.estimates, one.coefficients.estimates, 1e-7)
    close(other.coefficients.covariance, one.coefficients.covariance, 1e-6)


@given(seeds, st.sampled_from([GAUSSIAN, LOGIT, POISSON]))
@settings(max_examples=15, deadline=None)
def test_influence_is_what_a_little_more_weight_does(seed: int, family: Family) -> None:
    """The derivative of the coefficients by a weight, times the weight, is the row's influence value (infinitesimal jackknife).

    Exactly so for canonical links, whose expected information is the observed one.
    """
    sample = Sample(seed)
    caught: dict[str, np.ndarray] = {}

    class Seen(Design):
        def covariance(self, influence: np.ndarray, within: object = None) -> np.ndarray:
            caught["influence"] = influence
            return super().covariance(influence)

    sample.fit(family, Seen(sample.weights, strata=sample.strata, clusters=sample.clusters))
    for row in (0, 1, 7):
        fits = []
        for sign in (1, -1):
            weights = sample.weights.copy()
            weights[row] *= 1 + sign * 1e-4
            fits.append(sample.fit(family, Design(weights)).coefficients.estimates)
        np.testing.assert_allclose((fits[0] - fits[1]) / 2e-4, caught["influence"][row], rtol=1e-4, atol=1e-6)


@given(seeds, families)
@settings(max_examples=15, deadline=None)
def test_rows_that_are_missing_count_as_rows_outside_a_domain(seed: int, family: Family) -> None:
    sample = Sample(seed)
    there = np.random.default_rng(seed).random(len(sample.x)) > 0.2
    there[:3] = True
    x = np.where(there, sample.x, np.nan)
    missing = generalised_linear(sample.plan, sample.outcome(family), design_matrix(TERMS, {"x": x, "g": sample.group}), family)
    domain = generalised_linear(sample.plan, sample.outcome(family), sample.matrix, family, within=there)
    close(missing.coefficients.estimates, domain.coefficients.estimates, 1e-7)
    close(missing.coefficients.covariance, domain.coefficients.covariance, 1e-6)
    assert missing.residual_degrees_of_freedom == domain.residual_degrees_of_freedom
    assert missing.observations == domain.observations == int(there.sum())
    assert len(missing.fitted()) == int(there.sum())


@given(seeds, links)
@settings(max_examples=15, deadline=None)
def test_ordinal_models_keep_to_the_same_laws(seed: int, link: Link) -> None:
    sample = Sample(seed)
    one = ordinal(sample.plan, sample.answer, sample.matrix, link)
    scaled = Design(sample.weights * 7, strata=sample.strata, clusters=sample.clusters)
    other = ordinal(scaled, sample.answer, sample.matrix, link)
    close(other.coefficients.estimates, one.coefficients.estimates, 1e-7)
    close(other.coefficients.covariance, one.coefficients.covariance, 1e-6)
    close(
        [other.deviance, *likelihood_ratio_test(other, "g").weights], [one.deviance, *likelihood_ratio_test(one, "g").weights], 1e-6
    )
    turned = Factor(len(sample.answer.levels) - 1 - sample.answer.codes, sample.answer.levels[::-1])
    mirrored = ordinal(sample.plan, turned, sample.matrix, link).coefficients
    effects = len(one.matrix.names)
    close(mirrored.estimates[:effects], -one.coefficients.estimates[:effects], 1e-6)
    close(mirrored.estimates[effects:], -one.thresholds[::-1], 1e-6)
    close(mirrored.standard_errors[:effects], one.coefficients.standard_errors[:effects], 1e-6)
    close(one.probabilities().sum(axis=1), np.ones(one.observations), 1e-12)


@given(seeds)
@settings(max_examples=10, deadline=None)
def test_design_based_errors_are_robust_errors_where_there_are_only_weights(seed: int) -> None:
    """HC0 on a design of weights is the sandwich times n / (n - 1), and of clusters CR0 times G / (G - 1)."""
    sample = Sample(seed)
    rows, groups = len(sample.x), len(np.unique(sample.clusters))
    hc0 = least_squares(sample.score, sample.matrix, errors="HC0", weights=sample.weights)
    design_based = sample.fit(GAUSSIAN, Design(sample.weights)).coefficients
    close(design_based.covariance, hc0.covariance * rows / (rows - 1), 1e-8)
    cr0 = least_squares(sample.score, sample.matrix, errors="CR0", weights=sample.weights, clusters=sample.clusters)
    clustered = sample.fit(GAUSSIAN, Design(sample.weights, clusters=sample.clusters)).coefficients
    close(clustered.covariance, cr0.covariance * groups / (groups - 1), 1e-8)


@given(seeds)
@settings(max_examples=10, deadline=None)
def test_a_saturated_model_gives_the_shares_themselves(seed: int) -> None:
    sample = Sample(seed)
    fits = [generalised_linear(sample.plan, sample.binary, design_matrix(["g"], sample.columns), family) for family in ALL]
    shares = {
        level: np.average(sample.binary[sample.group == level], weights=sample.weights[sample.group == level]) for level in "abc"
    }
    for model in fits:
        close(model.fitted(), [shares[level] for level in sample.group], 1e-8)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("family", ALL, ids=lambda family: family.link_name)
def test_jackknife_errors_are_near_the_linearised_ones(seed: int, family: Family) -> None:
    sample = Sample(seed)
    plan = Design(sample.weights, clusters=sample.clusters)
    linearised, replicated = (sample.fit(family, each).coefficients for each in (plan, jk1(plan)))
    close(replicated.estimates, linearised.estimates, 1e-8)
    np.testing.assert_allclose(replicated.standard_errors, linearised.standard_errors, rtol=0.35)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("family", ALL, ids=lambda family: family.link_name)
def test_tests_of_a_term_agree_where_they_must(seed: int, family: Family) -> None:
    model = Sample(seed).fit(family)
    one = coefficient_tests(model.coefficients)
    place = model.matrix.names.index("x")
    wald = term_test(model, "x")
    close([wald.f, wald.p], [one.t[place] ** 2, one.p[place]], 1e-6)
    ratio, working = likelihood_ratio_test(model, "g", "g:x"), working_wald_test(model, "x:g", "g")
    close(ratio.weights, working.weights)
    assert len(ratio.weights) == 4
    assert ratio.statistic >= 0
    assert 0 <= ratio.p <= 1
    np.testing.assert_allclose(ratio.statistic, working.statistic, rtol=0.5, atol=1.0)
    infinite = replace(model.coefficients, degrees_of_freedom=float("inf"))
    assert wald_test(infinite, [place]).p <= wald.p


def test_two_equal_columns_are_one_and_named() -> None:
    sample = Sample(1)
    matrix = design_matrix(["x", "twice", "g"], {**sample.columns, "twice": 2 * sample.x})
    model = generalised_linear(sample.plan, sample.binary, matrix, LOGIT)
    assert model.aliased == ("twice",)
    plain = generalised_linear(sample.plan, sample.binary, design_matrix(["x", "g"], sample.columns), LOGIT)
    close(model.coefficients.covariance, plain.coefficients.covariance)
    refused("bad_setting", lambda: term_test(model, "twice"))
    assert ordinal(sample.plan, sample.answer, matrix).aliased == ("twice",)


def test_a_large_number_that_differs_little_is_not_taken_for_the_intercept() -> None:
    sample = Sample(2)
    year = 2000.0 + np.arange(len(sample.x)) % 5
    model = generalised_linear(sample.plan, sample.score, design_matrix(["year", "x"], {"year": year, "x": sample.x}))
    centred = generalised_linear(sample.plan, sample.score, design_matrix(["year", "x"], {"year": year - 2002, "x": sample.x}))
    assert model.aliased == ()
    close(model.coefficients.estimates[1:], centred.coefficients.estimates[1:], 1e-8)
    close(model.coefficients.standard_errors[1:], centred.coefficients.standard_errors[1:], 1e-8)


@pytest.mark.parametrize("family", [LOGIT, PROBIT, CLOGLOG])
def test_perfect_separation_is_said(family: Family) -> None:
    sample = Sample(3)
    refused("separation", lambda: generalised_linear(sample.plan, (sample.x > 0.3).astype(float), sample.matrix, family))
    never = np.where(sample.group == "b", 0.0, sample.binary)  # nobody in one group: separation in part
    refused("separation", lambda: generalised_linear(sample.plan, never, design_matrix(["g"], sample.columns), family))


@given(seeds, st.integers(6, 30))
@settings(max_examples=60, deadline=None)
def test_a_logit_is_refused_exactly_where_it_has_no_maximum(seed: int, rows: int) -> None:
    """There is none where some direction of the coefficients never speaks against an outcome (Albert and Anderson 1984)."""
    random = np.random.default_rng(seed)
    columns = {"x": random.normal(size=rows), "g": np.concatenate([["a", "b"], random.choice(["a", "b"], rows - 2)])}
    outcome = np.concatenate([[0.0, 1.0], random.integers(0, 2, rows - 2)])
    matrix = design_matrix(["x", "g", "x:g"], columns)
    plan = Design(np.ones(rows))
    speaks = matrix.values * np.where(outcome > 0, 1.0, -1.0)[:, None]
    best = linprog(-speaks.sum(axis=0), A_ub=-speaks, b_ub=np.zeros(rows), bounds=[(-1, 1)] * matrix.values.shape[1])
    if -best.fun > 1e-7:
        refused("separation", lambda: generalised_linear(plan, outcome, matrix, LOGIT))
    else:
        assert np.isfinite(generalised_linear(plan, outcome, matrix, LOGIT).coefficients.covariance).all()


def test_separation_of_counts_and_of_ordered_answers_is_said() -> None:
    sample = Sample(3)
    never = np.where(sample.group == "b", 0.0, sample.counts)
    refused("separation", lambda: generalised_linear(sample.plan, never, design_matrix(["g"], sample.columns), POISSON))
    foretold = Factor(np.digitize(sample.x, [-0.5, 0.5]).astype(np.int64), ("low", "middle", "high"))
    refused("separation", lambda: ordinal(sample.plan, foretold, design_matrix(["x"], sample.columns)))


def test_outcomes_that_say_nothing_are_refused() -> None:
    sample = Sample(4)
    rows = len(sample.x)
    for family in ALL:
        refused("constant_outcome", lambda family=family: generalised_linear(sample.plan, np.ones(rows), sample.matrix, family))
        refused("all_missing", lambda family=family: generalised_linear(sample.plan, np.full(rows, np.nan), sample.matrix, family))
    refused("bad_value", lambda: generalised_linear(sample.plan, sample.score, sample.matrix, LOGIT))
    refused("bad_value", lambda: generalised_linear(sample.plan, sample.score, sample.matrix, POISSON))
    refused("bad_value", lambda: generalised_linear(sample.plan, np.where(sample.x > 2, np.inf, 1.0), sample.matrix))
    refused("bad_shape", lambda: generalised_linear(sample.plan, sample.score[:-1], sample.matrix))
    refused(
        "constant_outcome", lambda: ordinal(sample.plan, Factor(np.zeros(rows, dtype=np.int64), ("a", "b", "c")), sample.matrix)
    )
    refused("bad_setting", lambda: ordinal(sample.plan, Factor.of(np.where(sample.x > 0, "a", "b")), sample.matrix))
    refused("all_missing", lambda: ordinal(sample.plan, Factor(np.full(rows, -1), ("a", "b", "c")), sample.matrix))
    refused("bad_shape", lambda: ordinal(sample.plan, Factor.of(["a", "b", "c"]), sample.matrix))
    refused("bad_setting", lambda: sample.fit(GAUSSIAN).pseudo_r_squared())


def test_levels_that_nobody_chose_are_left_out_and_named() -> None:
    sample = Sample(5)
    wider = Factor(sample.answer.codes + (sample.answer.codes > 1), ("no", "rather no", "neither", "rather yes", "yes"))
    model = ordinal(sample.plan, wider, sample.matrix)
    assert model.dropped_levels == ("neither",)
    assert model.coefficients.names[-2:] == ("rather no|rather yes", "rather yes|yes")
    close(model.coefficients.covariance, ordinal(sample.plan, sample.answer, sample.matrix).coefficients.covariance)


def test_a_design_too_small_for_the_model_gives_coefficients_but_no_test() -> None:
    sample = Sample(6)
    few = Design(sample.weights, clusters=sample.clusters % 4)
    model = sample.fit(GAUSSIAN, few)
    assert model.residual_degrees_of_freedom < 1
    refused("no_degrees_of_freedom", lambda: coefficient_tests(model.coefficients))
    refused("no_degrees_of_freedom", lambda: term_test(model, "g"))
    refused("no_degrees_of_freedom", lambda: likelihood_ratio_test(model, "g"))
    many = replace(model.coefficients, degrees_of_freedom=10)
    refused("singular_covariance", lambda: wald_test(many, range(1, 6)))


def test_a_perfect_fit_has_no_error_to_test_by() -> None:
    sample = Sample(7)
    exact = generalised_linear(sample.plan, 2.0 * (sample.group == "b"), design_matrix(["g"], sample.columns))
    np.testing.assert_allclose(exact.coefficients.estimates, [0.0, 2.0, 0.0], atol=1e-12)
    assert (exact.coefficients.standard_errors < 1e-12).all()
    refused("no_variation", lambda: coefficient_tests(exact.coefficients))
    refused("no_variation", lambda: term_test(exact, "g"))


def test_plain_models_say_what_they_cannot_do() -> None:
    sample = Sample(8, rows=40)
    refused("bad_shape", lambda: plain_generalised_linear(sample.score[:-1], sample.matrix))
    refused("no_degrees_of_freedom", lambda: plain_generalised_linear(sample.score[:5], _first(sample.matrix, 5)))
    refused("no_degrees_of_freedom", lambda: least_squares(sample.score[:5], _first(sample.matrix, 5)))
    refused("bad_setting", lambda: least_squares(sample.score, sample.matrix, errors="CR1"))
    refused("one_psu", lambda: least_squares(sample.score, sample.matrix, errors="CR1", clusters=np.zeros(40)))
    alone = design_matrix(["only"], {"only": np.arange(40) == 0})
    refused("leverage", lambda: least_squares(sample.score, alone, errors="HC3"))


@given(seeds, links)
@settings(max_examples=15, deadline=None)
def test_the_test_of_proportionality_gives_a_figure_or_a_reason(seed: int, link: Link) -> None:
    sample = Sample(seed, rows=50)
    for found in proportionality_tests(sample.answer, sample.matrix, link):
        assert found.degrees_of_freedom > 0
        if found.p is None:
            assert found.why
        else:
            assert 0 <= found.p <= 1
            assert found.statistic > -1e-9


def test_proportionality_is_refused_with_a_reason_where_the_wider_model_has_no_fit() -> None:
    sample = Sample(9)
    narrow = Factor(np.where(sample.group == "c", np.maximum(sample.answer.codes, 2), sample.answer.codes), sample.answer.levels)
    found = proportionality_tests(narrow, design_matrix(["g"], sample.columns))[0]
    assert found.p is None
    assert found.why
    assert plain_ordinal(narrow, design_matrix(["g"], sample.columns)).parameters == 5


def _first(matrix: DesignMatrix, rows: int) -> DesignMatrix:
    return replace(matrix, values=matrix.values[:rows], complete=matrix.complete[:rows])
