"""Fitting weights: what holds whatever the data, and what is said when it cannot be done."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.descriptive.means import mean
from assent_analytics.estimation.descriptive.totals import total
from assent_analytics.estimation.designs.design import Design
from assent_analytics.estimation.replicates.jackknife import jk1
from assent_analytics.estimation.weighting.auxiliaries import auxiliaries, auxiliaries_of
from assent_analytics.estimation.weighting.calibration import calibrate
from assent_analytics.estimation.weighting.margins import Margin, crossed, margin
from assent_analytics.estimation.weighting.post_stratification import post_stratify
from assent_analytics.estimation.weighting.raking import ONE_PERSON, Raking, rake
from assent_analytics.estimation.weighting.trimming import rake_and_trim, trim

LEVELS = (("a", "b", "c"), ("x", "y"))


def sample(seed: int, rows: int = 80) -> tuple[np.ndarray, list[np.ndarray], list[dict[str, float]]]:
    """Weights, labels of two variables and totals that the weights do not meet; every combination occurs."""
    random = np.random.default_rng(seed)
    labels = [np.concatenate([np.resize(np.repeat(LEVELS[0], 2), 6), random.choice(LEVELS[0], rows - 6)])]
    labels.append(np.concatenate([np.resize(LEVELS[1], 6), random.choice(LEVELS[1], rows - 6)]))
    shares = [random.dirichlet(np.full(len(levels), 20.0)) * 5000 for levels in LEVELS]
    return (
        random.uniform(0.5, 3.0, rows),
        labels,
        [dict(zip(one, two.tolist(), strict=True)) for one, two in zip(LEVELS, shares, strict=True)],
    )


def margins_of(labels: list[np.ndarray], targets: list[dict[str, float]]) -> list[Margin]:
    return [margin(name, column, known) for name, column, known in zip("uv", labels, targets, strict=True)]


@given(seed=st.integers(0, 10_000), factor=st.floats(0.01, 100.0))
@settings(max_examples=25, deadline=None)
def test_raking_does_not_see_the_scale_nor_the_order_of_the_rows(seed: int, factor: float) -> None:
    weights, labels, targets = sample(seed)
    raked = rake(weights, margins_of(labels, targets)).weights
    np.testing.assert_allclose(rake(weights * factor, margins_of(labels, targets)).weights, raked, rtol=1e-8)
    order = np.random.default_rng(seed).permutation(len(weights))
    shuffled = rake(weights[order], margins_of([column[order] for column in labels], targets)).weights
    np.testing.assert_allclose(shuffled, raked[order], rtol=1e-8)


@given(seed=st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_raking_is_calibration_by_the_raking_distance(seed: int) -> None:
    weights, labels, targets = sample(seed)
    known = margins_of(labels, targets)
    raked, calibrated = rake(weights, known), calibrate(weights, auxiliaries_of(known), distance="raking")
    np.testing.assert_allclose(raked.weights, calibrated.weights, rtol=1e-7)
    values = np.random.default_rng(seed).normal(size=(len(weights), 2))
    plan = Design(weights)
    np.testing.assert_allclose(mean(raked.of(plan), values).covariance, mean(calibrated.of(plan), values).covariance, rtol=1e-6)


@given(seed=st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_a_row_twice_is_a_row_of_twice_the_weight(seed: int) -> None:
    weights, labels, targets = sample(seed)
    raked = rake(weights * np.where(np.arange(len(weights)) < 20, 2.0, 1.0), margins_of(labels, targets)).weights
    doubled = [np.concatenate([column[:20], column]) for column in labels]
    twice = rake(np.concatenate([weights[:20], weights]), margins_of(doubled, targets)).weights
    np.testing.assert_allclose(twice[:20] + twice[20:40], raked[:20], rtol=1e-8)
    np.testing.assert_allclose(twice[40:], raked[20:], rtol=1e-8)


@given(seed=st.integers(0, 10_000), distance=st.sampled_from(["linear", "raking", "logit", "sinh"]), narrow=st.booleans())
@settings(max_examples=40, deadline=None)
def test_calibrated_weights_meet_the_totals_within_the_bounds(seed: int, distance: Any, narrow: bool) -> None:
    weights, labels, targets = sample(seed)
    near = [
        {level: float(weights[column == level].sum()) * (0.9 if level in ("a", "x") else 1.1) for level in known}
        for column, known in zip(labels, targets, strict=True)
    ]
    near[1] = {level: count * sum(near[0].values()) / sum(near[1].values()) for level, count in near[1].items()}
    bounds = (0.6, 1.5) if narrow else (0.1, 10.0)
    found = calibrate(weights, auxiliaries_of(margins_of(labels, near)), distance=distance, bounds=bounds)
    for column, known in zip(labels, near, strict=True):
        for level, count in known.items():
            assert found.weights[column == level].sum() == pytest.approx(count, rel=1e-8)
    factors = found.weights / weights
    assert bounds[0] - 1e-9 <= factors.min() <= factors.max() <= bounds[1] + 1e-9


@pytest.mark.parametrize("method", ["rake", "alternating", "post_stratify", "linear", "logit"])
def test_a_total_that_is_known_does_not_vary(method: str) -> None:
    weights, labels, targets = sample(3)
    known = margins_of(labels, targets)
    cells = crossed(["u", "v"], labels, {(one, two): targets[0][one] * targets[1][two] / 5000 for one in "abc" for two in "xy"})
    fitted = {
        "rake": lambda: rake(weights, known),
        "alternating": lambda: rake(weights, known, residual="alternating"),
        "post_stratify": lambda: post_stratify(weights, cells),
        "linear": lambda: calibrate(weights, auxiliaries_of(known)),
        "logit": lambda: calibrate(weights * 30, auxiliaries_of(known), distance="logit", bounds=(0.1, 9)),
    }[method]()
    plan = fitted.of(Design(weights))
    found = total(plan, np.column_stack([labels[0] == "a", labels[1] == "y"]).astype(float))
    np.testing.assert_allclose(found.estimates, [targets[0]["a"], targets[1]["y"]], rtol=1e-8)
    np.testing.assert_allclose(found.standard_errors, 0.0, atol=1e-4)
    assert total(plan, (labels[0] == labels[1]) | (np.arange(80) % 3 == 0)).standard_errors[0] > 1.0


def test_diagnostics_say_what_the_fit_did() -> None:
    weights, labels, targets = sample(5)
    facts = rake(weights, margins_of(labels, targets)).diagnostics
    assert facts.sum == pytest.approx(5000)
    assert facts.kish_effect > 1
    assert facts.effective_rows == pytest.approx(80 / facts.kish_effect)
    assert facts.largest_misfit is not None
    assert facts.largest_misfit < 1e-9
    assert 0 < facts.iterations < 100
    loose = rake(weights, margins_of(labels, targets), epsilon=ONE_PERSON).diagnostics
    assert loose.iterations < facts.iterations
    assert loose.largest_misfit is not None
    assert loose.largest_misfit > facts.largest_misfit
    assert set(facts.describe()) >= {"iterations", "kish_design_effect", "largest_misfit"}


def test_an_empty_cell_is_named() -> None:
    weights, labels, targets = sample(1)
    missing = [{**targets[0], "d": 10.0}, {**targets[1], "x": targets[1]["x"] + 10.0}]
    for attempt in (
        lambda: rake(weights, margins_of(labels, missing)),
        lambda: post_stratify(weights, margins_of(labels, missing)[0]),
        lambda: auxiliaries_of(margins_of(labels, missing)),
    ):
        with pytest.raises(CannotEstimate, match="empty_cell: u = d: 10 people, and nobody in the sample"):
            attempt()
    nobody = np.where(labels[0] == "a", 0.0, weights)
    with pytest.raises(CannotEstimate, match="empty_cell: u = a"):
        rake(nobody, margins_of(labels, targets))
    found = post_stratify(weights, margins_of(labels, missing)[0], partial=True)
    assert found.weights.sum() == pytest.approx(5000)


def test_people_of_whom_the_population_has_none_are_named() -> None:
    weights, labels, targets = sample(1)
    none = [{**targets[0], "a": 0.0, "b": targets[0]["a"] + targets[0]["b"]}, targets[1]]
    with pytest.raises(CannotEstimate, match="no_target: u = a"):
        rake(weights, margins_of(labels, none))


def test_margins_that_no_weights_can_meet_are_said_to_be_so() -> None:
    """Everybody who is `a` is `x` and the other way round, and the totals want otherwise."""
    first, second = np.array(["a", "b"] * 10), np.array(["x", "y"] * 10)
    known = [margin("u", first, {"a": 60, "b": 40}), margin("v", second, {"x": 50, "y": 50})]
    with pytest.raises(CannotEstimate, match=r"no_convergence: after 1000 sweeps .* is off by"):
        rake(np.ones(20), known)
    with pytest.raises(CannotEstimate, match="contradictory_margins"):
        calibrate(np.ones(20), auxiliaries_of(known))


def test_redundant_totals_are_counted_and_do_no_harm() -> None:
    weights, labels, targets = sample(2)
    levels = [labels[0] == level for level in "abc"] + [labels[1] == level for level in "xy"]
    known = auxiliaries(np.column_stack(levels), {**targets[0], **targets[1]})
    found = calibrate(weights, known)
    assert found.diagnostics.redundant == 1
    np.testing.assert_allclose(found.weights, calibrate(weights, auxiliaries_of(margins_of(labels, targets))).weights, rtol=1e-9)
    with pytest.raises(CannotEstimate, match="contradictory_margins"):
        calibrate(weights, auxiliaries(np.column_stack(levels), {**targets[0], **targets[1], "x": 1.0}))
    with pytest.raises(CannotEstimate, match="empty_cell: nobody"):
        calibrate(weights, auxiliaries(np.column_stack([np.ones(80), np.zeros(80)]), {"all": 5000, "nobody": 7}))


def test_bounds_that_are_too_tight_are_said_to_be_so() -> None:
    weights, labels, targets = sample(4)
    far = [{"a": 4000.0, "b": 500.0, "c": 500.0}, targets[1]]
    for distance in ("linear", "logit", "raking"):
        with pytest.raises(CannotEstimate, match=r"no_convergence: .*the bounds may be too tight"):
            calibrate(weights * 30, auxiliaries_of(margins_of(labels, far)), distance=distance, bounds=(0.9, 1.1))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("how", "code"),
    [
        ({"bounds": (1.1, 2.0)}, "bad_bounds"),
        ({"bounds": (0.5, 2.0), "weight_bounds": (1.0, 2.0)}, "bad_bounds"),
        ({"distance": "logit"}, "bad_bounds"),
        ({"variance": [1.0, 2.0, 3.0]}, "bad_variance"),
        ({"variance": np.zeros(80)}, "bad_variance"),
    ],
)
def test_settings_that_mean_nothing_are_refused(how: dict[str, Any], code: str) -> None:
    weights, labels, targets = sample(4)
    with pytest.raises(CannotEstimate) as raised:
        calibrate(weights, auxiliaries_of(margins_of(labels, targets)), **how)
    assert raised.value.code == code


@pytest.mark.parametrize(
    ("weights", "code"),
    [
        (np.full(80, -1.0), "negative_weight"),
        (np.where(np.arange(80) == 0, -1.0, 1.0), "negative_weight"),
        (np.full(80, np.nan), "no_weights"),
        (np.ones(3), "bad_shape"),
    ],
)
def test_weights_to_start_from_are_positive_numbers(weights: np.ndarray, code: str) -> None:
    _, labels, targets = sample(4)
    with pytest.raises(CannotEstimate) as raised:
        rake(weights, margins_of(labels, targets))
    assert raised.value.code == code


@given(seed=st.integers(0, 10_000), strict=st.booleans(), share=st.sampled_from(["equal", "proportional"]))
@settings(max_examples=40, deadline=None)
def test_trimming_keeps_the_sum(seed: int, strict: bool, share: Any) -> None:
    weights = np.random.default_rng(seed).lognormal(size=60)
    weights /= weights.mean()  # an average beyond a bound has no answer
    found = trim(weights, lower=0.4, upper=3.0, strict=strict, share=share)
    assert found.weights.sum() == pytest.approx(weights.sum())
    assert found.adjustment is None
    assert found.diagnostics.trimmed == ((weights < 0.4) | (weights > 3.0)).sum()
    if strict:
        assert 0.4 <= found.weights.min() <= found.weights.max() <= 3.0


def test_shares_of_what_is_cut() -> None:
    equal = trim(np.array([1.0, 2.0, 9.0]), upper=6.0).weights
    np.testing.assert_allclose(equal, [2.5, 3.5, 6.0])
    np.testing.assert_allclose(trim(np.array([1.0, 2.0, 9.0]), upper=6.0, share="proportional").weights, [2.0, 4.0, 6.0])
    np.testing.assert_allclose(trim(np.array([-1.0, 5.0, 5.0]), lower=0.0).weights, [0.0, 4.5, 4.5])
    with pytest.raises(CannotEstimate, match="bad_bounds"):
        trim(np.array([1.0, 2.0, 9.0]), upper=3.0)


def test_raking_and_trimming_in_turn_meets_both() -> None:
    weights, labels, targets = sample(9, rows=300)
    known = margins_of(labels, targets)
    upper = float(np.quantile(rake(weights, known).weights, 0.9))
    for share in ("proportional", "equal"):
        found = rake_and_trim(weights, known, upper=upper, share=share)  # type: ignore[arg-type]
        assert found.weights.max() <= upper * (1 + 1e-8)
        assert found.diagnostics.trimmed > 0
        for one in known:
            np.testing.assert_allclose(np.bincount(one.codes, weights=found.weights), one.targets, rtol=1e-8)
    with pytest.raises(CannotEstimate, match=r"no_convergence|bad_bounds"):
        rake_and_trim(weights, known, upper=5000 / 300 * 1.01)


def test_every_set_of_replicate_weights_is_raked_by_the_same_raking() -> None:
    weights, labels, targets = sample(6, rows=300)
    raking = Raking(margins_of(labels, targets))
    plain = Design(weights)
    values = np.random.default_rng(6).normal(size=300) + 2.0 * (labels[0] == "a")
    replicated = mean(jk1(plain).reweighted(raking), values)
    linearised = mean(raking.fit(weights).of(plain), values)
    assert replicated.estimates[0] == pytest.approx(linearised.estimates[0])
    assert replicated.standard_errors[0] == pytest.approx(linearised.standard_errors[0], rel=0.05)
    assert linearised.standard_errors[0] < 0.9 * mean(plain, values).standard_errors[0]


def test_weights_are_of_the_design_that_they_were_fitted_to() -> None:
    weights, labels, targets = sample(6)
    with pytest.raises(CannotEstimate, match="bad_shape"):
        rake(weights, margins_of(labels, targets)).of(Design(np.ones(7)))
