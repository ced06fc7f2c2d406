"""SPSS (.sav, .zsav) and Stata (.dta) files. A labelled cell has two names, its value and its label; either may be mapped.

Values that the file itself declares missing are read like any other: the instrument says what they stand for.
"""

import math
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyreadstat

from assent_survey.domain.submission import LARGEST_NUMBER, Value
from assent_survey.formats.face import BLOCK_ROWS, Block, Cells, Rejected, Unreadable

READ_CELLS = 1_000_000  # that are read at once
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
        at_once = max(BLOCK_ROWS, READ_CELLS // len(wanted))  # each reading passes over all rows before it
        start, count = 0, at_once
        while count == at_once:
            columns, _ = self._open(
                usecols=list(wanted), user_missing=True, output_format="dict", row_offset=start, row_limit=at_once
            )
            count = len(columns[wanted[0]]) if columns else 0
            for some in range(0, count, BLOCK_ROWS):
                end = min(some + BLOCK_ROWS, count)
                cells = {name: _cells(columns[name][some:end], self._labels.get(name, {})) for name in wanted}
                yield Block(np.arange(start + some + 1, start + end + 1), cells)
            start += count

    def _open(self, **options: Any) -> Any:
        try:
            return self._read(str(self._path), **options)
        except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, UnicodeDecodeError, ValueError):
            raise Unreadable("it is not a file of this format, or it is broken") from None


def _cells(column: list[Any], labels: dict[Any, str]) -> Cells:
    """A column of numbers or of texts is taken apart by Arrow, any other cell by cell."""
    for kind in (pa.float64(), pa.string()):
        with suppress(pa.ArrowInvalid, TypeError):
            encoded: Any = pa.array(column, kind).dictionary_encode("encode")
            places = encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
            return Cells(places, [_word(given, labels) for given in encoded.dictionary.to_pylist()])
    return _words(column, labels)


def _number(value: float, labels: dict[Any, str]) -> Value:
    if math.isnan(value) or abs(value) >= LARGEST_NUMBER:
        return None
    label = labels.get(value)
    return value if label is None else ((f"{value:.15g}", label),)


def _words(column: list[Any], labels: dict[Any, str]) -> Cells:
    """Moments, and numbers among which there are Stata letters such as `.a`, which are texts."""
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
