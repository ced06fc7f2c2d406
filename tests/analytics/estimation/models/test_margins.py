"""Adjusted margins: what they must equal in the simplest cases, and what is said when there is nothing to adjust or to balance."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.analytics.estimation.reference import close

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.comparisons.contrasts import gaps_to_rest
from assent_analytics.estimation.designs.design import Design
from assent_analytics.estimation.models.design_matrix import Columns, design_matrix
from assent_analytics.estimation.models.factors import Factor
from assent_analytics.estimation.models.families import GAUSSIAN, LOGIT
from assent_analytics.estimation.models.generalised_linear import generalised_linear
from assent_analytics.estimation.models.predictive_margins import balanced_margins, predictive_margins
from assent_analytics.estimation.replicates.jackknife import jk1

seeds = st.integers(0, 10_000)


class Sample:
    """Respondents of three groups that differ in a covariate, which is what support goes with."""

    def __init__(self, seed: int, rows: int = 300) -> None:
        random = np.random.default_rng(seed)
        self.code = np.concatenate([np.arange(3), random.integers(0, 3, rows - 3)])
        self.x = random.normal(size=rows) + 0.8 * (self.code == 1)
        self.support = (random.random(rows) < 1 / (1 + np.exp(-self.x))).astype(float)
        self.weights = random.uniform(0.5, 2.0, rows)
        self.plan = Design(self.weights, clusters=np.arange(rows) % 50)
        self.columns: Columns = {"g": Factor(self.code, ("a", "b", "c")), "x": self.x}


@given(seeds)
@settings(max_examples=15, deadline=None)
def test_without_covariates_margins_are_the_groups_own_shares(seed: int) -> None:
    sample = Sample(seed)
    found = predictive_margins(sample.plan, sample.support, "g", [], sample.columns)
    members = sample.code[:, None] == np.arange(3)
    shares = [np.average(sample.support[own], weights=sample.weights[own]) for own in members.T]
    close(found.margins.estimates, shares, 1e-8)
    gaps = gaps_to_rest(sample.plan, sample.support, members)
    close(found.gaps.estimates, [gap.difference for gap in gaps if gap], 1e-7)


@given(seeds)
@settings(max_examples=15, deadline=None)
def test_margins_of_a_linear_model_differ_by_its_coefficients(seed: int) -> None:
    sample = Sample(seed)
    found = predictive_margins(sample.plan, sample.support, "g", ["x"], sample.columns, GAUSSIAN)
    model = generalised_linear(sample.plan, sample.support, design_matrix(["x", "g"], sample.columns))
    against = found.margins.contrast([[-1, 1, 0], [-1, 0, 1]])
    close(against.estimates, model.coefficients.estimates[2:], 1e-7)
    close(against.covariance, model.coefficients.covariance[2:, 2:], 1e-7)


@pytest.mark.parametrize("seed", range(4))
def test_adjusting_takes_away_a_gap_that_the_covariate_makes(seed: int) -> None:
    sample = Sample(seed, rows=2000)
    raw = predictive_margins(sample.plan, sample.support, "g", [], sample.columns)
    for found in (
        predictive_margins(sample.plan, sample.support, "g", ["x"], sample.columns),
        balanced_margins(sample.plan, sample.support, "g", ["x"], sample.columns),
    ):
        assert raw.gaps.estimates[1] > 0.08
        assert abs(found.gaps.estimates[1]) < raw.gaps.estimates[1]
        assert abs(found.gaps.estimates[1]) < 4 * found.gaps.standard_errors[1]
    close(raw.shares.sum(), 1.0)


@pytest.mark.parametrize("seed", range(4))
def test_margins_by_replicate_weights(seed: int) -> None:
    sample = Sample(seed)
    for make in (predictive_margins, balanced_margins):
        linearised, replicated = (
            make(plan, sample.support, "g", ["x"], sample.columns) for plan in (sample.plan, jk1(sample.plan))
        )
        close(replicated.margins.estimates, linearised.margins.estimates, 1e-7)
        np.testing.assert_allclose(replicated.margins.standard_errors, linearised.margins.standard_errors, rtol=0.4)


def test_a_group_may_interact_with_a_covariate() -> None:
    sample = Sample(1)
    with_interaction = predictive_margins(sample.plan, sample.support, "g", ["x", "g", "x:g"], sample.columns)
    assert with_interaction.model is not None
    assert "x:gb" in with_interaction.model.matrix.names
    for level, margin in enumerate(with_interaction.margins.estimates):
        own = generalised_linear(
            sample.plan, sample.support, design_matrix(["x"], {"x": sample.x}), LOGIT, within=sample.code == level
        ).coefficients.estimates
        close(margin, np.average(1 / (1 + np.exp(-own[0] - own[1] * sample.x)), weights=sample.weights), 1e-7)


def test_rows_without_a_group_count_in_the_averages_only() -> None:
    sample = Sample(2)
    unknown = Factor(np.where(np.arange(300) % 5 == 0, -1, sample.code), ("a", "b", "c"))
    found = predictive_margins(sample.plan, sample.support, "g", ["x"], {"g": unknown, "x": sample.x})
    assert found.model is not None
    assert found.model.observations == 240
    slope = found.model.coefficients.estimates
    close(found.margins.estimates[0], np.average(1 / (1 + np.exp(-slope[0] - slope[1] * sample.x)), weights=sample.weights), 1e-8)


def test_groups_that_have_no_margin() -> None:
    sample = Sample(3)
    empty = {**sample.columns, "g": Factor(sample.code, ("a", "b", "c", "d"))}
    one = {**sample.columns, "g": Factor(np.zeros(300, dtype=np.int64), ("a",))}
    for make in (predictive_margins, balanced_margins):
        with pytest.raises(CannotEstimate, match=r"bad_setting: nobody of group 'd'"):
            make(sample.plan, sample.support, "g", ["x"], empty)
        with pytest.raises(CannotEstimate, match="bad_setting"):
            make(sample.plan, sample.support, "g", ["x"], one)
        with pytest.raises(CannotEstimate, match="bad_setting"):
            make(sample.plan, sample.support, "z", ["x"], sample.columns)


def test_covariates_that_cannot_be_balanced() -> None:
    sample = Sample(4)
    same = {**sample.columns, "copy": Factor(sample.code, ("a", "b", "c"))}
    with pytest.raises(CannotEstimate, match="bad_setting"):
        balanced_margins(sample.plan, sample.support, "g", ["copy"], same)
    two = np.minimum(sample.code, 1)
    apart = {"g": Factor(two, ("a", "b")), "x": sample.x + 100.0 * two}  # the groups have no value in common
    with pytest.raises(CannotEstimate, match=r"no_convergence|singular"):
        balanced_margins(sample.plan, sample.support, "g", ["x"], apart)
