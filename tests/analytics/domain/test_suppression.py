"""Tables of counts: what is hidden, that nothing hidden can be worked out, and that no more is hidden than need be."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.analytics.estimation.reference import data

from assent_analytics.domain import suppression
from assent_analytics.domain.audit import Knowledge
from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.domain.suppression import facts_or_mark, given_away, suppress

PARENTS = [("region", "ethnic", 10, 2), ("educ", "ethnic", 4, 4), ("age", "region", 3, 3)]
"""Two variables of the thousand parents, how many cells are below ten, and how many could be worked out if only these were hidden."""


def crossed(rows: str, columns: str) -> np.ndarray:
    """Counts of the parents by two variables."""
    parents = data("parents.csv")
    pairs = Counter(zip(parents[rows], parents[columns], strict=True))
    return np.array([[pairs[row, column] for column in np.unique(parents[columns])] for row in np.unique(parents[rows])])


@pytest.mark.parametrize(("rows", "columns", "small", "recoverable"), PARENTS)
def test_the_parents_tables_are_as_recorded(rows: str, columns: str, small: int, recoverable: int) -> None:
    counts = crossed(rows, columns)
    found = suppress(counts)
    assert found.primary.sum() == small == (counts < 10).sum()
    assert given_away(counts, ~found.primary).sum() == recoverable
    assert found.recoverable == 0
    assert given_away(counts, found.shown).sum() == 0
    assert 0 < found.secondary.sum() <= 4
    assert found.method == "optimal"


@pytest.mark.parametrize(("rows", "columns", "small", "recoverable"), PARENTS)
def test_totals_are_those_of_everybody(rows: str, columns: str, small: int, recoverable: int) -> None:
    counts = crossed(rows, columns)
    found = suppress(counts)
    assert found.counts[-1, -1] == counts.sum() == 1000
    assert np.array_equal(found.counts[:-1, -1], counts.sum(axis=1))
    assert found.shown[-1, -1]


def test_a_table_of_large_cells_is_shown_whole() -> None:
    found = suppress(np.array([[20, 30], [40, 50]]))
    assert found.shown.all()
    assert found.method == "none_needed"


def test_nought_is_low_and_so_is_its_complement() -> None:
    found = suppress(np.array([[0, 50], [40, 50], [60, 70]]))
    assert found.primary[0, 0], "nobody of the first row"
    assert found.primary[0, 1], "and so all of it, which says the same"
    assert not found.primary[0, 2]


def test_a_row_of_nobody_is_no_secret() -> None:
    found = suppress(np.array([[0, 0], [40, 50], [60, 70]]))
    assert found.shown.all()


def test_a_table_of_too_few_people_is_withheld_with_its_total() -> None:
    found = suppress(np.array([3, 4]))
    assert not found.shown.any()
    assert found.method == "withheld"


def test_parents_of_categories_are_margins_too() -> None:
    """Two nations with two regions each: a small region would be what its nation has without the other."""
    counts = np.array([4, 60, 70, 80])
    found = suppress(counts, parents={0: [(0, 1), (2, 3)]})
    assert found.counts.tolist() == [4, 60, 70, 80, 64, 150, 214]
    assert not found.shown[0]
    assert not (found.shown[1] and found.shown[4])
    assert found.recoverable == 0


def test_three_ways() -> None:
    counts = np.array([[[3, 40], [50, 60]], [[70, 80], [90, 30]]])
    found = suppress(counts)
    assert found.shown.shape == (3, 3, 3)
    assert found.primary.sum() >= 1
    assert found.recoverable == 0
    assert found.shown[-1, -1, -1]


@pytest.mark.parametrize("counts", [np.array(3), np.zeros((2, 2, 2, 2)), np.array([]), np.array([-1, 4]), np.array([0.5, 4])])
def test_what_is_no_table_of_counts_is_refused(counts: np.ndarray) -> None:
    with pytest.raises(CannotEstimate, match="table of counts"):
        suppress(counts)


def test_the_greedy_way_is_taken_where_the_programme_gives_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suppression, "cheapest", lambda choice: None)
    found = suppress(np.array([[4, 40, 30], [50, 60, 70], [80, 90, 35]]))
    assert found.method == "greedy"
    assert found.recoverable == 0


def test_a_hidden_cell_loses_its_whole_row_of_facts() -> None:
    facts = {"share": 0.2, "low": 0.1, "high": 0.3, "base": 40}
    assert facts_or_mark(facts, shown=True) == facts
    assert facts_or_mark(facts, shown=False) == {"suppressed": True}


tables = st.one_of(
    st.lists(st.integers(0, 40), min_size=2, max_size=6).map(np.array),
    st.tuples(st.integers(2, 4), st.integers(2, 4)).flatmap(
        lambda shape: st.lists(st.integers(0, 40), min_size=shape[0] * shape[1], max_size=shape[0] * shape[1]).map(
            lambda cells: np.array(cells).reshape(shape)
        )
    ),
    st.lists(st.integers(0, 60), min_size=8, max_size=8).map(lambda cells: np.array(cells).reshape(2, 2, 2)),
)


@given(tables)
@settings(max_examples=60, deadline=None)
def test_nothing_hidden_can_be_worked_out(counts: np.ndarray) -> None:
    """The audit is made again here, from the table as a reader sees it."""
    found = suppress(counts)
    if not found.shown.any():
        assert counts.sum() < 10
        return
    ways = [np.vstack([np.eye(size), np.ones(size)]) for size in counts.shape]
    rows = ways[0]
    for way in ways[1:]:
        rows = np.kron(rows, way)
    shown, values = found.shown.ravel(), found.counts.ravel()
    known = Knowledge(counts.size, equal=[(row, value) for row, value, may in zip(rows, values, shown, strict=True) if may])
    hidden = np.flatnonzero(~shown)
    for at, (least, most) in zip(hidden, known.ranges(list(rows[hidden])), strict=True):
        assert least - 1e-6 <= values[at] <= most + 1e-6
        assert most - least > 1 - 1e-6
        if found.primary.ravel()[at]:
            assert most - least > 10 - 1e-6
    low = (values < 10) & shown
    assert not values[low].any(), "the only small numbers on view are the noughts of rows and columns of nobody"


@given(tables)
@settings(max_examples=40, deadline=None)
def test_the_programme_never_hides_more_than_the_greedy_way(counts: np.ndarray) -> None:
    found = suppress(counts)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(suppression, "cheapest", lambda choice: None)
        greedy = suppress(counts)
    if found.method == "optimal":
        assert (found.counts + 1)[~found.shown].sum() <= (greedy.counts + 1)[~greedy.shown].sum()
