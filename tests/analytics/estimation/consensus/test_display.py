"""What is shown of agreement by default, for one distribution and for groups of a survey."""

import numpy as np
import pytest

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.consensus import display
from assent_analytics.estimation.consensus.display import consensus, consensus_by_group
from assent_analytics.estimation.consensus.van_der_eijk import van_der_eijk
from assent_analytics.estimation.designs.design import Design


def test_uniform_split_and_unanimous() -> None:
    uniform, split, unanimous = consensus([1, 1, 1, 1, 1]), consensus([1, 0, 0, 0, 1]), consensus([0, 0, 0, 1, 0])
    assert (uniform.agreement, uniform.peaks_at) == (0.0, (0, 1, 2, 3, 4))
    assert (split.agreement, split.polarization, split.peaks_at) == (-1.0, 1.0, (0, 4))
    assert (unanimous.agreement, unanimous.polarization, unanimous.peaks_at) == (1.0, 0.0, (3,))


def test_agreement_is_as_high_when_all_say_neither() -> None:
    """Which is why it is never shown without where it peaks."""
    neither = consensus([0, 0, 1, 0, 0])
    assert neither.agreement == 1.0
    assert neither.peaks_at == (2,)
    assert neither.net_agreement == 0.0


def test_layers_of_weighted_shares_that_tie_but_for_their_last_digit() -> None:
    tied = np.array([0.1, 0.2, 0.2, 0.2 + 1e-15, 0.3 - 1e-15])
    assert van_der_eijk(tied) == pytest.approx(van_der_eijk([1, 2, 2, 2, 3]), abs=1e-12)
    assert consensus([0.1, 0.3, 0.3 + 1e-15]).peaks_at == (1, 2)


def test_two_options_have_no_agreement() -> None:
    found = consensus([3, 7])
    assert found.agreement is None
    assert found.polarization is None
    assert found.net_agreement == pytest.approx(0.4)
    (group,) = consensus_by_group(Design.equal(10), np.array([0, 0, 0, 1, 1, 1, 1, 1, 1, 1]), 2)
    assert group is not None
    assert (group.agreement, group.polarization, group.agreement_interval) == (None, None, None)
    assert group.net_interval is not None


@pytest.mark.parametrize(
    ("shares", "code"), [([1.0], "bad_value"), ([0, 0, 0], "all_missing"), ([1, -1, 1], "bad_value"), ([1, np.nan, 1], "bad_value")]
)
def test_what_is_no_distribution_is_refused(shares: list[float], code: str) -> None:
    with pytest.raises(CannotEstimate) as refused:
        consensus(shares)
    assert refused.value.code == code


def test_groups_have_their_own_figures_and_intervals(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(5)
    psu = np.repeat(np.arange(40), 10)
    weights, codes = random.uniform(0.5, 2.0, 400), random.integers(-1, 5, 400)
    groups = np.column_stack([random.random(400) < share for share in (0.5, 0.3, 0.0)])
    design = Design(weights, strata=psu // 10, clusters=psu)
    found = consensus_by_group(design, codes, 5, groups)
    assert found[2] is None
    for one, inside in zip(found[:2], groups.T, strict=False):
        assert one is not None
        chosen = inside & (codes >= 0)
        alone = consensus(np.bincount(codes[chosen], weights[chosen], 5))
        assert one.peaks_at == alone.peaks_at
        pairs = [
            (one.agreement, one.agreement_interval, alone.agreement),
            (one.net_agreement, one.net_interval, alone.net_agreement),
            (one.polarization, one.polarization_interval, alone.polarization),
        ]
        for value, interval, expected in pairs:
            assert value == pytest.approx(expected)
            assert interval is not None
            assert interval[0] < value < interval[1]
    monkeypatch.setattr(display, "MOST_NUMBERS", 1)
    one_by_one = consensus_by_group(design, codes, 5, groups)
    for alone, together in zip(one_by_one[:2], found[:2], strict=True):
        assert alone is not None
        assert together is not None
        assert alone.agreement_interval == pytest.approx(together.agreement_interval)
        assert alone.polarization_interval == pytest.approx(together.polarization_interval)
    assert one_by_one[2] is None


def test_where_all_agree_there_is_no_interval() -> None:
    (found,) = consensus_by_group(Design.equal(20), np.full(20, 1), 3)
    assert found is not None
    assert (found.agreement, found.agreement_interval, found.peaks_at) == (1.0, None, (1,))
