"""Every index against R's agrmt and against exact fractions, on every distribution of the reference set.

R traps: `agrmt::consensus` refuses counts that are not whole; Berry and Mielke's index and what follows from it allow for odd
numbers of people, and so need counts; `BlairLacy` is the root of `lsquared`, and `dsquared` is not normed.
"""

import json
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from tests.analytics.estimation.reference import family, record
from tests.support import SHARED, shared

from assent_analytics.estimation.arrays import Floats
from assent_analytics.estimation.consensus.ajus import ajus
from assent_analytics.estimation.consensus.between_pairs import esteban_ray, reynal_querol, unalikeability
from assent_analytics.estimation.consensus.from_cumulative import (
    apouey,
    berry_mielke,
    blair_lacy_d_squared,
    blair_lacy_l,
    blair_lacy_l_squared,
    concentration,
    dispersion,
    kvalseth,
    leik,
    reardon,
)
from assent_analytics.estimation.consensus.logarithmic import entropy, tastle_wierman
from assent_analytics.estimation.consensus.two_sides import net_agreement, pci1, pci2, pci2_d1, pci2_d2
from assent_analytics.estimation.consensus.van_der_eijk import polarisation, van_der_eijk

AGRMT = "08_consensus_agrmt.json"
TOLERANCE = 0.05  # of the recorded calls of ajus

INDICES: dict[str, Callable[[Floats], Floats]] = {
    "agreement_vdE": van_der_eijk,
    "agreement_vdE_old": lambda counts: van_der_eijk(counts, before_correction=True),
    "polarization_vdE": polarisation,
    "leik_D": leik,
    "leik_consensus": lambda counts: 1.0 - leik(counts),
    "consensus_TW": tastle_wierman,
    "dissent_TW": lambda counts: 1.0 - tastle_wierman(counts),
    "BerryMielke_IOV": lambda counts: berry_mielke(counts, counts.sum()),
    "BerryMielke_IOV_largeN": berry_mielke,
    "Kvalseth_COV": lambda counts: kvalseth(counts, counts.sum()),
    "BlairLacy_l": blair_lacy_l,
    "dsquared": blair_lacy_d_squared,
    "lsquared": blair_lacy_l_squared,
    "concentration1": lambda counts: concentration(counts, 1.0),
    "concentration2": concentration,
    "dispersion2": dispersion,
    "Reardon": reardon,
    "MRQ": reynal_querol,
    "entropy_bits": entropy,
    "ER_alpha0": lambda counts: esteban_ray(counts, 0.0, normed=False),
    "ER_alpha1": lambda counts: esteban_ray(counts, normed=False),
    "ER_alpha1.6": lambda counts: esteban_ray(counts, 1.6, normed=False),
    "ER_alpha1_norm": esteban_ray,
    "ER_alpha1.6_norm": lambda counts: esteban_ray(counts, 1.6),
    "apouey_alpha0.5": lambda counts: apouey(counts, 0.5),
    "apouey_alpha1": lambda counts: apouey(counts, 1.0),
    "apouey_alpha2": lambda counts: apouey(counts, 2.0),
    "PCI1": pci1,
    "PCI2_D1": lambda counts: pci2(counts, people=counts.sum()),
    "PCI2_D1_largeN": pci2_d1,
    "PCI2_D2": lambda counts: pci2(counts, discount=0, people=counts.sum()),
    "PCI2_D2_largeN": pci2_d2,
    "PCI2_D1_p2": lambda counts: pci2(counts, power=2.0, people=counts.sum()),
    "net_agreement": net_agreement,
    "unalikeability": unalikeability,
}
"""By the names of the records."""

DESCRIPTIVE = {"V", "mean", "sd_pop", "ajus_type", "ajus_skew"}
"""What a record holds beside indices."""


def cases() -> dict[str, Any]:
    """The distributions whose indices are known exactly."""
    if not SHARED.is_dir():
        return {"the reference data": None}
    found: dict[str, Any] = json.loads(shared("stats-ref", "results", "consensus_vectors.json").read_text())["cases"]
    return found


@family(AGRMT, ".*")
def test_every_index_of_agrmt(name: str) -> None:
    expected = record(name, AGRMT)
    counts = np.asarray(expected["V"], dtype=float)
    for index in expected.keys() - DESCRIPTIVE:
        assert INDICES[index](counts) == pytest.approx(expected[index], abs=1e-12), index


@family(AGRMT, ".*")
def test_shapes(name: str) -> None:
    expected = record(name, AGRMT)
    found = ajus(expected["V"], TOLERANCE)
    assert (found.types, found.skews) == (expected["ajus_type"], expected["ajus_skew"])


@pytest.mark.parametrize("name", cases())
def test_every_exact_fraction(name: str) -> None:
    case = json.loads(shared("stats-ref", "results", "consensus_vectors.json").read_text())["cases"][name]
    counts = np.asarray(case["V"], dtype=float)
    for index, expected in case["expected"].items():
        value = float(Fraction(expected["exact"])) if "exact" in expected else expected["value"]
        assert INDICES[index](counts) == pytest.approx(value, abs=1e-12 if "exact" not in expected else 1e-14), index


@pytest.mark.skipif(not SHARED.is_dir(), reason="the reference data are not here")
def test_rows_of_a_table_are_as_each_alone() -> None:
    """All distributions of one length at once."""
    by_length: dict[int, list[list[int]]] = {}
    for case in cases().values():
        by_length.setdefault(case["K"], []).append(case["V"])
    tables = [np.asarray(rows, dtype=float) for rows in by_length.values() if len(rows) > 1]
    assert tables
    whole = {"BerryMielke_IOV", "Kvalseth_COV", "PCI2_D1", "PCI2_D2", "PCI2_D1_p2"}  # of counts, whose sums differ by row
    for table in tables:
        for name in INDICES.keys() - whole:
            assert INDICES[name](table) == pytest.approx([float(INDICES[name](row)) for row in table], abs=1e-15), name
