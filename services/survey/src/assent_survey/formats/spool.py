"""Coded rows in a file on the side, to be taken out again in the order of their respondents' blind indexes.

The indexes are random, so rows in the order of the file would touch every page of a database's indexes with each batch; in order of the
respondents a batch touches few, but for the one of the responses. The file holds answers and blind indexes, and no name.
"""

from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyarrow import compute, ipc

from assent_survey.domain.blind import DIGEST

ROWS = 5_000  # about how many are taken out at once
FIRST_ROWS = 20_000  # in the first spool, so that keeping begins soon; each has twice as many as the one before, until
MOST_ROWS = 160_000  # in one spool: what is read while the spool before is being kept

PACKED: Final = "zstd"


class Spool:
    """Rows by bucket: an equal part of all possible indexes each, in their order. `rows` is how many are expected, `most` how many fit."""

    def __init__(self, folder: Path, rows: int, most: int = FIRST_ROWS) -> None:
        self._folder, self._expected, self._most = folder, rows, most
        self._file: IO[bytes] = TemporaryFile(dir=folder)  # noqa: SIM115  # closed by `close`
        self.buckets = max(1, -(-min(rows, most) // ROWS))
        self.rows = 0
        self._pieces: list[list[tuple[int, int, int]]] = [[] for _ in range(self.buckets)]
        self._schema: pa.Schema | None = None

    @property
    def is_full(self) -> bool:
        """Whether it is time for the next."""
        return self.rows >= self._most

    def following(self) -> "Spool":
        """An empty one for the rows that come after it."""
        return Spool(self._folder, self._expected, min(2 * self._most, MOST_ROWS))

    def add(self, rows: pa.RecordBatch, respondents: bytes) -> None:
        """Add rows, whose respondents' blind indexes stand in `respondents` one after the other."""
        self.rows += rows.num_rows
        self._schema = rows.schema
        buckets = bucket_of(respondents, self.buckets)
        order = np.argsort(buckets, kind="stable")
        places: Any = pa.array(order)
        rows, ends = rows.take(places), np.searchsorted(buckets[order], np.arange(self.buckets), side="right")
        start = 0
        for bucket, end in enumerate(ends.tolist()):
            if end > start:
                piece = rows.slice(start, end - start).serialize()
                packed = pa.compress(piece, codec=PACKED, asbytes=True)
                self._pieces[bucket].append((self._file.tell(), len(packed), piece.size))
                self._file.write(packed)
            start = end

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def take(self, bucket: int) -> pa.Table | None:
        """The rows of a bucket in the order of their `respondent`, then of the file; None when there are none."""
        if not self._pieces[bucket] or self._schema is None:
            return None
        batches = []
        for offset, packed, size in self._pieces[bucket]:
            self._file.seek(offset)
            piece = pa.decompress(self._file.read(packed), decompressed_size=size, codec=PACKED)
            batches.append(ipc.read_record_batch(piece, self._schema))
        table = pa.Table.from_batches(batches)
        return table.take(compute.sort_indices(table, [("respondent", "ascending"), ("row", "ascending")]))


def bucket_of(indexes: bytes, buckets: int) -> npt.NDArray[np.int64]:
    """Which bucket each of the indexes is in."""
    starts = np.frombuffer(indexes, dtype=">u4")[::8].astype(np.uint64)
    return (starts * np.uint64(buckets) >> np.uint64(32)).astype(np.int64)


def texts_of(digests: bytes) -> pa.StringArray:
    """Blind indexes as they are kept, in hexadecimal."""
    text = digests.hex().encode()
    places: Any = np.arange(0, len(text) + 1, 2 * DIGEST, dtype=np.int32)
    return pa.StringArray.from_buffers(len(places) - 1, pa.py_buffer(places), pa.py_buffer(text))
