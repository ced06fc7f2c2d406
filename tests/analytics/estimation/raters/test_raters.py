"""Measures of agreement between raters against R's irr and psych, published examples, and input that cannot be used."""

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.analytics.estimation.reference import data, family, numbers, record
from tests.support import SHARED, shared

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.raters.intraclass import intraclass
from assent_analytics.estimation.raters.krippendorff import krippendorff_alpha
from assent_analytics.estimation.raters.many_raters import concordance, fleiss_kappa, fleiss_kappa_of_counts, gwet_ac1, light_kappa
from assent_analytics.estimation.raters.two_raters import cohen_kappa, rating_table, scott_pi

IRR, PSYCH = "07_polca_irr_sdc.json", "06_psych.json"


def ratings(name: str) -> np.ndarray:
    """A data set of irr, units by raters.

    `irr_diagnoses.csv` holds the number of each rater's own factor level, and rater 6 never used the first category: 1 means 2 there.
    """
    found = np.column_stack([numbers(column) for column in data(f"irr_{name}.csv").values()])
    return found + (name == "diagnoses") * (found.max(axis=0) == 4)


@family(IRR, r"irr/diagnoses")
def test_kappas_of_several_raters(name: str) -> None:
    expected, found = record(name, IRR), fleiss_kappa(ratings("diagnoses"))
    assert [found.fleiss, found.z, found.conger] == pytest.approx(
        [expected["fleiss"], expected["z"], expected["fleiss_exact"]], rel=1e-8
    )
    assert light_kappa(ratings("diagnoses")) == pytest.approx(expected["light"], rel=1e-8)


@family(IRR, r"irr/kappa2_diag_\d_\d")
def test_kappa_of_two_raters(name: str) -> None:
    raters = [int(number) - 1 for number in name.split("_")[-2:]]
    found, expected = cohen_kappa(rating_table(ratings("diagnoses")[:, raters])), record(name, IRR)
    assert [found.kappa, found.z] == pytest.approx([expected["kappa"], expected["z"]], rel=1e-8)


@family(IRR, r"irr/kappa2_anxiety_(equal|squared)")
def test_weighted_kappa(name: str) -> None:
    closeness = "linear" if name.endswith("equal") else "quadratic"
    found = cohen_kappa(rating_table(ratings("anxiety")[:, :2]), closeness=closeness)
    assert found.kappa == pytest.approx(record(name, IRR)["kappa"], rel=1e-8)


@family(IRR, r"irr/icc_anxiety_(oneway|twoway)_(consistency|agreement)")
def test_intraclass(name: str) -> None:
    _, _, model, kind = name.split("_")
    found, expected = intraclass(ratings("anxiety"), model=model, kind=kind), record(name, IRR)  # type: ignore[arg-type]
    assert [found.correlation, found.lower, found.upper] == pytest.approx(
        [expected["icc"], expected["lo"], expected["hi"]], rel=1e-8
    )


@family(PSYCH, r"icc/.*")
def test_the_six_intraclass_correlations(name: str) -> None:
    expected = record(name, PSYCH)
    kinds = {"ICC1": ("oneway", "agreement"), "ICC2": ("twoway", "agreement"), "ICC3": ("twoway", "consistency")}
    for index, label in enumerate(expected["type"]):
        model, kind = kinds[label.rstrip("k")]
        found = intraclass(expected["data"], model=model, kind=kind, averaged=label.endswith("k"))  # type: ignore[arg-type]
        ours = [found.correlation, found.lower, found.upper, found.f]
        assert ours == pytest.approx([expected[key][index] for key in ("icc", "lo", "hi", "F")], rel=1e-8)


@family(PSYCH, r"cohen_kappa/.*", may_be_absent=True)
def test_kappa_with_its_variance(name: str) -> None:
    expected = record(name, PSYCH)
    table = rating_table(np.array(expected["data"], dtype=float).T)
    plain = cohen_kappa(table)
    assert [plain.kappa, plain.variance] == pytest.approx([expected["kappa"], expected["var"]], rel=1e-8)
    assert cohen_kappa(table, closeness="quadratic").kappa == pytest.approx(expected["weighted"], rel=1e-8)


@family(IRR, r"irr/kendallW_.*")
def test_concordance(name: str) -> None:
    found, expected = concordance(ratings(name.rsplit("_", 1)[1])), record(name, IRR)
    assert [found.w, found.statistic, found.p_value] == pytest.approx([expected["W"], expected["chisq"], expected["p"]], rel=1e-8)


@family(IRR, r"irr/kripp_alpha_.*")
def test_krippendorff(name: str) -> None:
    expected = record(name, IRR)
    found = krippendorff_alpha(np.array(expected["data"], dtype=float).T, scale=name.rsplit("_", 1)[1])  # type: ignore[arg-type]
    assert found == pytest.approx(expected["alpha"], rel=1e-8)


def _coded(case: Any) -> np.ndarray:
    """Units by raters, from the several ways in which the published examples are written down; None where they are not ratings."""
    data, name = case["data"], case["name"]
    if isinstance(data, str) and "|" in data:
        lines = [line.split() if " " in line else list(line) for line in data.split("|")]
    elif isinstance(data, str) and "," in data:
        lines = [list(mark) for part in data.split(",") for times, mark in [part.split()] for _ in range(int(times))]
    elif isinstance(data, str):
        lines = [list(unit) for unit in data.split()]
    elif isinstance(data[0], str):
        lines = [list(unit) for unit in zip(*data, strict=True)]
    elif name == "krippendorff2004-p227":
        lines = data
    else:
        lines = [list(unit) for unit in zip(*data, strict=True)]
    marks = sorted({mark for line in lines for mark in line if mark not in (None, ".")}, key=str)
    return np.array([[np.nan if mark in (None, ".") else _value(mark, marks) for mark in line] for line in lines])


def _value(mark: Any, marks: list[Any]) -> float:
    return float(mark) if isinstance(mark, int | float) or str(mark).isdigit() else float(marks.index(mark))


def _of_table(table: list[list[int]]) -> np.ndarray:
    """Units by raters from a square table of counts."""
    return np.array(
        [[row, column] for row, line in enumerate(table) for column, times in enumerate(line) for _ in range(times)], float
    )


def _measured(case: Any) -> float:
    metric, data = case["metric"].replace(" [PyPI]", "").replace(" [nltk]", ""), case["data"]
    if metric.startswith("alpha "):
        return krippendorff_alpha(_coded(case), scale=metric.split()[1])  # type: ignore[arg-type]
    if metric == "Fleiss kappa":
        return fleiss_kappa(_coded(case)).fleiss if isinstance(data, str) else fleiss_kappa_of_counts(data)
    square = isinstance(data, list) and isinstance(data[0], list) and len(data) == len(data[0])
    found = _of_table(data) if square else _coded(case)
    if metric == "Scott pi":
        return scott_pi(rating_table(found))
    return cohen_kappa(rating_table(found)).kappa if metric == "Cohen kappa" else gwet_ac1(found)


def _published() -> list[Any]:
    """The examples of these measures; those of unitising belong to the coding of text, not to this room."""
    if not SHARED.is_dir():
        return [None]
    cases = json.loads(shared("agreement_vectors.json").read_text())
    return [case for case in cases if "unitizing" not in case["name"] and not case["name"].startswith("u-family")]


@pytest.mark.parametrize("case", _published(), ids=lambda case: case and f"{case['name']} {case['metric']}")
def test_published_examples(case: Any) -> None:
    if case is None:
        shared("agreement_vectors.json")
    assert _measured(case) == pytest.approx(case["recomputed"], abs=5e-6)
    assert _measured(case) == pytest.approx(case["expected"], abs=case["tol"])


@pytest.mark.parametrize("closeness", ["exact", "linear", "quadratic"])
def test_the_variance_of_kappa_is_that_of_the_delta_method(closeness: Any) -> None:
    """Not so in R: the variance of psych's weighted kappa is several times this one."""
    table = np.array([[20.0, 5, 1, 2], [4, 30, 6, 1], [2, 7, 25, 3], [1, 1, 6, 16]])
    slopes = np.zeros_like(table)
    for cell in np.ndindex(table.shape):
        step = np.zeros_like(table)
        step[cell] = 1e-4
        rise = cohen_kappa(table + step, closeness=closeness).kappa - cohen_kappa(table - step, closeness=closeness).kappa
        slopes[cell] = rise / 2e-4 * table.sum()
    shares = table / table.sum()
    expected = ((shares * slopes**2).sum() - (shares * slopes).sum() ** 2) / table.sum()
    assert cohen_kappa(table, closeness=closeness).variance == pytest.approx(expected, rel=1e-5)


@given(st.lists(st.tuples(*[st.integers(1, 4)] * 3), min_size=4, max_size=30), st.permutations(range(3)))
def test_the_order_of_raters_and_units_says_nothing(units: list[tuple[int, ...]], order: list[int]) -> None:
    found = np.array(units, dtype=float)
    if len(np.unique(found)) < 2:
        with pytest.raises(CannotEstimate, match="constant_column"):
            fleiss_kappa(found)
        return
    again = found[::-1, order]
    assert fleiss_kappa(again).fleiss == pytest.approx(fleiss_kappa(found).fleiss)
    assert krippendorff_alpha(again, scale="ordinal") == pytest.approx(krippendorff_alpha(found, scale="ordinal"))
    assert gwet_ac1(again) == pytest.approx(gwet_ac1(found))


@pytest.mark.parametrize(
    ("measure", "code"),
    [
        (lambda: cohen_kappa([[5, 0], [0, 0]]), "constant_column"),
        (lambda: cohen_kappa([[5, -1], [0, 2]]), "bad_value"),
        (lambda: cohen_kappa([[5, 1]]), "bad_shape"),
        (lambda: cohen_kappa([[1, 0], [0, 1]], closeness="near"), "bad_setting"),  # type: ignore[arg-type]
        (lambda: fleiss_kappa([[1, np.nan], [2, 2]]), "no_rows"),
        (lambda: krippendorff_alpha([[1, np.nan], [np.nan, 2]], scale="nominal"), "no_rows"),
        (lambda: krippendorff_alpha([[2, 2], [2, 2]], scale="interval"), "constant_column"),
        (lambda: krippendorff_alpha([[-1, 2], [2, 2]], scale="ratio"), "bad_value"),
        (lambda: intraclass([[1, 1], [2, 2]], model="twoway"), "constant_column"),
        (lambda: concordance([[1, 1], [1, 1]]), "constant_column"),
        (lambda: gwet_ac1([[1], [2]]), "bad_shape"),
    ],
)
def test_ratings_that_cannot_be_used_are_refused(measure: Any, code: str) -> None:
    with pytest.raises(CannotEstimate) as refused:
        measure()
    assert refused.value.code == code
