"""Changes between collections: R's figures for a panel and for independent samples, and what is refused."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from assent_analytics.domain.comparability import Comparability
from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.comparisons.trends import Wave, change_of_panel, change_of_samples, change_within
from assent_analytics.estimation.designs.design import Design
from assent_analytics.estimation.estimate import Estimate
from assent_analytics.estimation.hypothesis_tests.cells import estimated, group_means
from assent_analytics.estimation.replicates.jackknife import jackknife

ALIKE = Comparability()
STRATA = ["a", "b"] * 5
EARLIER = Wave([3, 4, 2, 5, 1, 3, 4, 2, 5, 3], [1, 2, 1, 3, 2, 1, 2, 2, 1, 1], list(range(1, 11)), STRATA)
LATER = Wave([4, 4, 3, 5, 2, 5, 3, 4, 4, 1], [2, 1, 1, 2, 3, 1, 1, 2, 2, 1], list(range(3, 13)), STRATA)


def test_a_panel_as_r() -> None:
    """R: d <- svydesign(~id, strata=~st, weights=~w, data=rbind(e, l)).

    svycontrast(svyby(~y, ~wave, d, svymean, covmat=TRUE), c(-1, 1)).
    """
    found = change_of_panel(EARLIER, LATER, ALIKE)
    np.testing.assert_allclose([found.earlier, found.later], [3.3125, 3.5], rtol=1e-12)
    np.testing.assert_allclose(
        [found.difference.difference, found.difference.standard_error], [0.1875, 0.75435341337176], rtol=1e-12
    )
    assert found.difference.degrees_of_freedom == 10
    assert found.correlation == pytest.approx(-0.058154296875 / np.sqrt(0.277349853515625 * 0.175390625))


def _mean(wave: Wave) -> Estimate:
    plan = Design(wave.weights, strata=wave.strata)
    return estimated(plan, group_means(wave.values, np.zeros(wave.rows, dtype=np.int64), 1))


def test_independent_samples_as_r() -> None:
    """R: the same with ids = ~paste(wave, id), strata = ~paste(wave, st)."""
    found = change_of_samples(_mean(EARLIER), _mean(LATER), ALIKE)
    np.testing.assert_allclose(
        [found.difference.difference, found.difference.standard_error], [0.1875, 0.681402738754998], rtol=1e-12
    )
    assert found.difference.degrees_of_freedom == 16
    assert found.correlation == 0.0


def test_strata_may_number_their_clusters_anew() -> None:
    """Clusters 1 to 5 of stratum a and of stratum b are ten, which both waves share."""
    numbers = np.repeat(np.arange(1, 6), 2)
    names = [f"{stratum}{number}" for stratum, number in zip(STRATA, numbers, strict=True)]
    found = [change_of_panel(replace(EARLIER, shared=labels), replace(LATER, shared=labels), ALIKE) for labels in (numbers, names)]
    assert found[0] == found[1]
    assert found[0].difference.degrees_of_freedom == 8


def _random_panel(steadiness: float) -> tuple[Wave, Wave]:
    chance = np.random.default_rng(3)
    lasting = chance.normal(size=300)
    answers = [steadiness * lasting + chance.normal(size=300) for _ in range(2)]
    first, second = (Wave(values, chance.uniform(1, 3, 300), np.arange(300)) for values in answers)
    return first, replace(second, weights=first.weights)


def test_a_steady_panel_sees_smaller_changes_than_two_samples() -> None:
    """With equal weights a whole panel is a paired comparison."""
    earlier, later = _random_panel(2.0)
    panel = change_of_panel(earlier, later, ALIKE)
    samples = change_of_samples(_mean(earlier), _mean(later), ALIKE)
    assert panel.correlation > 0.6
    assert panel.difference.standard_error < 0.7 * samples.difference.standard_error
    assert panel.difference.difference == pytest.approx(samples.difference.difference)
    equal = replace(earlier, weights=np.ones(300)), replace(later, weights=np.ones(300))
    spread = (np.asarray(later.values) - np.asarray(earlier.values)).std(ddof=1)
    assert change_of_panel(*equal, ALIKE).difference.standard_error == pytest.approx(spread / np.sqrt(300))


def test_replicate_weights_give_nearly_the_same_change() -> None:
    earlier, later = _random_panel(1.0)
    weights, people = np.concatenate([earlier.weights, later.weights]), np.tile(np.arange(300), 2)
    values, is_later = np.concatenate([earlier.values, later.values]), np.arange(600) >= 300
    plan = Design(weights, clusters=people)
    linearised, replicated = (change_within(one, values, is_later, ALIKE) for one in (plan, jackknife(plan)))
    assert linearised.difference.standard_error == pytest.approx(change_of_panel(earlier, later, ALIKE).difference.standard_error)
    assert replicated.difference.standard_error == pytest.approx(linearised.difference.standard_error, rel=0.02)
    assert replicated.difference.degrees_of_freedom == linearised.difference.degrees_of_freedom == 299


@pytest.mark.parametrize(
    ("later", "code"),
    [
        ({"shared": list(range(20, 30))}, "nothing_shared"),
        ({"strata": ["b", "a"] * 5}, "not_nested"),
        ({"values": [np.nan] * 10}, "all_missing"),
        ({"values": [np.inf] * 10}, "bad_value"),
        ({"values": [1.0] * 9}, "bad_shape"),
        ({"shared": [1] * 9}, "bad_shape"),
        ({"strata": ["a"] * 9}, "bad_shape"),
        ({"weights": [-1.0] * 10}, "negative_weight"),
    ],
)
def test_panels_that_cannot_be_joined_say_why(later: dict[str, Any], code: str) -> None:
    with pytest.raises(CannotEstimate) as refused:
        change_of_panel(EARLIER, replace(LATER, **later), ALIKE)
    assert refused.value.code == code


def test_what_does_not_vary_has_no_error() -> None:
    constant = replace(EARLIER, values=[2] * 10), replace(LATER, values=[2] * 10)
    with pytest.raises(CannotEstimate, match="no_variation"):
        change_of_panel(*constant, ALIKE)
    with pytest.raises(CannotEstimate, match="no_variation"):
        change_of_samples(_mean(constant[0]), _mean(constant[1]), ALIKE)


def test_collections_that_are_not_comparable_are_refused_with_all_reasons() -> None:
    differing = Comparability(("different_mode", "different_dont_know_rule"))
    for change in (
        lambda: change_of_panel(EARLIER, LATER, differing),
        lambda: change_of_samples(_mean(EARLIER), _mean(LATER), differing),
        lambda: change_within(Design(np.ones(4)), [1, 2, 3, 4], [False, False, True, True], differing),
    ):
        with pytest.raises(CannotEstimate, match="not_comparable: different_mode, different_dont_know_rule"):
            change()
