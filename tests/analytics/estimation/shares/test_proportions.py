"""Shares: bounds and tests that never disagree, the ends of the scale, and what an effective base rests on."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.designs.design import Design
from assent_analytics.estimation.shares.proportions import Share, share


def _share(hits: int, people: int, *, psus: int | None = None) -> Share:
    answers = np.arange(people) < hits
    return share(Design(np.ones(people), clusters=None if psus is None else np.arange(people) % psus), answers)


def test_korn_graubard_without_a_design_is_nearly_clopper_pearson() -> None:
    """The linearised variance has n - 1 where the binomial has n; so has the effective base."""
    found = _share(3, 40)
    assert found.method == "korn_graubard"
    assert found.n_effective == pytest.approx(39)
    assert found.interval() == pytest.approx(
        (beta.ppf(0.025, 3 * 39 / 40, 39 * 37 / 40 + 1), beta.ppf(0.975, 3 * 39 / 40 + 1, 39 * 37 / 40))
    )


@pytest.mark.parametrize(("hits", "end"), [(0, 0.0), (20, 1.0)])
def test_nobody_and_everybody_have_an_interval(hits: int, end: float) -> None:
    found = _share(hits, 20)
    assert found.share == end
    assert found.effective_by == "kish"
    assert found.n_effective == pytest.approx(20)
    assert found.standard_error == 0.0
    assert found.design_effect is None
    with pytest.raises(CannotEstimate, match="korn_graubard"):
        found.interval(method="logit")
    assert (found.low, found.high) == pytest.approx((0.0, 1 - 0.025 ** (1 / 20)) if end == 0.0 else (0.025 ** (1 / 20), 1.0))


def test_large_bases_use_the_logit_interval() -> None:
    assert _share(300, 600).method == "logit"
    assert _share(30, 600).method == "korn_graubard"  # near nought
    assert _share(25, 50).method == "korn_graubard"  # a small base


def test_few_psus_widen_the_interval() -> None:
    """Beyond what the design effect says: a variance known from five PSUs only is itself uncertain."""
    found = _share(20, 40, psus=5)
    assert found.degrees_of_freedom == 4
    assert found.interval() == pytest.approx(found.interval(method="korn_graubard"))
    exact = beta.ppf(0.025, found.n_effective / 2, found.n_effective / 2 + 1)
    assert found.low < exact


@given(hits=st.integers(0, 80), people=st.integers(2, 80), threshold=st.floats(0.02, 0.98), alpha=st.floats(0.001, 0.2))
def test_a_bound_clears_a_threshold_exactly_when_the_test_rejects(hits: int, people: int, threshold: float, alpha: float) -> None:
    found = _share(min(hits, people), people)
    p_above, p_below = found.above(threshold), found.below(threshold)
    assert 0.0 <= p_above <= 1.0
    assert 0.0 <= p_below <= 1.0
    if abs(p_above - alpha) > 1e-6:
        assert (found.lower(alpha) > threshold) == (p_above < alpha)
    if abs(p_below - alpha) > 1e-6:
        assert (found.upper(alpha) < threshold) == (p_below < alpha)


@given(hits=st.integers(1, 39), psus=st.integers(3, 12), threshold=st.floats(0.05, 0.95))
def test_the_same_with_few_psus(hits: int, psus: int, threshold: float) -> None:
    found = _share(hits, 40, psus=psus)
    p = found.above(threshold)
    if 1e-9 < p < 0.45:
        assert found.lower(p) == pytest.approx(threshold, abs=1e-6)


def test_thresholds_beyond_the_scale() -> None:
    found = _share(30, 60)
    assert found.above(0.0) == 0.0
    assert found.above(1.0) == 1.0
    assert found.below(1.0) == 0.0
    assert found.below(0.0) == 1.0


def test_weights_cost_effective_people() -> None:
    weights = np.where(np.arange(200) % 2 == 0, 1.0, 4.0)
    found = share(Design(weights), np.arange(200) % 3 == 0)
    assert found.base == 200
    assert found.n_effective < 160
    assert found.design_effect is not None
    assert found.design_effect > 1.2
