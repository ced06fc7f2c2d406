"""Mixed models and post-stratification against R's lme4, and what they must do whatever the data."""

from typing import Any

import numpy as np
import pytest
from tests.analytics.estimation.reference import data, family, numbers, record

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.multilevel.mixed_linear import mixed_linear
from assent_analytics.estimation.multilevel.mixed_logit import MixedLogit, mixed_logit
from assent_analytics.estimation.multilevel.poststratified import Cells, poststratify

MODELS, AMCE = "04_models.json", "09_amce.json"


def dummies(columns: dict[str, np.ndarray], names: list[str]) -> np.ndarray:
    """The columns of a record's effects: an intercept, then `sexM` and the like, whose name is a variable's with a level."""
    made = [np.ones(len(next(iter(columns.values()))))]
    for name in names[1:]:
        variable = max((one for one in columns if name.startswith(one)), key=len)
        made.append((columns[variable] == name[len(variable) :]).astype(float))
    return np.column_stack(made)


def treatment(columns: dict[str, np.ndarray], *variables: str) -> np.ndarray:
    """As R codes factors: every level but the first in alphabetical order."""
    return dummies(columns, ["", *(f"{one}{level}" for one in variables for level in sorted(set(columns[one]))[1:])])


@family(MODELS, r"lmer/.*")
def test_linear_mixed_model(name: str) -> None:
    expected, parents = record(name, MODELS), data("parents.csv")
    found = mixed_linear(numbers(parents["score"]), treatment(parents, "sex", "educ"), {"psu": parents["psu"]})
    np.testing.assert_allclose(found.coefficients, expected["coef"], rtol=5e-5)
    np.testing.assert_allclose(found.standard_errors, expected["se"], rtol=5e-5)
    assert found.groups[0].deviation == pytest.approx(expected["sd_psu"], rel=1e-3)
    assert [found.residual_deviation, found.log_likelihood] == pytest.approx([expected["sigma"], expected["loglik_reml"]], rel=1e-6)


@family(AMCE, r"lmer/.*")
def test_linear_mixed_model_of_vignettes(name: str) -> None:
    expected, vignettes = record(name, AMCE), data("parents_vignettes.csv")
    found = mixed_linear(numbers(vignettes["rating"]), dummies(vignettes, expected["names"]), {"id": vignettes["id"]})
    np.testing.assert_allclose(found.coefficients, expected["coef"], rtol=5e-5)
    np.testing.assert_allclose(found.standard_errors, expected["se"], rtol=5e-5)
    assert found.groups[0].deviation == pytest.approx(expected["sd_id"], rel=1e-3)
    ours = [found.residual_deviation, -2 * found.log_likelihood, found.intraclass("id")]
    assert ours == pytest.approx([expected[key] for key in ("sigma", "reml", "icc")], rel=1e-6)


def accepted() -> tuple[dict[str, np.ndarray], MixedLogit]:
    parents = data("parents.csv")
    return parents, mixed_logit(
        numbers(parents["accept"]), treatment(parents, "sex"), {name: parents[name] for name in ("region", "age", "educ")}
    )


@family(MODELS, r"(mrp|glmer)/.*")
def test_poststratified_mixed_logit(name: str) -> None:
    expected, (_, found) = record(name, MODELS), accepted()
    np.testing.assert_allclose(found.coefficients, expected["fixef"], rtol=5e-5)
    assert found.log_likelihood == pytest.approx(expected["loglik"], rel=1e-9)
    for group in found.groups:
        assert group.deviation == pytest.approx(expected["sd"][group.name], rel=1e-3, abs=1e-6)
        assert group.at_boundary is (expected["sd"][group.name] == 0)
    population = data("parents_popcells.csv")
    groups = {group.name: population[group.name] for group in found.groups}
    made = poststratify(found, Cells(treatment(population, "sex"), groups, numbers(population["Freq"])), population["region"])
    assert {area.area: area.estimate for area in made.areas} == pytest.approx(expected["region"], rel=1e-5)
    assert made.overall.estimate == pytest.approx(expected["overall"], rel=1e-5)
    assert all(area.lower < area.estimate < area.upper for area in (*made.areas, made.overall))
    assert (made.kind, made.may_name_groups, made.levels_without_rows) == ("modelled", False, ())


def made_study(rows: int = 1000) -> tuple[np.ndarray, np.ndarray, dict[str, np.ndarray], np.ndarray]:
    """Outcome of 0 and 1, columns, two crossed groupings, and the logits that made it."""
    random = np.random.default_rng(20)
    town, trade = random.integers(0, 30, rows), random.integers(0, 6, rows)
    columns = np.column_stack([np.ones(rows), random.normal(size=rows)])
    logits = columns @ [0.3, 0.5] + random.normal(0, 0.7, 30)[town] + random.normal(0, 0.4, 6)[trade]
    yes = (random.random(rows) < 1 / (1 + np.exp(-logits))).astype(float)
    return yes, columns, {"town": town, "trade": trade}, logits


def test_crossed_groupings_do_not_depend_on_order_or_names() -> None:
    yes, columns, groups, logits = made_study()
    found = mixed_logit(yes, columns, groups)
    order = np.random.default_rng(1).permutation(len(yes))
    renamed = {"trade": np.array([f"t{9 - code}" for code in groups["trade"]])[order], "town": groups["town"][order]}
    again = mixed_logit(yes[order], columns[order], renamed)
    np.testing.assert_allclose(again.coefficients, found.coefficients, rtol=1e-4)
    assert again.log_likelihood == pytest.approx(found.log_likelihood, rel=1e-10)
    linear, linear_again = mixed_linear(logits + yes, columns, groups), mixed_linear((logits + yes)[order], columns[order], renamed)
    np.testing.assert_allclose(linear_again.coefficients, linear.coefficients, rtol=1e-6)
    assert found.coefficients[1] == pytest.approx(0.5, abs=0.15)
    assert [group.deviation for group in found.groups] == pytest.approx([0.7, 0.4], abs=0.3)


def test_a_small_level_is_pooled_more_than_a_large_one() -> None:
    yes, columns, groups, _ = made_study()
    town = np.where(groups["town"] < 15, 0, groups["town"])
    pooling = mixed_logit(yes, columns, {"town": town}).pooling[0]
    order = np.argsort(pooling.rows)
    assert pooling.own[order[-1]] > 0.95 > pooling.own[order[0]] > 0
    assert pooling.rows.sum() == len(yes)
    assert pooling.raw_shares[0] == pytest.approx(yes[town == 0].mean())


def test_a_weak_prior_leaves_the_boundary() -> None:
    _, plain = accepted()
    parents = data("parents.csv")
    yes, groups = numbers(parents["accept"]), {name: parents[name] for name in ("region", "age", "educ")}
    kept = mixed_logit(yes, treatment(parents, "sex"), groups, boundary_avoiding=True)
    assert any(group.at_boundary for group in plain.groups)
    assert not any(group.at_boundary for group in kept.groups)
    np.testing.assert_allclose(kept.coefficients, plain.coefficients, atol=2 * plain.standard_errors.max())


def test_intervals_cover_and_levels_that_the_sample_lacks_are_wider() -> None:
    yes, columns, groups, logits = made_study(1500)
    seen = groups["town"] > 0
    model = mixed_logit(yes[seen], columns[seen], {"town": groups["town"][seen]})
    made = poststratify(model, Cells(columns, {"town": groups["town"]}, np.ones(len(yes))), groups["town"], seed=3)
    truth = np.array([(1 / (1 + np.exp(-logits[groups["town"] == int(area.area)]))).mean() for area in made.areas])
    inside = [area.lower <= share <= area.upper for area, share in zip(made.areas, truth, strict=True)]
    assert made.levels_without_rows == (("town", "0"),)
    assert np.mean(inside) >= 0.85
    unseen = next(area for area in made.areas if area.area == "0")
    assert unseen.upper - unseen.lower > 2 * np.median([area.upper - area.lower for area in made.areas])
    again = poststratify(model, Cells(columns, {"town": groups["town"]}, np.ones(len(yes))), groups["town"], seed=3)
    assert again.areas == made.areas


def test_a_deviation_is_not_left_at_nought_because_its_slope_there_is_nought() -> None:
    """R: glmer(b ~ 1 + (1 | g) + (1 | h), binomial, glmerControl(tolPwrss = 1e-12)) of sin(3.1 i) > 0, g = i %% 6, h = i %/% 12."""
    row = np.arange(120)
    found = mixed_logit((np.sin(3.1 * row) > 0).astype(float), np.ones((120, 1)), {"g": row % 6, "h": row // 12})
    deviations = {group.name: group.deviation for group in found.groups}
    assert deviations == pytest.approx({"g": 0.31415483, "h": 0.0}, rel=1e-5)
    assert [found.log_likelihood, found.standard_errors[0]] == pytest.approx([-82.91850399, 0.22494993], rel=1e-4)


def test_crossed_linear_model_equals_lme4() -> None:
    """R: lmer(y ~ 1 + (1 | a) + (1 | b)) and REML = FALSE, y = 10 + sin(3a) + cos(2b) + sin(7ab)/2 for a in 1..8, b in 1..5."""
    a, b = np.repeat(np.arange(1, 9), 5), np.tile(np.arange(1, 6), 8)
    y = 10 + np.sin(3 * a) + np.cos(2 * b) + np.sin(7 * a * b) / 2
    for restricted, expected in ((True, LME4_REML), (False, LME4_ML)):
        found = mixed_linear(y, np.ones((40, 1)), {"a": a, "b": b}, restricted=restricted)
        deviations = [group.deviation for group in found.groups]
        ours = [found.coefficients[0], found.standard_errors[0], *deviations, found.residual_deviation, found.log_likelihood]
        np.testing.assert_allclose(ours, expected, rtol=1e-4)


LME4_REML = [9.71321261255, 0.406274743318, 0.717089099372, 0.695331536557, 0.404221763756, -38.1298395014]
LME4_ML = [9.71321261255, 0.384762739032, 0.694388470883, 0.646844090223, 0.404425091904, -38.1201730239]


@pytest.mark.parametrize(
    ("outcome", "fixed", "groups", "code"),
    [
        ([0, 1, 0, 1], np.ones((4, 1)), {}, "bad_setting"),
        ([0, 1, 0, 1], np.ones((4, 1)), {"a": [1, 1, 1, 1]}, "one_level"),
        ([0, 1, 0, 1], np.ones((4, 1)), {"a": [1, 2, 1]}, "bad_shape"),
        ([0, 1, 0, 1], np.ones((4, 2)), {"a": [1, 2, 1, 2]}, "singular"),
        ([1, 1, 1, 1], np.ones((4, 1)), {"a": [1, 2, 1, 2]}, "constant_outcome"),
        ([0, 1, 0, np.nan], np.ones((4, 1)), {"a": [1, 2, 1, 2]}, "bad_value"),
        ([0, 2, 0, 1], np.ones((4, 1)), {"a": [1, 2, 1, 2]}, "bad_value"),
        ([0, 1] * 50, np.column_stack([np.ones(100), np.tile([0, 1], 50)]), {"a": np.arange(100) // 10}, "separation"),
    ],
)
def test_data_that_cannot_be_fitted_are_refused(outcome: Any, fixed: Any, groups: Any, code: str) -> None:
    with pytest.raises(CannotEstimate) as refused:
        mixed_logit(outcome, fixed, groups)
    assert refused.value.code == code


def test_cells_that_do_not_fit_are_refused() -> None:
    yes, columns, groups, _ = made_study(500)
    model = mixed_logit(yes, columns, {"trade": groups["trade"]})
    for cells, areas, code in (
        (Cells([[1, 0]], {}, [1]), ["x"], "bad_setting"),
        (Cells([[1, 0]], {"trade": [1]}, [-1]), ["x"], "bad_value"),
        (Cells([[1, 0]], {"trade": [1]}, [0]), ["x"], "empty_cell"),
        (Cells([[1]], {"trade": [1]}, [1]), ["x"], "bad_shape"),
    ):
        with pytest.raises(CannotEstimate) as refused:
            poststratify(model, cells, areas)
        assert refused.value.code == code
