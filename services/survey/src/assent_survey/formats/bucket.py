"""A bucket of a file's rows, as it goes from the process that reads to the service that keeps.

Most buckets are kept without a look at any row, so the rows stay packed until somebody asks for them; beside them are the same rows as
drafts, which the database takes in at once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from assent_kit.bulk import Packed

Rows = dict[str, list[Any]]
"""Rows by column: those of `Row`."""

RESPONSE_DRAFT = (
    "id", "respondent", "respondent_index", "response_index", "complete", "finished", "said", "size", "arrival", "revision", "content",
    "problems",
)  # fmt: skip
"""The columns of a response that differ from draft to draft."""

RESPONDENT_DRAFT = ("id", "blind_index", "study", "collection")

SHARED = ("study", "collection", "version", "test", "received_at", "changed_at")
"""Those that all of a bucket share."""


class Row(NamedTuple):
    """A row of a file, coded. `response`, `respondent` and `said` are blind indexes; `arrival` is when it arrived, among deliveries.

    `id` and `token` (of the respondent) are for a new response of a new respondent. `content` and `problems` are JSON.
    """

    row: int
    response: str
    respondent: str
    said: str
    size: int
    finished: bool
    revision: float | None
    arrival: str
    content: str
    problems: str
    id: str
    token: str


class Span(NamedTuple):
    """The least and the greatest of some texts."""

    least: str
    greatest: str


@dataclass(frozen=True, slots=True)
class Drafts:
    """Each row as a new response of a new respondent: for PostgreSQL lines of COPY by table, for SQLite packed columns.

    The lines hold the columns of `RESPONSE_DRAFT` and then the `SHARED` ones; those of respondents `RESPONDENT_DRAFT`. A column of which
    all rows hold one value is packed as that value, as it stands in a text.
    """

    at: datetime
    lines: Mapping[str, bytes]
    columns: Mapping[str, Packed | str | None]


@dataclass(frozen=True, slots=True)
class Bucket:
    """Some rows. `distinct`: no response and no respondent is named twice. `largest` is the longest content, in bytes."""

    count: int
    distinct: bool
    largest: int
    ids: Span
    responses: Span
    respondents: Span
    packed: bytes
    drafts: Drafts

    def texts(self, column: str) -> list[str]:
        """One column of the rows."""
        return list(self._table().column(column).to_pylist())

    def rows(self) -> Rows:
        """All of them."""
        return {
            name: column.to_pylist() for name, column in zip(Row._fields, self._table().select(Row._fields).columns, strict=True)
        }

    def _table(self) -> Any:
        from pyarrow import ipc  # is large, and hardly ever needed

        return ipc.open_stream(self.packed).read_all()
