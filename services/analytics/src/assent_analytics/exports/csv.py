"""A table as CSV: a header, a row for each row, the numbers behind each cell in columns of their own; safe to open in a
spreadsheet.
"""

import csv
import io

from assent_analytics.domain.table import Cell, Table

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula."""


def table_csv(table: Table) -> str:
    """UTF-8 with a byte order mark, because spreadsheets guess otherwise. Numbers are written in full, wordings as they are
    read.
    """
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\r\n")
    names = [_names(table, place) for place in range(len(table.columns))]
    heading = [harmless(table.stub)]
    for column, of_column in zip(table.columns, names, strict=True):
        title = f"{column.span}: {column.label}" if column.span else column.label
        heading += [harmless(title), *(harmless(f"{title} ({name})") for name in of_column)]
    writer.writerow(heading)
    section = ""
    for row in table.rows:
        if not row.cells:
            section = row.label
            continue
        label = f"{section}: {row.label}" if section and row.level else row.label
        cells = [value for cell, of_column in zip(row.cells, names, strict=True) for value in _values(cell, of_column)]
        writer.writerow([harmless(label), *cells])
    for note in table.notes:
        writer.writerow([harmless(note)])
    return "\ufeff" + written.getvalue()


def harmless(text: str) -> str:
    """A text that no spreadsheet runs: one that looks like a formula gets an apostrophe."""
    return f"'{text}" if text.startswith(FORMULA) else text


def _names(table: Table, place: int) -> list[str]:
    return list(dict.fromkeys(name for row in table.rows if row.cells for name, _ in row.cells[place].numbers))


def _values(cell: Cell, names: list[str]) -> list[str]:
    numbers = dict(cell.numbers)
    # A negative number is a number: only words are made harmless.
    text = cell.text if _is_number(cell.text) else harmless(cell.text)
    return [text, *(repr(numbers[name]) if name in numbers else "" for name in names)]


def _is_number(text: str) -> bool:
    try:
        float(text.replace(",", "").removesuffix("%"))
    except ValueError:
        return False
    return True
