"""Columns say what the responses said, however they are joined, packed or chosen from."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent_analytics.domain.columns import Column, Columns
from assent_analytics.domain.distribution import BREAK_OFF, DONT_KNOW, REFUSED, Scale, outcome_of, outcomes_of
from assent_analytics.domain.errors import CannotEstimate

words = st.sampled_from(["acceptable", "unacceptable", "neither", "weight", "ß", ""])
answers = st.dictionaries(st.sampled_from(["a", "b", "weight"]), words | st.lists(words, max_size=2) | st.floats(-9, 9), max_size=3)
states = st.fixed_dictionaries(
    {"response": st.text(max_size=3)},
    optional={
        "answers": answers,
        "missing": st.dictionaries(st.sampled_from(["a", "b"]), st.sampled_from([DONT_KNOW, REFUSED, BREAK_OFF, "not_asked"])),
        "groups": st.dictionaries(st.sampled_from(["gender", "place"]), words),
        "weight": st.none() | st.floats(0.1, 5),
        "stratum": st.none() | words,
        "cluster": st.none() | words,
        "consented": st.booleans(),
        "complete": st.booleans(),
        "test": st.booleans(),
    },
)


def said(columns: Columns) -> list[dict[tuple[str, str], Any]]:
    """What the columns say of each row."""
    rows: list[dict[tuple[str, str], Any]] = [{} for _ in range(columns.rows)]
    for name, column in columns.words.items():
        for row, code in zip(rows, column.codes, strict=True):
            if code:
                row[name] = column.words[code - 1]
    for name, values in columns.numbers.items():
        for row, value in zip(rows, values, strict=True):
            if not np.isnan(value):
                row[name] = value
    return rows


@given(st.lists(st.lists(states, max_size=5), max_size=4))
def test_joined_packed_columns_say_what_the_responses_say(parts: list[list[dict[str, Any]]]) -> None:
    together = [state for part in parts for state in part]
    joined = Columns.joined([Columns.unpack(Columns.of(part).pack()) for part in parts])
    assert said(joined) == said(Columns.of(together))
    assert joined.rows == len(together)
    for row, state in zip(said(joined), together, strict=True):
        assert {name: value for (kind, name), value in row.items() if kind == "answer"} == {
            item: answer for item, answer in state.get("answers", {}).items() if not isinstance(answer, list)
        }
        assert row.get(("design", "weight")) == state.get("weight")
        assert {name for kind, name in row if kind == "flag"} == {
            name for name in ("consented", "complete", "test") if state.get(name)
        }


@given(st.lists(states, min_size=1, max_size=6), st.data())
def test_chosen_rows_keep_what_they_say(listed: list[dict[str, Any]], data: st.DataObject) -> None:
    rows = np.array(data.draw(st.lists(st.integers(0, len(listed) - 1))), dtype=np.int64)
    columns = Columns.of(listed)
    assert said(columns.chosen(rows)) == [said(columns)[row] for row in rows]


@given(st.lists(states, max_size=8, unique_by=lambda state: state["response"]), st.data())
def test_rows_in_order_do_not_depend_on_when_responses_came(listed: list[dict[str, Any]], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(listed))
    cut = data.draw(st.integers(0, len(listed)))
    one = Columns.joined([Columns.of(listed)])
    other = Columns.joined([Columns.of(shuffled[:cut]), Columns.of(shuffled[cut:])])
    first, second = (columns.chosen(columns.in_order()) for columns in (one, other))
    assert said(first) == said(second)
    assert {name: column.words for name, column in first.words.items()} == {
        name: column.words for name, column in second.words.items()
    }


def test_what_is_not_there_is_absent_and_not_a_number() -> None:
    columns = Columns.of([{}, {}])
    assert columns.column("answer", "a").codes.tolist() == [0, 0]
    assert np.isnan(columns.number("design", "weight")).all()
    assert columns.names("answer") == []


def test_many_words_need_wider_codes() -> None:
    columns = Columns.joined([Columns.of({"cluster": f"{part}-{row}"} for row in range(200)) for part in range(3)])
    column = columns.column("design", "cluster")
    assert column.codes.dtype == np.uint16
    assert [column.words[code - 1] for code in column.codes[[0, 200, 599]]] == ["0-0", "1-0", "2-199"]


SCALE = Scale(options=("yes", "no"), supports=("yes",), opposes=("no",), dont_know="dk", refused="ref")


@given(
    st.lists(
        st.tuples(
            st.sampled_from([None, "yes", "no", "dk", "ref"]),
            st.sampled_from([None, DONT_KNOW, REFUSED, BREAK_OFF, "not_asked"]),
            st.booleans(),
        )
    )
)
def test_outcomes_of_columns_are_those_of_each_respondent(rows: list[tuple[str | None, str | None, bool]]) -> None:
    columns = Columns.of(
        {
            **({"answers": {"a": answer}} if answer is not None else {}),
            **({"missing": {"a": reason}} if reason is not None else {}),
            "complete": complete,
        }
        for answer, reason, complete in rows
    )
    found = outcomes_of(SCALE, columns.column("answer", "a"), columns.column("missing", "a"), complete=columns.flag("complete"))
    expected = [outcome_of(SCALE, answer, reason, complete=complete) for answer, reason, complete in rows]
    assert [None if code < 0 else SCALE.outcomes[code] for code in found.codes] == expected


def test_an_answer_off_the_scale_is_refused() -> None:
    column = Column(("maybe",), np.array([0, 1], dtype=np.uint8))
    with pytest.raises(CannotEstimate, match="maybe"):
        outcomes_of(SCALE, column, Column((), np.zeros(2, dtype=np.uint8)), complete=np.ones(2, dtype=bool))
