"""Tails of weighted sums of chi-squares, against the cases that have a closed form and against simulation."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import chdtrc, fdtrc

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.hypothesis_tests.chi_square_sums import integrated, saddlepoint, satterthwaite


@pytest.mark.parametrize("count", [1, 2, 5, 30])
@pytest.mark.parametrize("statistic", [0.02, 0.9, 4.0, 80.0])
def test_equal_weights_are_a_chi_square(count: int, statistic: float) -> None:
    exact = chdtrc(count, statistic / 1.7)
    np.testing.assert_allclose(satterthwaite(statistic, np.full(count, 1.7)), exact, rtol=1e-12)
    np.testing.assert_allclose(integrated(statistic, np.full(count, 1.7)), exact, rtol=1e-8)
    np.testing.assert_allclose(saddlepoint(statistic, np.full(count, 1.7)), exact, rtol=0.12)


@pytest.mark.parametrize("freedom", [1, 3, 12.5, 200])
@pytest.mark.parametrize("statistic", [0.05, 1.0, 7.0, 40.0])
def test_equal_weights_over_a_denominator_are_f(freedom: float, statistic: float) -> None:
    exact = fdtrc(3, freedom, statistic / 3 / 0.8)
    np.testing.assert_allclose(satterthwaite(statistic, [0.8] * 3, freedom), exact, rtol=1e-12)
    np.testing.assert_allclose(integrated(statistic, [0.8] * 3, freedom), exact, rtol=1e-7)


@pytest.mark.parametrize("statistic", [0.5, 3.0, 12.0, 60.0])
def test_pairs_of_weights_are_a_sum_of_exponentials(statistic: float) -> None:
    """Weights a, a, b, b: two exponentials of means 2a and 2b, whose tail is (a e^(-x/2a) - b e^(-x/2b)) / (a - b)."""
    a, b = 3.0, 0.5
    exact = (a * np.exp(-statistic / (2 * a)) - b * np.exp(-statistic / (2 * b))) / (a - b)
    np.testing.assert_allclose(integrated(statistic, [a, a, b, b]), exact, rtol=1e-8)
    np.testing.assert_allclose(saddlepoint(statistic, [a, a, b, b]), exact, rtol=0.05)


@given(
    st.lists(st.floats(0.05, 20.0), min_size=2, max_size=8),
    st.floats(0.2, 4.0),
    st.sampled_from([np.inf, 4.0, 15.0, 122.0]),
)
def test_three_ways_to_one_tail(weights: list[float], multiple: float, freedom: float) -> None:
    """The saddlepoint is good to a few per cent of the tail; the whole is free of the unit of measurement."""
    statistic = multiple * sum(weights)
    exact = integrated(statistic, weights, freedom)
    assert 0.0 < exact < 1.0
    assert saddlepoint(statistic, weights, freedom) == pytest.approx(exact, rel=0.15)
    assert satterthwaite(statistic, weights, freedom) == pytest.approx(exact, rel=0.5, abs=0.02)
    for tail in (integrated, saddlepoint, satterthwaite):
        assert tail(8.0 * statistic, 8.0 * np.array(weights), freedom) == pytest.approx(tail(statistic, weights, freedom), rel=1e-6)


def test_against_simulation() -> None:
    chance = np.random.default_rng(11)
    weights, freedom = np.array([5.0, 1.0, 0.2]), 9.0
    drawn = chance.chisquare(1.0, (400_000, 3)) @ weights / (chance.chisquare(freedom, 400_000) / freedom)
    assert integrated(25.0, weights, freedom) == pytest.approx((drawn > 25.0).mean(), abs=0.002)


def test_nothing_is_beyond_nought_and_no_variance_is_refused() -> None:
    assert integrated(0.0, [1.0, 2.0]) == saddlepoint(0.0, [1.0, 2.0]) == 1.0
    assert satterthwaite(0.0, [1.0, 2.0], 7.0) == 1.0
    for tail in (integrated, saddlepoint, satterthwaite):
        with pytest.raises(CannotEstimate, match="no_variation"):
            tail(3.0, [0.0, 0.0])
