"""The tables of the ingest service.

The text of a document is kept once, as its blocks. `version` counts changes of one thing: it is its ETag and the version of its events.
The full-text index over blocks is made by the first migration, because it differs between SQLite and PostgreSQL (search_index).
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Index, Text, UniqueConstraint
from sqlmodel import JSON, Field

from assent_kit.blobs import blob_table
from assent_kit.idempotency import idempotency_table
from assent_kit.outbox import AutoNumber, outbox_table
from assent_kit.tables import Instant, now, table_base

Table = table_base()
Table.metadata.info["by_hand"] = ("block_words", "ix_block_words")

Outbox = outbox_table(Table)
Idempotency = idempotency_table(Table)
Blob = blob_table(Table)


class Document(Table, table=True):  # type: ignore[call-arg, valid-type, misc]
    """A document of the register: its facts, and what became of it when it was read. The original is the blob of the same id."""

    __table_args__ = (UniqueConstraint("study", "sha256"),)

    id: str = Field(primary_key=True, max_length=40)
    study: str = Field(index=True, max_length=40)
    version: int = 1
    title: str = Field(max_length=300)
    stakeholder: str = Field(max_length=40)
    kind: str = Field(max_length=40)
    author: str = Field(max_length=20)
    publisher: str | None = Field(default=None, max_length=200)
    published_on: str | None = Field(default=None, max_length=10)
    published_first: date | None = None
    published_last: date | None = None
    jurisdiction: str | None = Field(default=None, max_length=100)
    url: str | None = Field(default=None, max_length=2000)
    why_sampled: str | None = Field(default=None, max_length=2000)
    licence: str | None = Field(default=None, max_length=200)
    filename: str = Field(max_length=200)
    bytes: int
    sha256: str = Field(max_length=64)
    format: str = Field(max_length=10)
    status: str = Field(max_length=20)
    reader: str = Field(max_length=200)
    pages: int | None = None
    unread_pages: list[int] = Field(sa_type=JSON)
    characters: int
    created_by: str = Field(max_length=200)
    created_at: datetime = Field(sa_type=Instant, default_factory=now)


class Block(Table, table=True):  # type: ignore[call-arg, valid-type, misc]
    """One block of a document's canonical text. `words` is the text as it is searched: folded, with single spaces."""

    __table_args__ = (Index(None, "document", "start"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=AutoNumber)
    document: str = Field(foreign_key="document.id", max_length=40)
    start: int
    end: int
    kind: str = Field(max_length=20)
    page: int | None = None
    paragraph: int
    text: str = Field(sa_type=Text)
    words: str = Field(sa_type=Text)


class Passage(Table, table=True):  # type: ignore[call-arg, valid-type, misc]
    """A coded span. `reader` names what made the text that `start` and `end` count in."""

    id: str = Field(primary_key=True, max_length=40)
    study: str = Field(index=True, max_length=40)
    document: str = Field(foreign_key="document.id", index=True, max_length=40)
    version: int = 1
    start: int
    end: int
    reader: str = Field(max_length=200)
    page: int | None = None
    paragraph: int
    code: str = Field(max_length=64)
    stance: str = Field(max_length=10)
    practice: dict[str, Any] = Field(sa_type=JSON)
    problem_represented: str | None = Field(default=None, max_length=2000)
    solution_claimed: str | None = Field(default=None, max_length=2000)
    beneficiary: str | None = Field(default=None, max_length=500)
    left_unsaid: str | None = Field(default=None, max_length=2000)
    note: str | None = Field(default=None, max_length=4000)
    coder: str = Field(max_length=200)
    created_at: datetime = Field(sa_type=Instant, default_factory=now)


class Codebook(Table, table=True):  # type: ignore[call-arg, valid-type, misc]
    """That a study has a codebook of rationales, and how often it has changed."""

    study: str = Field(primary_key=True, max_length=40)
    version: int = 1


class Rationale(Table, table=True):  # type: ignore[call-arg, valid-type, misc]
    """One code of a study's codebook; `position` is its place in the list."""

    study: str = Field(primary_key=True, max_length=40)
    code: str = Field(primary_key=True, max_length=64)
    position: int
    label: str = Field(max_length=200)
    definition: str = Field(max_length=2000)
    stance: str = Field(max_length=10)
    version: int = 1
