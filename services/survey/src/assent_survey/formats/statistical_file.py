"""SPSS (.sav, .zsav) and Stata (.dta) files. A labelled cell has two names, its value and its label; either may be mapped.

Values that the file itself declares missing are read like any other: the instrument says what they stand for.
"""

import math
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyreadstat

from assent_survey.domain.submission import LARGEST_NUMBER, Value
from assent_survey.formats.face import BLOCK_ROWS, Block, Cells, Rejected, Unreadable

_READERS = {"sav": pyreadstat.read_sav, "dta": pyreadstat.read_dta}


class StatisticalFile:
    """An SPSS or Stata file. Its rows are counted from 1, as those programs do."""

    def __init__(self, path: Path, kind: str) -> None:
        self._path, self._read = path, _READERS[kind]
        _, described = self._open(metadataonly=True)
        self.header: list[str] = described.column_names
        self.rows = int(described.number_rows or 0)
        self.rejected: list[Rejected] = []
        self._labels: dict[str, dict[Any, str]] = described.variable_value_labels

    def blocks(self, wanted: Sequence[str]) -> Iterator[Block]:
        """Rows in their order, with these columns. Raises Unreadable."""
        start = 0
        while True:
            columns, _ = self._open(usecols=list(wanted), user_missing=True, row_offset=start, row_limit=BLOCK_ROWS)
            count = len(columns)
            if count:
                numbers = np.arange(start + 1, start + count + 1)
                yield Block(numbers, {name: self._cells(name, columns[name]) for name in wanted})
            if count < BLOCK_ROWS:
                return
            start += count

    def _cells(self, name: str, column: Any) -> Cells:
        labels, given = self._labels.get(name, {}), column.to_numpy()
        if given.dtype.kind not in "fiu":
            return _words(given.tolist() if given.dtype.kind == "O" else list(column), labels)
        different, places = np.unique(given.astype(float), return_inverse=True)
        return Cells(places.astype(np.int64), [_number(value, labels) for value in different.tolist()])

    def _open(self, **options: Any) -> Any:
        try:
            return self._read(str(self._path), **options)
        except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, UnicodeDecodeError, ValueError):
            raise Unreadable("it is not a file of this format, or it is broken") from None


def _number(value: float, labels: dict[Any, str]) -> Value:
    if math.isnan(value) or abs(value) >= LARGEST_NUMBER:
        return None
    label = labels.get(value)
    return value if label is None else ((f"{value:.15g}", label),)


def _words(column: list[Any], labels: dict[Any, str]) -> Cells:
    """Texts and moments; a Stata letter such as `.a` is a text too."""
    seen: dict[Value, int] = {}
    places: npt.NDArray[np.int64] = np.empty(len(column), dtype=np.int64)
    for row, given in enumerate(column):
        places[row] = seen.setdefault(_word(given, labels), len(seen))
    return Cells(places, list(seen))


def _word(given: Any, labels: dict[Any, str]) -> Value:
    match given:
        case str() if not given.strip():
            return None
        case str():
            return given if given not in labels else ((given, labels[given]),)
        case datetime() | date():
            return given.isoformat()
        case int() | float():
            return _number(float(given), labels)
        case _:
            return None
