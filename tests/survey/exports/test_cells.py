"""Cells that a spreadsheet would take for a formula are texts, and can be had back; numbers stay numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent_survey.domain.spreadsheet_cells import plain_cell, safe_cell


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+cmd|' /C calc'!A0",
        "-2+3",
        "@SUM(A1)",
        "  =1",
        "＝1",
        "＋1",
        "－1",
        "＠x",
        "-",
        "'=1",
        "\0=1",
        "\ufeff=1",
    ],
)
def test_a_formula_gets_an_apostrophe(text: str) -> None:
    assert safe_cell(text) == f"'{text}"


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("x;=cmd|' /C calc'!A0;y", "x;'=cmd|' /C calc'!A0;y"),
        ("\t=1", "'\t'=1"),
        ("\r=1", "'\r'=1"),
        ("a\n=1", "a\n'=1"),
        ("a; @x;'b", "a;' @x;''b"),
        ("yes; no", "yes; no"),
    ],
)
def test_what_begins_a_cell_where_a_semicolon_divides_them_gets_one_too(text: str, cell: str) -> None:
    assert safe_cell(text) == cell
    assert plain_cell(cell) == text


@pytest.mark.parametrize("text", ["-9", "+1", "3.5", "-1e5", "north", "a=1", "", "1-2"])
def test_a_number_or_a_word_is_as_it_was(text: str) -> None:
    assert safe_cell(text) == text


@given(st.text() | st.text("';\t\r\n =-1a", max_size=12))
def test_every_text_comes_back(text: str) -> None:
    assert plain_cell(safe_cell(text)) == text
