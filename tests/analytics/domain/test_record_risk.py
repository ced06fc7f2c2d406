"""Recognisable records, against sdcMicro: frequencies, risks, diversity, special uniques, and values taken out."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.analytics.estimation.reference import Columns, data, family, numbers, record

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.domain.local_suppression import suppress_locally
from assent_analytics.domain.record_risk import (
    MISSING,
    diversity,
    frequencies,
    household_risk,
    individual_risk,
    suda_scores,
)

FILE = "07_polca_irr_sdc.json"
KEYS = ["urbrur", "roof", "walls", "water", "electcon", "relat", "sex"]
FEWER = ["urbrur", "roof", "walls", "water", "sex"]
OF_DIVERSITY = ["urbrur", "roof", "walls", "sex"]


def coded(columns: Columns, names: list[str]) -> np.ndarray:
    """Columns as codes, (n, k)."""
    return np.column_stack([np.unique(columns[name], return_inverse=True)[1] for name in names])


def example() -> tuple[Columns, np.ndarray]:
    """sdcMicro's test data and its weights."""
    columns = data("sdc_testdata.csv")
    return columns, numbers(columns["sampling_weight"])


@family(FILE, r"sdc/testdata_freq\d+")
def test_frequencies(name: str) -> None:
    columns, weights = example()
    recorded = record(name, FILE)
    found = frequencies(coded(columns, recorded["keyVars"]), weights)
    assert (found.sample == 1).sum() == recorded["uniques"]
    assert [(found.sample < k).sum() for k in (2, 3, 5)] == [recorded["k2"], recorded["k3"], recorded["k5"]]
    assert (found.sample.sum(), found.population.sum()) == (recorded["sum_fk"], recorded["sum_Fk"])
    one_by_one = data("sdc_testdata_fk_Fk.csv")
    assert np.array_equal(found.sample, numbers(one_by_one["fk"]))
    assert np.array_equal(found.population, numbers(one_by_one["Fk"]))


@family(FILE, r"sdc/testdata_indivRisk_approx")
def test_risk_of_single_records(name: str) -> None:
    columns, weights = example()
    recorded = record(name, FILE)
    risk = individual_risk(frequencies(coded(columns, KEYS), weights))
    assert (risk.sum(), risk.max()) == pytest.approx((recorded["sum"], recorded["max"]), rel=1e-9)
    assert risk[:20] == pytest.approx(recorded["head"], rel=1e-9)


@family(FILE, r"sdc/testdata_measure_risk")
def test_risk_of_households(name: str) -> None:
    columns, weights = example()
    recorded = record(name, FILE)
    risk = individual_risk(frequencies(coded(columns, KEYS), weights))
    together = household_risk(risk, columns["ori_hid"])
    assert (risk.mean(), risk.sum()) == pytest.approx((recorded["global_risk"], recorded["expected_reid"]), rel=1e-9)
    assert (together.mean(), together.sum()) == pytest.approx((recorded["hier_risk"], recorded["hier_ER"]), rel=1e-9)
    one_by_one = data("sdc_testdata_individual_risk.csv")
    assert together == pytest.approx(numbers(one_by_one["hier_risk"]), rel=1e-9)


@family(FILE, r"sdc/testdata_noweights")
def test_without_weights_the_sample_is_the_population(name: str) -> None:
    columns, _ = example()
    recorded = record(name, FILE)
    risk = individual_risk(frequencies(coded(columns, KEYS)))
    assert (risk.mean(), risk.sum()) == pytest.approx((recorded["global_risk"], recorded["ER"]), rel=1e-9)


@family(FILE, r"sdc/francdat(_obj)?", may_be_absent=True)
def test_the_example_of_franconi(name: str) -> None:
    if record(name, FILE) is None:
        pytest.skip("this half of the reference set does not hold it")
    columns = data("sdc_francdat.csv")
    recorded = record(name, FILE)
    found = frequencies(coded(columns, ["Key1", "Key2", "Key3", "Key4"]), numbers(columns["w"]))
    risk = individual_risk(found)
    if "fk" in recorded:
        assert (list(found.sample), list(found.population)) == (recorded["fk"], pytest.approx(recorded["Fk"]))
        assert risk == pytest.approx(recorded["indivRisk"], rel=1e-9)
    else:
        assert [row[:3] for row in recorded["indiv"]] == pytest.approx(np.column_stack([risk, found.sample, found.population]))
        assert (risk.mean(), risk.sum()) == pytest.approx((recorded["global"], recorded["ER"]), rel=1e-9)


@family(FILE, r"sdc/testdata_ldiversity")
def test_diversity(name: str) -> None:
    """Of each answer by itself; R's two columns over several answers are nought because it was not asked for them."""
    columns, _ = example()
    assert record(name, FILE)["cols"][6:] == ["MultiEntropy_Ldiversity", "MultiRecursive_Ldiversity"]
    one_by_one = data("sdc_testdata_ldiversity.csv")
    for sensitive in ("electcon", "relat"):
        found = diversity(coded(columns, OF_DIVERSITY), coded(columns, [sensitive])[:, 0])
        assert np.array_equal(found.distinct, numbers(one_by_one[f"{sensitive}_Distinct_Ldiversity"]))
        assert found.entropy == pytest.approx(numbers(one_by_one[f"{sensitive}_Entropy_Ldiversity"]), rel=1e-9)
        assert np.array_equal(found.recursive, numbers(one_by_one[f"{sensitive}_Recursive_Ldiversity"]))


@family(FILE, r"sdc/testdata_suda2")
def test_special_uniques(name: str) -> None:
    """The scores; sdcMicro's probabilities from them (`dis_sum`) are not made."""
    columns, _ = example()
    recorded = record(name, FILE)
    found = suda_scores(coded(columns, FEWER))
    assert (found.sum(), (found > 0).sum()) == (recorded["score_sum"], recorded["nonzero"])
    assert np.array_equal(found, numbers(data("sdc_testdata_suda2.csv")["score"]))


@family(FILE, r"sdc/testdata_localSuppression_k\d+")
def test_values_taken_out(name: str) -> None:
    columns, _ = example()
    least = int(name.rpartition("_k")[2])
    found = suppress_locally(coded(columns, FEWER), least=least)
    assert frequencies(found).sample.min() >= least
    assert (found == MISSING).sum() == pytest.approx(record(name, FILE)["total"], rel=0.2)


records = st.integers(1, 3).flatmap(
    lambda variables: st.lists(st.lists(st.integers(0, 3), min_size=variables, max_size=variables), min_size=4, max_size=30)
).map(np.array)  # fmt: skip


@given(records, st.integers(2, 4))
@settings(max_examples=60, deadline=None)
def test_whatever_is_taken_out_suffices_and_nothing_else_changes(keys: np.ndarray, least: int) -> None:
    found = suppress_locally(keys, least=least)
    assert frequencies(found).sample.min() >= least
    assert np.array_equal(found[found != MISSING], keys[found != MISSING])


@given(records, st.randoms())
@settings(max_examples=40, deadline=None)
def test_the_order_of_records_does_not_matter(keys: np.ndarray, random: object) -> None:
    order = np.array(sorted(range(len(keys)), key=lambda _: random.random()))  # type: ignore[attr-defined]
    assert np.array_equal(suda_scores(keys)[order], suda_scores(keys[order]))
    assert np.array_equal(frequencies(keys).sample[order], frequencies(keys[order]).sample)


def test_an_unknown_value_agrees_with_every_other() -> None:
    found = frequencies(np.array([[0, 1], [0, MISSING], [1, 1], [1, 2]]))
    assert found.sample.tolist() == [2, 2, 1, 1]


@pytest.mark.parametrize("keys", [np.array([1, 2]), np.zeros((3, 2), dtype=int)])
def test_shapes_that_do_not_fit_are_refused(keys: np.ndarray) -> None:
    with pytest.raises(CannotEstimate, match="codes of records"):
        frequencies(keys, np.ones(2))


def test_too_few_records_cannot_be_made_alike() -> None:
    with pytest.raises(CannotEstimate, match="2 records"):
        suppress_locally(np.zeros((2, 2), dtype=int), least=3)
