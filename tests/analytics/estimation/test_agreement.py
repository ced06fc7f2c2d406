"""Agreement on ordered scales, against vectors computed from the formulas in exact fractions."""

import json
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from tests.support import shared

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.agreement import agreement_interval, consensus, net_agreement, pci2_d1, van_der_eijk
from assent_analytics.estimation.design import Design


def cases() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(shared("stats-ref", "results", "consensus_vectors.json").read_text())["cases"]
    return found


def test_every_vector() -> None:
    measures = {"agreement_vdE": van_der_eijk, "net_agreement": net_agreement, "PCI2_D1_largeN": pci2_d1}
    checked = 0
    for case in cases().values():
        for name, measure in measures.items():
            expected = case["expected"][name]
            exact = float(Fraction(expected["exact"])) if "exact" in expected else expected["value"]
            assert measure(case["V"]) == pytest.approx(exact, abs=1e-12)
            checked += 1
    assert checked >= 30


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


def test_the_interval_of_agreement_is_that_of_replicates() -> None:
    """Leaving out one PSU after the other, and weighting up the rest of its stratum, gives nearly the same standard error."""
    random = np.random.default_rng(7)
    psu = np.repeat(np.arange(60), 8)
    stratum, weights = psu // 15, random.uniform(0.5, 2.0, 480)
    leaning = random.normal(0.0, 0.4, 60)[psu]
    chosen = np.clip(np.round(random.normal(2.2 + leaning, 1.1)), 0, 4).astype(int)
    options = np.eye(5, dtype=bool)[chosen]

    def agreement_without(left_out: int) -> float:
        rest = np.where(psu == left_out, 0.0, np.where(stratum == left_out // 15, weights * 15 / 14, weights))
        return van_der_eijk(rest @ options)

    whole = van_der_eijk(weights @ options)
    replicates = np.array([agreement_without(each) for each in range(60)])
    error = np.sqrt(14 / 15 * ((replicates - whole) ** 2).sum())
    interval = agreement_interval(Design(weights, strata=stratum, clusters=psu), options)
    assert interval is not None
    assert sum(interval) / 2 == pytest.approx(whole)
    assert (interval[1] - interval[0]) / 2 == pytest.approx(2.003 * error, rel=0.05)


def test_where_all_agree_there_is_no_interval() -> None:
    assert agreement_interval(Design.equal(20), np.tile([False, True, False], (20, 1))) is None


def test_two_options_have_no_agreement() -> None:
    found = consensus([3, 7])
    assert found.agreement is None
    assert found.polarization is None
    assert found.net_agreement == pytest.approx(0.4)


@pytest.mark.parametrize(
    ("shares", "code"), [([1.0], "bad_value"), ([0, 0, 0], "all_missing"), ([1, -1, 1], "bad_value"), ([1, np.nan, 1], "bad_value")]
)
def test_what_is_no_distribution_is_refused(shares: list[float], code: str) -> None:
    with pytest.raises(CannotEstimate) as refused:
        consensus(shares)
    assert refused.value.code == code
