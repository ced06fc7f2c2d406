"""What holds of the indices whatever the distribution: identities, ends of their ranges, reversed and multiplied scales."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.consensus.ajus import ajus
from assent_analytics.estimation.consensus.between_pairs import esteban_ray
from assent_analytics.estimation.consensus.distributions import peaks
from assent_analytics.estimation.consensus.from_cumulative import (
    apouey,
    berry_mielke,
    blair_lacy_l,
    blair_lacy_l_squared,
    concentration,
    leik,
)
from assent_analytics.estimation.consensus.indices import INDICES, Index
from assent_analytics.estimation.consensus.logarithmic import entropy, tastle_wierman
from assent_analytics.estimation.consensus.two_sides import net_agreement, pci1, pci2, pci2_d1, pci2_d2
from assent_analytics.estimation.consensus.van_der_eijk import FEW_OPTIONS, van_der_eijk

counts = some.lists(some.integers(0, 500), min_size=3, max_size=9).filter(any).map(lambda row: np.array(row, dtype=float))
EVERY = list(INDICES.values())


def named(index: Index) -> str:
    return index.name


@given(counts)
def test_dispersion_is_one_idea(row: np.ndarray) -> None:
    """Leik's D is Apouey's index of power one; Berry and Mielke's that of power two, and one less l squared."""
    assert leik(row) == pytest.approx(apouey(row, 1.0), abs=1e-12)
    assert berry_mielke(row) == pytest.approx(apouey(row, 2.0), abs=1e-12)
    assert berry_mielke(row) == pytest.approx(1.0 - blair_lacy_l_squared(row), abs=1e-12)
    assert blair_lacy_l(row) ** 2 == pytest.approx(blair_lacy_l_squared(row), abs=1e-12)
    assert concentration(row, 1.0) == pytest.approx(1.0 - leik(row), abs=1e-12)


@given(counts)
def test_leiks_formula(row: np.ndarray) -> None:
    below = np.cumsum(row / row.sum())[:-1]
    assert leik(row) == pytest.approx(2.0 * np.minimum(below, 1.0 - below).mean(), abs=1e-12)


@given(counts)
def test_berry_and_mielke_count_pairs(row: np.ndarray) -> None:
    pairs = sum(row[low] * row[high] * (high - low) for low, high in combinations(range(len(row)), 2))
    assert berry_mielke(row) == pytest.approx(pairs / row.sum() ** 2 / ((len(row) - 1) / 4.0), abs=1e-12)


@given(counts)
def test_agreement_peels_layers(row: np.ndarray) -> None:
    """By triples of options, one by one."""
    left, agreement, options = row.copy(), 0.0, len(row)
    while (present := left > 0).any():
        height, chosen = left[present].min(), int(present.sum())
        triples = [tuple(three) for three in combinations(present.tolist(), 3)]
        one = sum(middle and low != high for low, middle, high in triples)
        two = sum(low and high and not middle for low, middle, high in triples)
        shape = ((options - 2) * one - (options - 1) * two) / ((options - 2) * (one + two)) if one + two else 0.0
        of_layer = 1.0 if chosen == 1 else 0.0 if chosen == options else shape * (1 - (chosen - 1) / (options - 1))
        agreement += of_layer * height * chosen / row.sum()
        left[present] -= height
    assert van_der_eijk(row) == pytest.approx(agreement, abs=1e-12)


@pytest.mark.parametrize("index", EVERY, ids=named)
@given(row=counts, factor=some.floats(0.01, 100.0))
def test_an_index_is_within_its_range_and_knows_no_numbers_of_people(index: Index, row: np.ndarray, factor: float) -> None:
    value = float(index.of(row))
    assert index.low - 1e-12 <= value <= index.high + 1e-12
    assert float(index.of(row * factor)) == pytest.approx(value, abs=1e-7)  # powers below one make much of a last digit


@pytest.mark.parametrize("index", EVERY, ids=named)
@given(row=counts)
def test_a_scale_read_from_the_other_end(index: Index, row: np.ndarray) -> None:
    turned = -1.0 if index.points == "support" else 1.0
    assert float(index.of(row[::-1])) == pytest.approx(turned * float(index.of(row)), abs=1e-7)


@pytest.mark.parametrize("index", [index for index in EVERY if index.points != "support"], ids=named)
@pytest.mark.parametrize("options", [3, 4, 5, 7, 10])
def test_all_in_one_option_and_half_at_either_end(index: Index, options: int) -> None:
    one, split = np.zeros(options), np.zeros(options)
    one[1], split[[0, -1]] = 50.0, 25.0
    together, apart = (index.low, index.high) if index.points == "division" else (index.high, index.low)
    assert float(index.of(one)) == pytest.approx(together, abs=1e-12)
    if index.name != "unalikeability":  # two people of a split differ half the time
        assert float(index.of(split)) == pytest.approx(apart, abs=1e-12)


@pytest.mark.parametrize("options", [3, 5, 8])
def test_uniform_answers(options: int) -> None:
    """Where A is nought the others see much division: they disagree by design."""
    row = np.ones(options)
    assert van_der_eijk(row) == pytest.approx(0.0, abs=1e-12)
    assert entropy(row) == pytest.approx(np.log2(options))
    assert leik(row) > 0.5
    assert net_agreement(row) == pytest.approx(0.0, abs=1e-12)
    assert peaks(row).all()


def test_two_options_say_no_more_than_a_share() -> None:
    share = np.array([0.1, 0.5, 0.8])
    row = np.column_stack([1.0 - share, share])
    assert leik(row) == pytest.approx(2.0 * np.minimum(share, 1.0 - share))
    for index in (berry_mielke, pci2_d1, pci2_d2):
        assert index(row) == pytest.approx(4.0 * share * (1.0 - share))
    assert tastle_wierman(row) == pytest.approx(1.0 - entropy(row))
    assert net_agreement(row) == pytest.approx(2.0 * share - 1.0)
    assert pci1(row) == pytest.approx(leik(row))
    with pytest.raises(CannotEstimate, match="at least 3 options"):
        van_der_eijk(row)
    with pytest.raises(CannotEstimate, match="at least 3 options"):
        ajus(row)


def test_long_scales_are_counted_layer_by_layer() -> None:
    """Beyond the table of patterns, with options that nobody chose put at an end."""
    random = np.random.default_rng(3)
    row = random.integers(0, 30, FEW_OPTIONS + 4).astype(float)
    assert -1.0 < float(van_der_eijk(row)) < 1.0
    assert van_der_eijk(np.ones(FEW_OPTIONS + 4)) == pytest.approx(0.0)
    peaked = np.zeros(FEW_OPTIONS + 4)
    peaked[5:8] = 10.0
    assert van_der_eijk(peaked) == pytest.approx(1.0 - 2.0 / (FEW_OPTIONS + 3))


def test_an_odd_number_of_people_cannot_split_evenly() -> None:
    row = np.array([8.0, 0.0, 0.0, 0.0, 7.0])
    assert berry_mielke(row, 15) == pytest.approx(1.0)
    assert berry_mielke(row) < 1.0
    assert pci2(row, people=15) == pytest.approx(1.0)


def test_what_an_index_cannot_be_asked_for() -> None:
    row = np.array([1.0, 2.0, 3.0])
    refused = [
        lambda: apouey(row, 0.0),
        lambda: concentration(row, -1.0),
        lambda: esteban_ray(row, 2.0),
        lambda: pci2(row, discount=3),
        lambda: ajus(row, -0.1),
    ]
    for ask in refused:
        with pytest.raises(CannotEstimate, match="bad_setting"):
            ask()
    with pytest.raises(CannotEstimate, match="bad_value"):
        berry_mielke(row, 1)
    with pytest.raises(CannotEstimate, match="all_missing"):
        leik(np.array([[1.0, 2.0], [0.0, 0.0]]))


def test_steps_within_the_tolerance_that_add_up() -> None:
    """A convention of agrmt that is kept: a gentle slope is a J whichever way it goes."""
    slope = np.array([0.25, 0.22, 0.20, 0.18, 0.15])
    assert ajus(slope, 0.05).types == "J"
    assert ajus(slope, 0.11).types == "F"
    assert list(ajus(np.array([[0.7, 0.2, 0.1], [0.4, 0.2, 0.4]]), 0.05).types) == ["L", "U"]
