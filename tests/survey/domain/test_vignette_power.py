"""Power by simulation, beside what is known in closed form, and beside a plain regression of the same simulated survey."""

import json
import re
from math import sqrt
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from tests.support import ROOT
from tests.survey.vignette_plans import bare_plan, plan_with

from assent_analytics.estimation.conjoint import component_effects, vignette_design
from assent_analytics.estimation.models.factors import Factor
from assent_survey.domain.vignettes.coding import Model
from assent_survey.domain.vignettes.design import as_places, make_design
from assent_survey.domain.vignettes.plan import VignettePlan
from assent_survey.domain.vignettes.power import EffectPower, Supposition, simulate_power, supposition_faults
from assent_survey.domain.vignettes.students_t import critical_value

MOST_ERRORS = 4.0  # Monte-Carlo errors that a figure may lie away from the truth


def simulated(plan: VignettePlan, **supposed: Any) -> list[EffectPower]:
    decks = make_design(plan).decks
    supposition = Supposition.model_validate({"simulations": 2000, **supposed})
    assert supposition_faults(plan, supposition, decks) == []
    return simulate_power(plan, supposition, decks)


def of_level(effect: float) -> list[dict[str, Any]]:
    return [{"levels": {"f0": "l1"}, "effect": effect}]


def power_of_t(effect: float, error: float, degrees_of_freedom: float, alpha: float = 0.05) -> float:
    """Of a two-sided t test, by the noncentral t."""
    beyond = stats.t.ppf(1 - alpha / 2, degrees_of_freedom)
    shift = effect / error
    return float(stats.nct.sf(beyond, degrees_of_freedom, shift) + stats.nct.cdf(-beyond, degrees_of_freedom, shift))


@given(alpha=st.floats(0.0001, 0.5), degrees=st.integers(1, 100_000))
def test_critical_values_are_those_of_students_t(alpha: float, degrees: int) -> None:
    assert critical_value(alpha, degrees) == pytest.approx(stats.t.ppf(1 - alpha / 2, degrees), rel=1e-6)


@pytest.mark.parametrize("effect", [0.0, 0.2, 0.35])
def test_between_respondents_it_is_the_t_test_of_two_groups(effect: float) -> None:
    """One vignette each, two levels: the variance of the difference is 4 / n."""
    (found,) = simulated(bare_plan((2,), 1, 2), respondents=200, effects=of_level(effect))
    error = sqrt(4 / 200)
    assert found.standard_error == pytest.approx(error, rel=0.01)
    assert found.power == pytest.approx(power_of_t(effect, error, 198), abs=MOST_ERRORS * sqrt(0.25 / 2000))
    assert found.mean_estimate == pytest.approx(effect, abs=MOST_ERRORS * error / sqrt(2000))


@pytest.mark.parametrize("icc", [0.0, 0.5, 0.9])
def test_within_respondents_what_is_theirs_cancels(icc: float) -> None:
    """Both levels each: the variance of the difference is 2 (1 - icc) / n, as in the paired t test."""
    (found,) = simulated(bare_plan((2,), 2, 1), respondents=80, icc=icc, spread=2.0, effects=of_level(0.5))
    error = 2.0 * sqrt(2 * (1 - icc) / 80)
    assert found.standard_error == pytest.approx(error, rel=0.02)
    assert found.power == pytest.approx(power_of_t(0.5, error, 79), abs=MOST_ERRORS * sqrt(0.25 / 2000) + 0.01)


def test_of_an_orthogonal_design_every_effect_has_the_same_error() -> None:
    found = simulated(bare_plan((2, 2, 2), 4, 2), respondents=120, icc=0.4, effects=of_level(0.3))
    error = sqrt(0.6 * 4 / (120 * 4))
    for each in found:
        assert each.standard_error == pytest.approx(error, rel=0.03)
    assert [each.effect for each in found] == [0.3, 0.0, 0.0]
    assert found[1].power == pytest.approx(0.05, abs=MOST_ERRORS * sqrt(0.05 * 0.95 / 2000) + 0.01)


def test_acceptance_is_a_difference_of_probabilities() -> None:
    (found,) = simulated(bare_plan((2,), 1, 2), respondents=400, outcome="acceptance", baseline=0.4, effects=of_level(0.12))
    error = sqrt(0.4 * 0.6 / 200 + 0.52 * 0.48 / 200)
    expected = NormalDist().cdf(0.12 / error - NormalDist().inv_cdf(0.975))
    assert found.mean_estimate == pytest.approx(0.12, abs=MOST_ERRORS * error / sqrt(2000))
    assert found.power == pytest.approx(expected, abs=MOST_ERRORS * sqrt(0.25 / 2000) + 0.005)


def test_respondents_who_share_much_tell_more_within_and_less_between() -> None:
    between, within = bare_plan((2,), 1, 2), bare_plan((2,), 2, 1)
    supposed = {"respondents": 100, "outcome": "acceptance", "effects": of_level(0.1)}
    assert simulated(within, icc=0.8, **supposed)[0].power > simulated(within, icc=0.0, **supposed)[0].power + 0.1
    assert simulated(between, icc=0.8, **supposed)[0].power == pytest.approx(
        simulated(between, icc=0.0, **supposed)[0].power, abs=0.06
    )


def test_interactions_are_told_by_their_levels() -> None:
    plan = bare_plan((2, 3), 6, 1, interactions=(("f0", "f1"),))
    effects = [{"levels": {"f1": "l2", "f0": "l1"}, "effect": 0.8}]
    found = {tuple(each.levels.items()): each for each in simulated(plan, respondents=100, effects=effects)}
    assert found[("f0", "l1"), ("f1", "l2")].power > 0.9
    assert found[("f0", "l1"), ("f1", "l1")].power < 0.1


def test_a_survey_is_analysed_as_svyglm_does() -> None:
    """One simulated survey after the other, by a regression and sandwich written out."""
    plan = plan_with()
    decks = make_design(plan).decks
    supposed = Supposition(respondents=60, icc=0.3, simulations=50, seed=5)
    by_hand = np.array([_regression(plan, decks, supposed, judged) for judged in _judgements(plan, decks, supposed)])
    found = simulate_power(plan, supposed, decks)
    assert [each.mean_estimate for each in found] == pytest.approx(by_hand[:, 0].mean(axis=0).tolist())
    assert [each.standard_error for each in found] == pytest.approx(by_hand[:, 1].mean(axis=0).tolist())
    beyond = stats.t.ppf(0.975, 60 - by_hand.shape[2] - 1)
    assert [each.power for each in found] == pytest.approx((np.abs(by_hand[:, 0] / by_hand[:, 1]) > beyond).mean(axis=0).tolist())


def _judgements(plan: VignettePlan, decks: list[Any], supposed: Supposition) -> np.ndarray:
    """The same numbers of chance, put together plainly: no effects, spread 1."""
    chance = np.random.default_rng(supposed.seed)
    own = chance.standard_normal((supposed.simulations, supposed.respondents, plan.per_respondent))
    shared = chance.standard_normal((supposed.simulations, supposed.respondents))
    return sqrt(0.7) * own + sqrt(0.3) * shared[:, :, None]


def _regression(plan: VignettePlan, decks: list[Any], supposed: Supposition, judged: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    of = np.repeat(np.arange(plan.decks), supposed.respondents // plan.decks)
    rows = Model(plan.sizes).matrix(as_places(decks)[of].reshape(-1, len(plan.factors)), "reference")
    coefficients = np.linalg.lstsq(rows, judged.ravel(), rcond=None)[0]
    residuals = judged.ravel() - rows @ coefficients
    scores = (rows * residuals[:, None]).reshape(supposed.respondents, plan.per_respondent, -1).sum(axis=1)
    bread = np.linalg.inv(rows.T @ rows)
    factor = supposed.respondents / (supposed.respondents - 1)
    errors = np.sqrt(np.diag(factor * bread @ scores.T @ scores @ bread))
    return coefficients[1:], errors[1:]


def test_the_analysis_of_vignettes_gives_the_same_figures() -> None:
    """What is simulated is what analytics computes: the effects, their errors and their degrees of freedom."""
    plan = plan_with()
    decks = make_design(plan).decks
    supposed = Supposition(respondents=48, icc=0.3, simulations=50, seed=9)
    of = np.repeat(np.arange(plan.decks), 48 // plan.decks)
    levels = as_places(decks)[of].reshape(-1, len(plan.factors))
    features = {factor.name: Factor(levels[:, place], factor.codes) for place, factor in enumerate(plan.factors)}
    design = vignette_design(np.repeat(np.arange(48), plan.per_respondent))
    analysed = [component_effects(design, judged.ravel(), features) for judged in _judgements(plan, decks, supposed)]
    found = simulate_power(plan, supposed, decks)
    errors = np.array([np.concatenate([each.effects.standard_errors for each in one]) for one in analysed])
    estimates = np.array([np.concatenate([each.effects.estimates for each in one]) for one in analysed])
    assert [each.mean_estimate for each in found] == pytest.approx(estimates.mean(axis=0).tolist())
    assert [each.standard_error for each in found] == pytest.approx(errors.mean(axis=0).tolist())
    beyond = stats.t.ppf(0.975, analysed[0][0].effects.degrees_of_freedom)
    assert [each.power for each in found] == pytest.approx((np.abs(estimates / errors) > beyond).mean(axis=0).tolist())
    names = [(each.feature, level) for each in analysed[0] for level in each.effects.names]
    assert [next(iter(each.levels.items())) for each in found] == names


@pytest.mark.parametrize(
    ("supposed", "pointers"),
    [
        ({"effects": [{"levels": {"who": "l1"}, "effect": 1}]}, {"/effects/0/levels/who"}),
        ({"effects": [{"levels": {"f0": "l9"}, "effect": 1}]}, {"/effects/0/levels/f0"}),
        ({"effects": [{"levels": {"f0": "l0"}, "effect": 1}]}, {"/effects/0/levels/f0"}),
        ({"effects": [{"levels": {"f0": "l1", "f1": "l1"}, "effect": 1}]}, {"/effects/0/levels"}),
        ({"effects": of_level(1) + of_level(2)}, {"/effects/1/levels"}),
        ({"respondents": 4}, {"/respondents"}),
        ({"respondents": 50_000, "simulations": 1000}, {"/simulations"}),
        ({"outcome": "acceptance", "effects": of_level(0.5)}, {"/effects"}),
        ({"outcome": "acceptance", "baseline": 0.1, "effects": of_level(-0.1)}, {"/effects"}),
    ],
)
def test_suppositions_that_cannot_be_simulated(supposed: dict[str, Any], pointers: set[str]) -> None:
    plan = bare_plan((2, 2, 2), 2, 4)
    supposition = Supposition.model_validate({"respondents": 100, **supposed})
    assert {fault.pointer for fault in supposition_faults(plan, supposition, make_design(plan).decks)} == pointers


def test_too_few_respondents_for_the_decks() -> None:
    plan = bare_plan((4, 4), 1, 16)
    supposition = Supposition(respondents=8)
    assert {fault.pointer for fault in supposition_faults(plan, supposition, make_design(plan).decks)} == {"/respondents"}


def test_the_examples_of_the_page_for_researchers_work() -> None:
    page = (ROOT / "docs" / "vignettes.md").read_text(encoding="utf-8")
    design, supposed = (json.loads(each) for each in re.findall(r"```json\n(.*?)```", page, re.DOTALL))
    found = simulated(VignettePlan.model_validate(design), **supposed)
    assert [each.effect for each in found] == [0.0, -0.5, 0.0]


def test_the_same_seed_gives_the_same_figures() -> None:
    plan = bare_plan((2, 2), 4, 1)
    assert simulated(plan, respondents=30, seed=4) == simulated(plan, respondents=30, seed=4)
    assert simulated(plan, respondents=30, seed=4) != simulated(plan, respondents=30, seed=5)
