"""CSV as survey platforms write it: UTF-8 or UTF-16 with or without a mark, or an encoding that is named; comma, semicolon or tab; gzip.

Cells that our own exports guard against spreadsheets are read without their guard. Quotes may hold line breaks.
"""

import codecs
import csv
import gzip
import io
import itertools
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any

import numpy as np
import pyarrow as pa
from pyarrow import csv as arrow_csv

from assent_survey.domain.spreadsheet_cells import plain_cell
from assent_survey.formats.face import BLOCK_ROWS, Block, Cells, Rejected, Unreadable

BLOCK_BYTES = 1024 * 1024  # no row may be longer
LONGEST_HEADER = 1024 * 1024
MOST_COLUMNS = 10_000
MOST_REMEMBERED = 10_000  # rows that could not be read, beyond which the file is not what it seems
SEPARATORS = ",;\t"
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
PACKING, BROKEN_PACKING = (OSError, EOFError, zlib.error), "its packing is broken"
_GZIP = b"\x1f\x8b"


class CsvFile:
    """A CSV file. `known` are names that its columns should have: the separator is the one that finds most of them."""

    def __init__(self, path: Path, known: frozenset[str], *, encoding: str | None, most_bytes: int) -> None:
        self._path = path
        start = self._start()
        self._encoding = encoding or next((name for mark, name in _MARKS if start.startswith(mark)), "utf-8")
        self.header, self._separator = _header(_decoded(start, self._encoding), known)
        self.rows = self._count_lines(most_bytes)
        self.rejected: list[Rejected] = []

    def blocks(self, wanted: Sequence[str]) -> Iterator[Block]:
        """Rows in their order, with these columns. Raises Unreadable."""
        names = [str(place) for place in range(len(self.header))]
        chosen = {name: names[self.header.index(name)] for name in wanted}
        following, ill = 2, {}  # the header is row 1

        def note(row: Any) -> str:
            ill[row.number] = f"it has {row.actual_columns} cells and the first line {row.expected_columns}"
            if len(self.rejected) + len(ill) > MOST_REMEMBERED:
                raise Unreadable("thousands of lines have another number of cells than the first")
            return "skip"

        with self._open() as file:
            batches = _batches(file, names, list(chosen.values()), self._separator, self._encoding, note)
            for batch in (whole.slice(start, BLOCK_ROWS) for whole in batches for start in range(0, whole.num_rows, BLOCK_ROWS)):
                numbers = np.fromiter(itertools.islice(_good(following, ill), batch.num_rows), np.int64)
                following = int(numbers[-1]) + 1 if len(numbers) else following
                yield Block(numbers, {name: _cells(batch.column(place)) for name, place in chosen.items()})
        self.rejected += [Rejected(row, why) for row, why in sorted(ill.items())]

    def _open(self) -> IO[bytes]:
        file = self._path.open("rb")
        start = file.read(2)
        file.seek(0)
        return gzip.GzipFile(fileobj=file) if start == _GZIP else file  # type: ignore[return-value]

    def _start(self) -> bytes:
        try:
            with self._open() as file:
                return file.read(LONGEST_HEADER)
        except PACKING:
            raise Unreadable(BROKEN_PACKING) from None

    def _count_lines(self, most_bytes: int) -> int:
        size = lines = 0
        try:
            with self._open() as file:
                while piece := file.read(BLOCK_BYTES):
                    size += len(piece)
                    lines += piece.count(b"\n")
                    if size > most_bytes:
                        raise Unreadable(f"unpacked it is larger than {most_bytes // 1024**2} MB")
        except PACKING:
            raise Unreadable(BROKEN_PACKING) from None
        return lines


def _decoded(start: bytes, encoding: str) -> str:
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(start)
    except LookupError:
        raise Unreadable("this encoding is not known") from None
    except UnicodeDecodeError:
        raise Unreadable(f"it is not text in {encoding.removesuffix('-sig')}; name its `encoding`") from None
    if "\0" in text.partition("\n")[0]:
        raise Unreadable("it holds NUL, so it is not text in this encoding; name its `encoding`")
    return text


def _header(start: str, known: frozenset[str]) -> tuple[list[str], str]:
    """The names of the columns and the separator that finds most of the known ones."""

    def named(separator: str) -> list[str]:
        try:
            return [plain_cell(name) for name in next(csv.reader(io.StringIO(start, newline=""), delimiter=separator), [])]
        except csv.Error:
            return []

    found = [(named(separator), separator) for separator in SEPARATORS]
    header, separator = max(found, key=lambda each: (len(known & set(each[0])), len(each[0])))
    if not header or len(header) > MOST_COLUMNS:
        raise Unreadable("its first line does not name the columns")
    return header, separator


def _batches(
    file: IO[bytes], names: list[str], chosen: list[str], separator: str, encoding: str, note: Any
) -> Iterator[pa.RecordBatch]:
    """Record batches of text columns. Raises Unreadable."""
    encoding = "utf8" if encoding in ("utf-8", "utf-8-sig") else encoding
    try:
        yield from arrow_csv.open_csv(
            file,
            read_options=arrow_csv.ReadOptions(
                column_names=names, skip_rows_after_names=1, use_threads=False, block_size=BLOCK_BYTES, encoding=encoding
            ),
            parse_options=arrow_csv.ParseOptions(
                delimiter=separator, newlines_in_values=True, ignore_empty_lines=False, invalid_row_handler=note
            ),
            convert_options=arrow_csv.ConvertOptions(include_columns=chosen, column_types=dict.fromkeys(chosen, pa.string())),
        )
    except (pa.ArrowInvalid, UnicodeError, *PACKING) as error:
        # What Arrow says may quote cells.
        long = "straddl" in str(error)
        raise Unreadable("a row is too long, or a quote is never closed" if long else "it is not text in its encoding") from None


def _good(start: int, ill: dict[int, str]) -> Iterator[int]:
    return (number for number in itertools.count(start) if number not in ill)


def _cells(column: Any) -> Cells:
    encoded = column.dictionary_encode()
    values = [_value(text) for text in encoded.dictionary.to_pylist()]
    return Cells(encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64), values)


def _value(text: str) -> str | None:
    return plain_cell(text) if text.strip() else None
