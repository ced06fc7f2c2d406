"""What is known of a population: from tables, and what is wrong with them."""

from typing import Any

import numpy as np
import pytest

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.weighting.cells import Cells
from assent_analytics.estimation.weighting.margins import crossed, margin, margins_from_table

LABELS = {"sex": ["f", "m", "f", "m"], "age": ["young", "old", "old", "old"]}


def table(*rows: tuple[str, str, float], **how: Any) -> list[Any]:
    return margins_from_table([row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows], labels=LABELS, **how)


def refused(*rows: tuple[str, str, float], **how: Any) -> CannotEstimate:
    with pytest.raises(CannotEstimate) as raised:
        table(*rows, **how)
    return raised.value


def test_counts_of_a_long_table() -> None:
    sex, age = table(("sex", "f", 51), ("sex", "m", 49), ("age", "old", 70), ("age", "young", 30))
    assert (sex.variable, sex.levels, sex.total) == ("sex", ("f", "m"), 100.0)
    assert sex.codes.tolist() == [0, 1, 0, 1]
    assert age.codes.tolist() == [1, 0, 0, 0]
    assert age.targets.tolist() == [70.0, 30.0]


def test_shares_are_of_the_total_or_of_as_many_as_there_are_rows() -> None:
    shares = (("sex", "f", 0.5), ("sex", "m", 0.5))
    assert table(*shares, kind="share", total=1000.0)[0].targets.tolist() == [500.0, 500.0]
    assert table(*shares, kind="share")[0].targets.tolist() == [2.0, 2.0]


def test_rounded_shares_are_made_to_sum_to_one() -> None:
    (sex,) = table(("sex", "f", 0.505), ("sex", "m", 0.5), kind="share", total=201.0)
    assert sex.targets.tolist() == pytest.approx([101.0, 100.0])


@pytest.mark.parametrize(
    ("rows", "how", "code", "said"),
    [
        (
            [("sex", "f", 51.0), ("sex", "m", 49.0), ("age", "old", 70.0), ("age", "young", 31.0)],
            {},
            "contradictory_margins",
            "101",
        ),
        ([("sex", "f", 0.5), ("sex", "m", 0.3)], {"kind": "share"}, "bad_margin", "sum to 0.8"),
        ([("sex", "f", 1.0)], {}, "unknown_level", "sex = m"),
        ([("sex", "f", 1.0), ("sex", "m", -1.0)], {}, "bad_margin", "sex"),
        ([("sex", "f", 1.0), ("sex", "m", np.nan)], {}, "bad_margin", "sex"),
        ([("sex", "f", 0.0), ("sex", "m", 0.0)], {}, "bad_margin", "nought"),
        ([("sex", "f", 1.0), ("sex", "f", 2.0)], {}, "bad_margin", "given twice"),
        ([("place", "town", 1.0)], {}, "bad_margin", "no place"),
        ([], {}, "bad_margin", "no margin"),
    ],
)
def test_a_table_that_cannot_be_used_says_why(
    rows: list[tuple[str, str, float]], how: dict[str, Any], code: str, said: str
) -> None:
    error = refused(*rows, **how)
    assert error.code == code
    assert said in error.detail


@pytest.mark.parametrize("hole", [None, "", np.nan])
def test_somebody_without_a_level_is_no_level(hole: Any) -> None:
    with pytest.raises(CannotEstimate, match="missing_margin: 2 rows have no sex"):
        margin("sex", ["f", hole, "m", hole], {"f": 1.0, "m": 1.0})


def test_a_table_of_two_variables_is_one_margin() -> None:
    both = crossed(["sex", "age"], [LABELS["sex"], LABELS["age"]], {("f", "old"): 5, ("f", "young"): 6, ("m", "old"): 7})
    assert both.variable == "sex × age"
    assert both.levels == ("f × old", "f × young", "m × old")
    assert both.codes.tolist() == [1, 2, 0, 2]
    with pytest.raises(CannotEstimate, match="unknown_level: sex × age = f × young"):
        crossed(["sex", "age"], [LABELS["sex"], LABELS["age"]], {("f", "old"): 5, ("m", "old"): 7})
    with pytest.raises(CannotEstimate, match="bad_margin"):
        crossed(["sex", "age"], [LABELS["sex"], LABELS["age"]], {("f",): 5})
    with pytest.raises(CannotEstimate, match="bad_shape"):
        crossed(["sex", "age"], [LABELS["sex"], LABELS["age"][:2]], {("f", "old"): 5})


def test_cells_are_the_combinations_that_occur_however_many_could() -> None:
    random = np.random.default_rng(7)
    words = [random.integers(0, 30, 50).astype(str) for _ in range(4)]
    made = [margin(f"v{place}", column, dict.fromkeys(np.unique(column).tolist(), 1.0)) for place, column in enumerate(words)]
    cells = Cells(made)
    assert cells.count == len(set(zip(*words, strict=True)))
    for place, one in enumerate(made):
        np.testing.assert_array_equal(cells.levels[place][cells.cell], one.codes)
    np.testing.assert_allclose(cells.sums(np.ones((50, 2))), np.bincount(cells.cell)[:, None] * np.ones(2))
