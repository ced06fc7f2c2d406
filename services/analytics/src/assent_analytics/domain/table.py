"""A table as people read it: a caption, columns under spanning headers, labelled rows, cells with a number and its wording, footnotes.

Marks are those of official statistics: `[c]` is suppressed to protect people, `[x]` is not there; a nought is a nought.
Not here: where the numbers come from (service.analyses.tabulate), and how a table looks in HTML, Word or CSV (exports).
"""

from dataclasses import dataclass
from typing import Literal

Mark = Literal["number", "suppressed", "missing", "empty"]

SUPPRESSED, MISSING = "[c]", "[x]"
EXPLAINED = {
    "suppressed": f"{SUPPRESSED} suppressed, so that nobody can be recognised; it is neither nought nor missing.",
    "missing": f"{MISSING} not available.",
}


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in a cell: its wording, and the numbers behind it by name; none where it is suppressed, missing or empty."""

    text: str
    mark: Mark = "number"
    numbers: tuple[tuple[str, float | int], ...] = ()


HIDDEN = Cell(SUPPRESSED, "suppressed")
ABSENT = Cell(MISSING, "missing")
EMPTY = Cell("", "empty")


@dataclass(frozen=True, slots=True)
class Column:
    """A column's heading; columns side by side of the same `span` stand under one spanning header."""

    label: str
    span: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A row's label, how far it is indented, and its cells; a row without cells heads those after it."""

    label: str
    level: int = 0
    cells: tuple[Cell, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """A whole table. `stub` is the heading of the row labels."""

    caption: str
    stub: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    footnotes: tuple[str, ...] = ()

    @property
    def spans(self) -> list[tuple[str, int]]:
        """The spanning headers with how many columns each spans; an empty word spans what has none."""
        found: list[tuple[str, int]] = []
        for column in self.columns:
            if found and found[-1][0] == column.span:
                found[-1] = (column.span, found[-1][1] + 1)
            else:
                found.append((column.span, 1))
        return found

    @property
    def notes(self) -> list[str]:
        """The footnotes, and what the marks in the table mean."""
        used = {cell.mark for row in self.rows for cell in row.cells}
        return [*self.footnotes, *(meaning for mark, meaning in EXPLAINED.items() if mark in used)]


def percent(share: float) -> str:
    """A share as a percentage: 0.4213 is `42.1%`."""
    return f"{100 * share:.1f}%"


def decimal(number: float) -> str:
    """A number as a reader can take it in: three significant figures, thousands apart, no exponent."""
    if number == 0:
        return "0"
    size = abs(number)
    places = 0 if size >= 100 else 1 if size >= 10 else 2 if size >= 0.1 else 3
    return f"{number:,.{places}f}"


def whole(number: float) -> str:
    """A count: `12,345`."""
    return f"{number:,.0f}"


def p_value(p: float) -> str:
    """A p-value as journals print it."""
    if p < 0.001:
        return "<0.001"
    return f"{p:.3f}" if p < 0.1 else f"{p:.2f}"


def interval(low: str, high: str) -> str:
    """The two ends of an interval."""
    return f"{low} to {high}"
