"""Scales and types: what must hold whatever the data, made data with a known answer, and input that cannot be used."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.analytics.estimation.reference import data, family, numbers, record

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.designs.design import Design
from assent_analytics.estimation.replicates.jackknife import jackknife
from assent_analytics.estimation.scales.adequacy import sampling_adequacy
from assent_analytics.estimation.scales.class_membership import class_membership
from assent_analytics.estimation.scales.confirmatory import confirmatory
from assent_analytics.estimation.scales.correlations import correlation, covariance, pairwise_correlation, weighted_covariance
from assent_analytics.estimation.scales.factors import fit, minimum_residual_factors, principal_components
from assent_analytics.estimation.scales.item_functioning import comparable_across
from assent_analytics.estimation.scales.latent_classes import class_shares, latent_classes
from assent_analytics.estimation.scales.omega import lower_bound, omega
from assent_analytics.estimation.scales.polychoric import polychoric
from assent_analytics.estimation.scales.reliability import alpha_of_covariance, cronbach_alpha, design_alpha
from assent_analytics.estimation.scales.split_half import split_half

SURVEY_ITEMS = {
    "clus1": ("apiclus1.csv", ("ell", "mobility", "avg.ed", "emer", "meals")),
    "parents": ("parents.csv", ("q01", "q02", "q04", "q05", "q06", "q07", "q08", "q10")),
}


def scale(rows: int = 400, items: int = 5, seed: int = 0, *, levels: bool = True) -> np.ndarray:
    """Answers that one trait makes, 1 to 5, some missing."""
    random = np.random.default_rng(seed)
    made = random.normal(size=(rows, 1)) + random.normal(size=(rows, items)) * np.linspace(0.7, 1.3, items)
    if levels:
        made = np.digitize(made, [-1.5, -0.5, 0.5, 1.5]) + 1.0
        made[random.random(made.shape) < 0.05] = np.nan
    return made


@family("02_tests.json", r"svycralpha/.*")
def test_alpha_of_a_survey(name: str) -> None:
    source, items = SURVEY_ITEMS[name.partition("/")[2]]
    columns = data(source)
    answers = np.column_stack([numbers(columns[item]) * (-1 if item == "avg.ed" else 1) for item in items])
    if source == "parents.csv":
        design = Design(numbers(columns["basew"]), strata=columns["stratum"], clusters=columns["psu"])
    else:
        design = Design(numbers(columns["pw"]), clusters=columns["dnum"])
    found = design_alpha(design, answers)
    assert found.alpha == pytest.approx(record(name, "02_tests.json")["alpha"], rel=1e-9)
    assert found.lower < found.alpha < found.upper < 1
    by_replicates = design_alpha(jackknife(design), answers)
    assert by_replicates.alpha == pytest.approx(found.alpha, rel=1e-12)
    assert by_replicates.standard_error == pytest.approx(found.standard_error, rel=0.25)


def test_equal_weights_give_the_plain_alpha_and_much_the_same_error() -> None:
    answers = scale()
    plain, design = cronbach_alpha(answers, use="complete"), design_alpha(Design.equal(len(answers)), answers)
    assert design.alpha == pytest.approx(plain.coefficients.raw, rel=1e-12)
    assert design.standard_error == pytest.approx(plain.standard_error, rel=0.2)
    assert design.complete == int(plain.items.answers[0])


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.1, 50.0))
def test_what_says_nothing_about_a_scale(seed: int, factor: float) -> None:
    """The order of rows and items, the scale of the weights, and whether a row stands twice or has weight two."""
    random = np.random.default_rng(seed)
    answers, weights = scale(80, 4, seed), random.integers(1, 4, 80).astype(float)
    found = cronbach_alpha(answers)
    shuffled = answers[random.permutation(80)][:, random.permutation(4)]
    assert cronbach_alpha(shuffled).coefficients.raw == pytest.approx(found.coefficients.raw)
    whole = design_alpha(Design(weights), answers)
    assert design_alpha(Design(weights * factor), answers).alpha == pytest.approx(whole.alpha)
    twice = np.repeat(answers, weights.astype(int), axis=0)
    assert design_alpha(Design.equal(len(twice)), twice).alpha == pytest.approx(whole.alpha)
    np.testing.assert_allclose(polychoric(answers, weights * factor).correlations, polychoric(twice).correlations, atol=1e-6)


def test_reversed_items_are_found_and_turned() -> None:
    answers = scale()
    turned = answers.copy()
    turned[:, 2] = 6 - turned[:, 2]
    found = cronbach_alpha(turned, reverse="check")
    assert found.reversed_items.tolist() == [False, False, True, False, False]
    assert found.coefficients.raw == pytest.approx(cronbach_alpha(answers).coefficients.raw)
    assert cronbach_alpha(turned, reverse=found.reversed_items).coefficients == found.coefficients
    assert cronbach_alpha(turned).coefficients.raw < found.coefficients.raw


def test_two_items_have_no_alpha_without_one() -> None:
    assert cronbach_alpha(scale(items=2)).without is None


def test_the_mean_of_all_splits_is_alpha() -> None:
    answers = scale(items=6)
    found = split_half(answers)
    assert found.mean == pytest.approx(found.alpha)
    assert found.worst <= found.lambda_2 <= found.best
    many = split_half(scale(items=18))
    assert not many.every_split
    assert many.worst < many.mean < many.best


def test_polychoric_finds_the_correlation_behind_the_answers() -> None:
    random = np.random.default_rng(5)
    behind = random.multivariate_normal([0, 0, 0], [[1, 0.6, 0.3], [0.6, 1, 0.1], [0.3, 0.1, 1]], 20_000)
    found = polychoric(np.digitize(behind, [-0.8, 0.2, 1.1]))
    np.testing.assert_allclose(found.correlations[np.tril_indices(3, -1)], [0.6, 0.3, 0.1], atol=0.03)
    assert found.positive_definite
    assert alpha_of_covariance(found.correlations).raw > cronbach_alpha(np.digitize(behind, [-0.8, 0.2, 1.1])).coefficients.raw


def test_factors_of_a_matrix_that_two_factors_make() -> None:
    loadings = np.array([[0.8, 0], [0.7, 0], [0.6, 0], [0, 0.7], [0, 0.6], [0, 0.5]])
    matrix = loadings @ loadings.T
    np.fill_diagonal(matrix, 1.0)
    found = minimum_residual_factors(matrix, 2)
    assert lower_bound(matrix) >= alpha_of_covariance(matrix).raw
    np.testing.assert_allclose(found.communalities, (loadings**2).sum(axis=1), atol=1e-6)
    assert found.residual < 1e-7
    assert not found.heywood
    assert fit(matrix, found, rows=500).approximation_error == 0
    components = principal_components(matrix, 2)
    assert components.explained.sum() == pytest.approx(components.eigenvalues[:2].sum() / 6)
    assert 0.5 < sampling_adequacy(matrix).overall < 1


def test_weights_enter_factors_through_the_matrix() -> None:
    answers, weights = scale(levels=False), np.random.default_rng(3).integers(1, 5, 400).astype(float)
    repeated = np.repeat(answers, weights.astype(int), axis=0)
    ours, theirs = correlation(weighted_covariance(answers, weights)), correlation(covariance(repeated))
    np.testing.assert_allclose(ours, theirs)
    assert omega(ours).total == pytest.approx(omega(theirs).total)
    np.testing.assert_allclose(pairwise_correlation(answers), correlation(covariance(answers)))


def typed(rows: int = 600, seed: int = 2) -> np.ndarray:
    """Answers of two classes, of shares .7 and .3, to four items of yes and no."""
    random = np.random.default_rng(seed)
    chances = np.where(random.random(rows)[:, None] < 0.7, [0.9, 0.8, 0.85, 0.9], [0.2, 0.1, 0.3, 0.2])
    return (random.random((rows, 4)) < chances).astype(float)


def test_latent_classes_do_not_depend_on_rows_weights_scale_or_labels() -> None:
    answers, random = typed(), np.random.default_rng(4)
    weights = random.integers(1, 4, len(answers)).astype(float)
    found = latent_classes(answers, 2, weights=weights, starts=5)
    assert found.shares == pytest.approx([0.7, 0.3], abs=0.08)
    assert found.weighted
    assert found.identified
    assert found.reached == 5
    for again in (
        latent_classes(answers[::-1] * 3 - 7, 2, weights=weights[::-1] * 9, starts=5),
        latent_classes(np.repeat(answers, weights.astype(int), axis=0), 2, starts=5),
    ):
        assert again.shares == pytest.approx(found.shares, abs=1e-5)
        np.testing.assert_allclose(again.probabilities[0], found.probabilities[0], atol=1e-4)
    assert latent_classes(answers, 2, weights=weights, starts=5).shares.tolist() == found.shares.tolist()


def test_missing_answers_may_be_left_out_or_kept() -> None:
    answers = typed()
    answers[:100, 0] = np.nan
    assert [latent_classes(answers, 2, starts=3, missing=how).rows for how in ("omit", "keep")] == [500, 600]
    kept = latent_classes(answers, 2, starts=3, missing="keep")
    assert kept.shares == pytest.approx(latent_classes(typed(), 2, starts=3).shares, abs=0.05)
    np.testing.assert_allclose(kept.probabilities[0].sum(axis=1), 1.0)


def test_class_shares_have_intervals_from_replicates_only() -> None:
    answers, random = typed(400), np.random.default_rng(6)
    design = Design(random.uniform(1, 3, 400), clusters=np.arange(400) % 40)
    classes = latent_classes(answers, 2, weights=design.weights, starts=5)
    found = class_shares(jackknife(design), answers, classes)
    np.testing.assert_allclose(found.estimates, classes.shares, atol=1e-4)
    assert found.estimates.sum() == pytest.approx(1.0)
    assert (found.standard_errors > 0.01).all()
    assert (found.standard_errors < 0.1).all()
    assert found.standard_errors[0] == pytest.approx(found.standard_errors[1])
    with pytest.raises(CannotEstimate, match="not_linearised"):
        class_shares(design, answers, classes)


def test_classes_go_with_what_made_them() -> None:
    random = np.random.default_rng(9)
    older = (random.random(800) < 0.5).astype(float)
    first = random.random(800) < 1 / (1 + np.exp(-(1.5 - 1.2 * older)))
    answers = (random.random((800, 5)) < np.where(first[:, None], 0.9, 0.15)).astype(float)
    columns = np.column_stack([np.ones(800), older])
    weights = random.uniform(0.5, 2, 800)
    classes = latent_classes(answers, 2, weights=weights, starts=3)
    design = Design(weights, clusters=np.arange(800) % 40)
    found = class_membership(design, answers, classes, columns, names=["(Intercept)", "older"])
    assert found.coefficients.names == ("class 2: (Intercept)", "class 2: older")
    assert found.coefficients.estimates == pytest.approx([-1.5, 1.2], abs=4 * found.coefficients.standard_errors.max())
    again = class_membership(jackknife(design), answers, classes, columns, names=["(Intercept)", "older"])
    np.testing.assert_allclose(again.coefficients.estimates, found.coefficients.estimates)
    np.testing.assert_allclose(again.coefficients.standard_errors, found.coefficients.standard_errors, rtol=0.25)
    for covariates, code in ((columns[:5], "bad_shape"), (np.ones((800, 2)), "singular"), (columns * np.nan, "no_rows")):
        with pytest.raises(CannotEstimate) as refused:
            class_membership(design, answers, classes, covariates, names=["(Intercept)", "older"])
        assert refused.value.code == code


def grouped(*, shift: float = 0.0, slope: float = 0.0, rows: int = 700, items: int = 6) -> tuple[np.ndarray, np.ndarray]:
    """Answers of two groups of different level, whose third item favours the first group, or tells its members apart better."""
    random = np.random.default_rng(8)
    first, trait = random.random(rows) < 0.5, random.normal(size=rows)
    trait = trait + 0.4 * first
    made = 1.2 * trait[:, None] + 0.8 * random.logistic(size=(rows, items))
    made[:, 2] += first * (shift + slope * trait)
    return np.digitize(made, [-1.5, -0.5, 0.5, 1.5]) + 1.0, np.where(first, "a", "b")


@pytest.mark.parametrize("test", ["wald", "rao_scott"])
def test_a_scale_is_compared_only_where_its_items_mean_the_same(test: Any) -> None:
    design = Design.equal(700)
    assert comparable_across(design, *grouped(), test=test).verdict == "comparable"
    uniform = comparable_across(design, *grouped(shift=1.5), test=test)
    assert (uniform.verdict, uniform.anchors) == ("comparable_without_items", ("item 1", "item 2", "item 4", "item 5", "item 6"))
    assert uniform.items[2].size == "large"
    assert uniform.items[2].uniform_p < 1e-10 < uniform.items[2].non_uniform_p
    sloped = comparable_across(design, *grouped(slope=2.5), test=test)
    assert sloped.items[2].non_uniform_p < 1e-6
    assert "item 3 functions differently" in sloped.reasons[0]


def test_item_functioning_equals_r() -> None:
    """R 4.2: MASS::polr and survey::svyolr on the ranks of sin(i), with rest as scale(rowMeans) and regTermTest(df = n - 1 - p)."""
    answers, groups = _waves()
    found = comparable_across(Design.equal(len(answers)), answers, groups).items[0]
    ours = [found.rise, found.uniform_p, found.non_uniform_p, found.either_p]
    np.testing.assert_allclose(ours, WAVES, rtol=1e-3)


def _waves() -> tuple[np.ndarray, np.ndarray]:
    row = np.arange(1, 301)
    trait = np.sin(row)
    answers = np.column_stack([np.round(2 * trait + 1.5 * np.sin(row * (place + 2) ** 2 + place) + 3) for place in range(4)])
    groups = np.where(row % 3 == 0, "a", "b")
    answers[:, 0] += groups == "a"
    return answers, groups


WAVES = [0.070528702, 2.0150493e-09, 0.9376487, 1.5170514e-08]


def test_a_scale_that_cannot_be_judged_is_not_called_comparable() -> None:
    answers, groups = grouped()
    few = np.where(np.arange(700) < 20, "few", groups)
    found = comparable_across(Design.equal(700), answers, few)
    assert found.verdict == "cannot_tell"
    assert "few has 20 respondents" in found.reasons[0]
    every = np.column_stack([answers[:, 0], *[answers[:, place] + 3 * (groups == "a") * (-1) ** place for place in (1, 2, 3)]])
    assert comparable_across(Design.equal(700), every, groups).verdict in ("not_comparable", "cannot_tell")
    two = np.where(answers > 3, 1.0, 0.0)
    assert comparable_across(Design.equal(700), two, groups).verdict == "comparable"


@pytest.mark.parametrize(
    ("measure", "code"),
    [
        (lambda: cronbach_alpha([[1, 1], [2, 1], [3, 1]]), "constant_column"),
        (lambda: cronbach_alpha([[1, np.nan], [2, np.nan]]), "all_missing"),
        (lambda: cronbach_alpha([[1, np.nan], [2, np.nan], [np.nan, 3], [np.nan, 4]]), "no_rows"),
        (lambda: cronbach_alpha([[1, np.inf], [2, 3]]), "bad_value"),
        (lambda: cronbach_alpha([1, 2, 3]), "bad_shape"),
        (lambda: cronbach_alpha(np.tile(scale()[:, :1], 3)), "singular_correlations"),
        (lambda: cronbach_alpha(scale(), reverse=[True]), "bad_setting"),
        (lambda: alpha_of_covariance([[1, -1], [-1, 1]]), "no_common_variance"),
        (lambda: design_alpha(Design.equal(3), scale()), "bad_shape"),
        (lambda: polychoric(np.column_stack([np.arange(40) % 4] * 2)), "perfect_association"),
        (lambda: polychoric(scale(), -np.ones(400)), "negative_weight"),
        (lambda: omega(np.eye(4) * 0.5 + 0.5, factors=2), "bad_setting"),
        (lambda: principal_components(np.eye(3), 3), "bad_setting"),
        (lambda: confirmatory(scale(), [0, 0, 0, 0, 1]), "bad_setting"),
        (lambda: confirmatory(scale(items=3), [0, 0, 0]), "too_many_factors"),
        (lambda: confirmatory(np.tile(scale()[:, :1], 4), [0, 0, 0, 0]), "singular_correlations"),
        (lambda: sampling_adequacy(np.ones((3, 3))), "singular_correlations"),
        (lambda: sampling_adequacy(np.array([[1.0, 0.5, 0.0], [0.5, 1.0, 0.0], [0.0, 0.0, 1.0]])), "no_common_variance"),
        (lambda: latent_classes(typed(), 0), "bad_setting"),
        (lambda: latent_classes(typed()[:3], 9), "too_many_classes"),
        (lambda: latent_classes(np.ones((9, 2)), 2), "constant_column"),
        (lambda: latent_classes(typed(), 2, weights=-np.ones(600)), "negative_weight"),
        (lambda: latent_classes(np.full((5, 2), np.nan), 2), "no_rows"),
        (lambda: comparable_across(Design.equal(700), grouped()[0][:, :3], grouped()[1]), "bad_setting"),
        (lambda: comparable_across(Design.equal(700), grouped()[0], ["one"] * 700), "one_group"),
    ],
)
def test_answers_that_cannot_be_used_are_refused(measure: Any, code: str) -> None:
    with pytest.raises(CannotEstimate) as refused:
        measure()
    assert refused.value.code == code
