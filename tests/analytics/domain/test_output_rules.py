"""Disclosure control of analyses: whatever the counts are, no hidden one can be worked out from what is left."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from assent_analytics.domain.numbers import CountTable, Figure, Numbers
from assent_analytics.domain.output_rules import HIDDEN_NOTE, control, hidden_cells
from assent_analytics.domain.suppression import THRESHOLD, given_away

counts = st.lists(st.lists(st.integers(0, 60), min_size=3, max_size=3), min_size=2, max_size=4)


def table(rows: list[list[int]]) -> CountTable:
    """A table with plain names."""
    made = np.array(rows, dtype=np.int64)
    return CountTable(
        "t", tuple(f"g{row}" for row in range(made.shape[0])), tuple(f"o{column}" for column in range(made.shape[1])), made
    )


@given(counts)
def test_no_low_count_is_left_and_none_can_be_worked_out(rows: list[list[int]]) -> None:
    made = table(rows)
    peopled = [row for row in rows if sum(row)]
    used = [column for column in range(3) if sum(row[column] for row in rows)]
    hidden = set(hidden_cells(made))
    if not peopled:
        assert not hidden
        return
    for place, row in enumerate(rows):
        for column, count in enumerate(row):
            if 0 < count < THRESHOLD:
                assert made.cell(f"g{place}", f"o{column}") in hidden
    if len(peopled) < 2 or len(used) < 2:
        return
    groups = [f"g{place}" for place, row in enumerate(rows) if sum(row)] + [""]
    outcomes = [f"o{column}" for column in used] + [""]
    shown = np.array([[made.cell(group, outcome) not in hidden for outcome in outcomes] for group in groups])
    inner = np.array([[row[column] for column in used] for row in peopled])
    assert not given_away(inner, shown).any()


@given(counts)
def test_every_row_of_facts_goes_whole(rows: list[list[int]]) -> None:
    made = table(rows)
    figures = tuple(
        Figure({"group": group, "outcome": outcome}, {"share": 0.5, "base": 7, "p": 0.1}, (), (made.cell(group, outcome),))
        for group in made.groups
        for outcome in made.outcomes
    )
    left = control(Numbers(figures, tables=(made,), facts={"base": int(made.counts.sum())}))
    hidden = set(hidden_cells(made))
    for before, after in zip(figures, left.figures, strict=True):
        assert after.told().get("suppressed", False) == bool(hidden.intersection(before.cells))
        assert not (after.hidden and after.numbers)
    assert (HIDDEN_NOTE in left.notes) == bool(hidden.intersection(cell for figure in figures for cell in figure.cells))
    assert left.tables == ()


def test_a_test_is_hidden_with_any_group_that_it_compares() -> None:
    made = table([[40, 30, 20], [3, 40, 50], [40, 50, 60]])
    test = Figure({"test": "F"}, {"p": 0.01}, (), tuple(made.cell(group, "o0") for group in made.groups))
    left = control(Numbers((), (test,), (made,)))
    assert left.tests[0].told() == {"test": "F", "suppressed": True}


def test_a_base_below_the_threshold_is_not_told() -> None:
    left = control(Numbers((Figure({}, {"mean": 1.0}, (9,)),), facts={"base": 9, "n_effective": 8.0, "bic": 1.0}))
    assert left.figures[0].hidden
    assert left.facts == {"bic": 1.0}
