"""Groups shown to be alike, shown to differ, or neither."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import stdtrit

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.comparisons.equivalence import across_gaps, across_groups, equivalence
from assent_analytics.estimation.designs.design import Design
from assent_analytics.estimation.estimate import Estimate
from assent_analytics.estimation.replicates.jackknife import jackknife


def _differences(*pairs: tuple[float, float], freedom: float = 100) -> Estimate:
    differences, errors = np.array(pairs).T
    return Estimate(differences, np.diag(errors**2), freedom)


@pytest.mark.parametrize(
    ("differences", "verdict"),
    [
        (_differences((0.01, 0.02), (-0.03, 0.02)), "shown"),
        (_differences((0.01, 0.02), (0.01, 0.08)), "not_shown"),  # the second is too vague, though no difference is significant
        (_differences((0.05, 0.01), (0.06, 0.01)), "shown"),  # both differ from nought, but neither by enough to matter
        (_differences((0.30, 0.05), (0.0, 0.02)), "contradicted"),
        (_differences((0.19, 0.05), (0.0, 0.02)), "not_shown"),  # beyond the margin at 5 % alone, not after Holm
        (_differences((0.19, 0.05)), "contradicted"),
        (_differences((-0.19, 0.05)), "contradicted"),
        (_differences((0.0, 0.0), (0.01, 0.02)), "not_shown"),  # all of two groups alike: no error to show anything by
    ],
)
def test_verdicts(differences: Estimate, verdict: str) -> None:
    assert equivalence(differences).verdict == verdict


@given(
    st.lists(st.tuples(st.floats(-0.4, 0.4), st.floats(0.005, 0.2)), min_size=1, max_size=6),
    st.floats(0.02, 0.3),
    st.sampled_from([0.01, 0.05, 0.10]),
)
def test_shown_is_every_interval_within_the_margin(pairs: list[tuple[float, float]], margin: float, alpha: float) -> None:
    """Schuirmann: two one-sided tests at alpha are the interval of 1 - 2 alpha. A wider margin never undoes what is shown."""
    differences = _differences(*pairs)
    found = equivalence(differences, margin=margin, alpha=alpha)
    intervals = differences.intervals(1.0 - 2.0 * alpha)
    assert (found.verdict == "shown") == bool((np.abs(intervals).max(axis=1) < margin).all())
    assert (found.p_alike < alpha) == (found.verdict == "shown")
    assert not (found.p_alike < alpha and found.p_apart < alpha)
    if found.verdict == "shown":
        assert equivalence(differences, margin=1.5 * margin, alpha=alpha).verdict == "shown"
    assert abs(found.largest) == pytest.approx(np.abs(differences.estimates).max())


def test_error_rates_at_the_margin() -> None:
    """Two groups that truly differ by just the margin: alike in at most 5 % of samples, and apart in at most 5 %."""
    chance = np.random.default_rng(4)
    error = 0.03
    drawn = 0.10 + error * chance.standard_t(60, 4_000)
    verdicts = [equivalence(_differences((float(one), error), freedom=60)).verdict for one in drawn]
    assert verdicts.count("shown") / 4_000 == pytest.approx(0.05, abs=0.015)
    assert verdicts.count("contradicted") / 4_000 == pytest.approx(0.05, abs=0.015)


def test_power_when_groups_are_alike() -> None:
    """The difference is shown not to matter where the margin is beyond the reach of the interval on both sides."""
    edge = 0.10 + float(stdtrit(100, 0.05)) * 0.04
    assert equivalence(_differences((0.999 * edge, 0.04))).verdict == "shown"
    assert equivalence(_differences((1.001 * edge, 0.04))).verdict == "not_shown"


def _groups(shares: list[float], people: int) -> tuple[Design, np.ndarray, np.ndarray]:
    group = np.arange(people) % len(shares)
    values = (np.arange(people) // len(shares)) % 100 < 100 * np.array(shares)[group]
    return Design(np.ones(people)), values.astype(float), group


@pytest.mark.parametrize("compare", [across_groups, across_gaps])
@pytest.mark.parametrize(
    ("shares", "people", "verdict"),
    [
        ([0.50, 0.51, 0.49], 3_000, "shown"),
        ([0.50, 0.51, 0.49], 300, "not_shown"),
        ([0.50, 0.52, 0.20], 3_000, "contradicted"),
    ],
)
def test_groups_by_pairs_and_against_the_rest(compare: Any, shares: list[float], people: int, verdict: str) -> None:
    plan, values, group = _groups(shares, people)
    assert compare(plan, values, group).verdict == verdict
    if people == 300:
        assert compare(jackknife(plan), values, group).verdict == verdict


def test_a_group_of_one_mind_is_not_shown_to_be_like_another() -> None:
    plan, values, group = _groups([0.0, 0.0, 0.02], 3_000)
    found = across_groups(plan, values, group)
    assert (found.verdict, found.undetermined) == ("not_shown", 1)


def test_missing_values_and_unknown_groups_are_left_out() -> None:
    plan, values, group = _groups([0.50, 0.51, 0.49], 3_000)
    values[0], group[1] = np.nan, -1
    assert across_groups(plan, values, group).verdict == across_gaps(plan, values, group).verdict == "shown"


@pytest.mark.parametrize(("setting", "code"), [({"margin": 0.0}, "bad_setting"), ({"alpha": 0.6}, "bad_setting")])
def test_settings_that_make_no_sense(setting: dict[str, float], code: str) -> None:
    with pytest.raises(CannotEstimate, match=code):
        equivalence(_differences((0.0, 0.1)), **setting)


def test_nothing_to_compare() -> None:
    plan, values, group = _groups([0.5, 0.5], 200)
    with pytest.raises(CannotEstimate, match="one_group"):
        across_groups(plan, values, np.zeros_like(group))
    with pytest.raises(CannotEstimate, match="no_degrees_of_freedom"):
        equivalence(_differences((0.0, 0.1), freedom=0))
    with pytest.raises(CannotEstimate, match="one_group"):
        equivalence(Estimate(np.zeros(0), np.zeros((0, 0)), 9))
