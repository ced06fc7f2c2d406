"""The path model: its identities, its errors against a jackknife and a derivative, and the cautions that go with it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.analytics.estimation.reference import close

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.designs.design import Design
from assent_analytics.estimation.estimate import Plan
from assent_analytics.estimation.models.design_matrix import design_matrix
from assent_analytics.estimation.models.generalised_linear import generalised_linear
from assent_analytics.estimation.path_model import CAUTIONS, PathModel, path_model
from assent_analytics.estimation.replicates.jackknife import jk1

seeds = st.integers(0, 10_000)


class Scores:
    """Made-up scores in which procedure and contact go with trust, and trust with acceptance."""

    def __init__(self, seed: int, rows: int = 200) -> None:
        random = np.random.default_rng(seed)
        self.fairness, self.contact = random.normal(size=(2, rows))
        self.place = random.choice(["north", "south"], rows)
        self.trust = 0.6 * self.fairness + 0.3 * self.contact + random.normal(size=rows)
        self.acceptance = 0.5 * self.trust + 0.1 * self.fairness + random.normal(size=rows)
        self.weights = random.uniform(0.5, 2.0, rows)
        self.clusters = np.arange(rows) % 40

    @property
    def plan(self) -> Design:
        return Design(self.weights, clusters=self.clusters)

    def model(self, plan: Plan | None = None, trust: np.ndarray | None = None) -> PathModel:
        return path_model(
            plan or self.plan,
            antecedents={"procedural fairness": self.fairness, "contact quality": self.contact},
            trust=self.trust if trust is None else trust,
            acceptance=self.acceptance,
            covariates={"place": self.place},
        )


@given(seeds)
@settings(max_examples=15, deadline=None)
def test_both_regressions_are_design_based_and_the_total_is_the_model_without_trust(seed: int) -> None:
    scores = Scores(seed)
    found = scores.model()
    columns = {"fairness": scores.fairness, "contact": scores.contact, "trust": scores.trust, "place": scores.place}
    terms = ["fairness", "contact", "place"]
    first = generalised_linear(scores.plan, scores.trust, design_matrix(terms, columns)).coefficients
    second = generalised_linear(scores.plan, scores.acceptance, design_matrix(["fairness", "contact", "trust", "place"], columns))
    without = generalised_linear(scores.plan, scores.acceptance, design_matrix(terms, columns)).coefficients
    close(found.trust.covariance, first.covariance, 1e-8)
    close(found.acceptance.covariance, second.coefficients.covariance, 1e-8)
    close(found.direct.estimates, second.coefficients.estimates[1:3], 1e-8)
    close(found.indirect.estimates, first.estimates[1:3] * second.coefficients.estimates[3], 1e-8)
    close(found.total.estimates, without.estimates[1:3], 1e-8)
    close(found.total.covariance, without.covariance[1:3, 1:3], 1e-7)
    assert found.trust.degrees_of_freedom == first.degrees_of_freedom == 39 + 1 - 4
    assert found.indirect.degrees_of_freedom == second.residual_degrees_of_freedom == 39 + 1 - 5
    assert found.indirect.names == ("procedural fairness", "contact quality")


@pytest.mark.parametrize("seed", range(4))
def test_errors_of_products_are_near_those_of_a_jackknife(seed: int) -> None:
    scores = Scores(seed)
    linearised, replicated = scores.model(), scores.model(jk1(scores.plan))
    for one, other in ((linearised.indirect, replicated.indirect), (linearised.total, replicated.total)):
        close(other.estimates, one.estimates, 1e-8)
        np.testing.assert_allclose(other.standard_errors, one.standard_errors, rtol=0.25)


def test_figures_of_r() -> None:
    """R 4.2.2, survey 4.1-1, on the numbers made below, with `d <- svydesign(~psu, weights = ~w)`.

    `a <- svyglm(trust ~ fairness + contact, d)`, `b <- svyglm(acceptance ~ fairness + contact + trust, d)`, and the errors of the
    products by `svyrecvar` of both models' influence values.
    """
    rows = np.arange(1, 61)
    fairness, contact = np.sin(rows), np.cos(1.7 * rows)
    trust = 0.5 * fairness + 0.2 * contact + np.sin(3.1 * rows**1.2)
    acceptance = 0.4 * trust + 0.1 * contact + np.cos(2.3 * rows**1.1)
    found = path_model(
        Design(1.0 + rows % 3, clusters=rows % 12),
        antecedents={"fairness": fairness, "contact": contact},
        trust=trust,
        acceptance=acceptance,
    )
    close(found.indirect.estimates, [0.17083797686788332, 0.05846987948052322])
    close(found.indirect.standard_errors, [0.09154810960576312, 0.09313809607301518])


def test_cautions_go_with_every_result() -> None:
    found = Scores(1).model()
    assert found.cautions == CAUTIONS
    assert {caution.code for caution in CAUTIONS} >= {"cross_sectional", "not_mediation", "made_for_mining"}


def test_incomplete_rows_leave_both_regressions() -> None:
    scores = Scores(2)
    gaps = np.where(np.arange(200) % 9 == 0, np.nan, scores.trust)
    found = scores.model(trust=gaps)
    assert found.observations == int((~np.isnan(gaps)).sum())
    within = path_model(
        scores.plan,
        antecedents={"procedural fairness": scores.fairness, "contact quality": scores.contact},
        trust=scores.trust,
        acceptance=scores.acceptance,
        covariates={"place": scores.place},
        within=~np.isnan(gaps),
    )
    close(found.indirect.covariance, within.indirect.covariance)


def test_scores_that_make_no_path_model() -> None:
    scores = Scores(3)
    known = {"trust": scores.trust, "acceptance": scores.acceptance}
    for code, antecedents, changed in (
        ("bad_setting", {}, {}),
        ("bad_setting", {"trust": scores.fairness}, {}),
        ("singular", {"a": scores.fairness, "b": 2 * scores.fairness}, {}),
        ("singular", {"a": scores.fairness}, {"trust": np.ones(200)}),
        ("constant_outcome", {"a": scores.fairness}, {"acceptance": np.ones(200)}),
        ("all_missing", {"a": np.full(200, np.nan)}, {}),
        ("bad_shape", {"a": scores.fairness}, {"acceptance": np.ones(3)}),
    ):
        with pytest.raises(CannotEstimate) as caught:
            path_model(scores.plan, antecedents=antecedents, **{**known, **changed})
        assert caught.value.code == code
