"""Risks of single records against R's sdcMicro, and what must hold whatever the records."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.analytics.estimation.reference import data, family, numbers, record

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.microdata_risk.diversity import diversity
from assent_analytics.estimation.microdata_risk.individual_risk import global_risk, household_risk, individual_risk
from assent_analytics.estimation.microdata_risk.keys import Frequencies, Keys, frequencies, keys
from assent_analytics.estimation.microdata_risk.local_suppression import suppress_locally
from assent_analytics.estimation.microdata_risk.special_uniques import special_uniques

FILE = "07_polca_irr_sdc.json"
SEVEN = ("urbrur", "roof", "walls", "water", "electcon", "relat", "sex")
FIVE = ("urbrur", "roof", "walls", "water", "sex")


def of(names: tuple[str, ...], file: str = "sdc_testdata.csv") -> Keys:
    return keys({name: data(file)[name] for name in names})


def weighted() -> Frequencies:
    return frequencies(of(SEVEN), numbers(data("sdc_testdata.csv")["sampling_weight"]))


@family(FILE, r"sdc/testdata_freq.*")
def test_frequencies(name: str) -> None:
    expected, found = record(name, FILE), weighted()
    assert tuple(expected["keyVars"]) == SEVEN
    assert [found.fewer_than(k) for k in (2, 3, 5)] == [expected["k2"], expected["k3"], expected["k5"]]
    assert int((found.sample == 1).sum()) == expected["uniques"]
    assert [found.sample.sum(), found.population.sum()] == [expected["sum_fk"], expected["sum_Fk"]]
    each = data("sdc_testdata_fk_Fk.csv")
    np.testing.assert_array_equal(found.sample, numbers(each["fk"]))
    np.testing.assert_array_equal(found.population, numbers(each["Fk"]))


@family(FILE, r"sdc/testdata_indivRisk_approx")
def test_individual_risk(name: str) -> None:
    expected, found = record(name, FILE), individual_risk(weighted())
    assert [found.sum(), found.max()] == pytest.approx([expected["sum"], expected["max"]], rel=1e-9)
    np.testing.assert_allclose(found[:20], expected["head"], rtol=1e-9)


@family(FILE, r"sdc/testdata_measure_risk")
def test_risk_of_a_file_and_of_households(name: str) -> None:
    expected, risks = record(name, FILE), individual_risk(weighted())
    households = household_risk(risks, data("sdc_testdata.csv")["ori_hid"])
    whole, hierarchical = global_risk(risks), global_risk(households)
    ours = [whole.risk, whole.expected, 100 * whole.risk, hierarchical.risk, hierarchical.expected]
    keys_of = ("global_risk", "expected_reid", "pct", "hier_risk", "hier_ER")
    assert ours == pytest.approx([expected[key] for key in keys_of], rel=1e-9)
    each = data("sdc_testdata_individual_risk.csv")
    np.testing.assert_allclose(risks, numbers(each["risk"]), rtol=1e-9)
    np.testing.assert_allclose(households, numbers(each["hier_risk"]), rtol=1e-9)


@family(FILE, r"sdc/testdata_noweights")
def test_risk_of_a_whole_population(name: str) -> None:
    found = global_risk(individual_risk(frequencies(of(SEVEN))))
    assert [found.risk, found.expected] == pytest.approx([record(name, FILE)["global_risk"], record(name, FILE)["ER"]], rel=1e-9)


@family(FILE, r"sdc/testdata_ldiversity")
def test_diversity(name: str) -> None:
    expected, each = record(name, FILE), data("sdc_testdata_ldiversity.csv")
    for column in expected["cols"]:
        if column.startswith("Multi"):  # all noughts in the record: R reckons them only when asked
            continue
        variable, kind, _ = column.split("_")
        found = getattr(diversity(of(("urbrur", "roof", "walls", "sex")), data("sdc_testdata.csv")[variable]), kind.lower())
        np.testing.assert_allclose(found, numbers(each[column]), rtol=1e-9)


@family(FILE, r"sdc/testdata_suda2")
def test_special_uniques(name: str) -> None:
    expected, each, found = record(name, FILE), data("sdc_testdata_suda2.csv"), special_uniques(of(FIVE))
    assert [found.scores.sum(), (found.scores > 0).sum()] == [expected["score_sum"], expected["nonzero"]]
    np.testing.assert_array_equal(found.scores, numbers(each["score"]))
    np.testing.assert_allclose(found.chances, numbers(each["dis"]), rtol=2e-8)  # R keeps the power 1.15 in single precision


@family(FILE, r"sdc/testdata_localSuppression_k\d+")
def test_local_suppression(name: str) -> None:
    k = int(name.rpartition("_k")[2])
    found = suppress_locally(of(FIVE), k=k)
    assert frequencies(found.keys).fewer_than(k) == 0
    assert 0 < found.total <= 1.2 * record(name, FILE)["total"]


@family(FILE, r"sdc/francdat", may_be_absent=True)
def test_the_eight_records_of_the_handbook(name: str) -> None:
    expected, columns = record(name, FILE), data("sdc_francdat.csv")
    found = frequencies(of(("Key1", "Key2", "Key3", "Key4"), "sdc_francdat.csv"), numbers(columns["w"]))
    np.testing.assert_array_equal(found.sample, expected["fk"])
    np.testing.assert_allclose(found.population, expected["Fk"])
    np.testing.assert_allclose(individual_risk(found), expected["indivRisk"], rtol=1e-9)


@family(FILE, r"sdc/francdat_obj", may_be_absent=True)
def test_the_eight_records_as_a_file(name: str) -> None:
    expected, columns = record(name, FILE), data("sdc_francdat.csv")
    found = individual_risk(frequencies(of(("Key1", "Key2", "Key3", "Key4"), "sdc_francdat.csv"), numbers(columns["w"])))
    np.testing.assert_allclose(found, np.array(expected["indiv"])[:, 0], rtol=1e-9)
    assert [global_risk(found).risk, global_risk(found).expected] == pytest.approx([expected["global"], expected["ER"]], rel=1e-9)


def test_risks_of_one_two_and_more_by_hand() -> None:
    """f = 1 and F = 17: log(17) / 16; f = 2 and F = 110: p = 1/55, q = p / (1 - p) = 1/54, q - q^2 log 55; f = F: 1 / f."""
    found = individual_risk(Frequencies(np.array([1.0, 2.0, 4.0, 1.0, 3.0]), np.array([17.0, 110.0, 400.0, 1.0, 3.0])))
    expected = [np.log(17) / 16, 1 / 54 - np.log(55) / 54**2, 0.01 / (4 - 0.99), 1.0, 1 / 3]
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_a_missing_key_matches_every_value() -> None:
    found = frequencies(keys({"a": ["x", "x", None, "y"], "b": [1, 2, 1, float("nan")]}), [10, 20, 30, 40])
    assert found.sample.tolist() == [2, 1, 3, 2]
    assert found.population.tolist() == [40, 20, 80, 70]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 5))
def test_suppression_reaches_its_k_and_never_raises_a_risk(seed: int, k: int) -> None:
    random = np.random.default_rng(seed)
    found = keys({name: random.integers(0, 4, 60) for name in "abc"})
    after = suppress_locally(found, k=k, readily=["b"])
    assert frequencies(after.keys).fewer_than(k) == 0
    assert (frequencies(after.keys).sample >= frequencies(found).sample).all()
    order = random.permutation(60)
    shuffled = Keys(found.names, found.codes[order])
    np.testing.assert_array_equal(frequencies(shuffled).sample, frequencies(found).sample[order])
    np.testing.assert_allclose(special_uniques(shuffled).scores, special_uniques(found).scores[order])


def test_nobody_is_special_among_equals() -> None:
    found = special_uniques(keys({"a": [1, 1, 2, 2], "b": [1, 1, 1, 1]}))
    assert not found.scores.any()
    assert not found.chances.any()


@pytest.mark.parametrize(
    ("measure", "code"),
    [
        (lambda: keys({}), "bad_setting"),
        (lambda: keys({"a": []}), "no_rows"),
        (lambda: keys({"a": [1], "b": [1, 2]}), "bad_shape"),
        (lambda: frequencies(keys({"a": [1, 2]}), [1, 0]), "bad_value"),
        (lambda: frequencies(keys({"a": [1, 2]}), [1]), "bad_shape"),
        (lambda: individual_risk(frequencies(keys({"a": [1, 2]}), [0.5, 1])), "bad_value"),
        (lambda: household_risk(np.array([0.1]), [1, 2]), "bad_shape"),
        (lambda: diversity(keys({"a": [1, 2]}), [1]), "bad_shape"),
        (lambda: special_uniques(keys({str(place): [1, 2] for place in range(13)})), "too_many_keys"),
        (lambda: suppress_locally(keys({"a": [1, 2]}), k=3), "too_few_rows"),
        (lambda: suppress_locally(keys({"a": [1, 2]}), k=2, readily=["z"]), "bad_setting"),
    ],
)
def test_records_that_cannot_be_used_are_refused(measure: Any, code: str) -> None:
    with pytest.raises(CannotEstimate) as refused:
        measure()
    assert refused.value.code == code
