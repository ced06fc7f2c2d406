"""Imports and their files, in pieces. A file holds whatever people were called, so it goes as soon as the import is over."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index
from sqlmodel import Field

from assent_kit.blobs import BlobColumns
from assent_kit.tables import Instant, now
from assent_survey.store.tables import Table


class Import(Table, table=True):  # type: ignore[call-arg, valid-type, misc]
    """What is imported, how far it is, and what came of it.

    `attempt` names the worker's try that may keep its rows, of which the first `buckets_done` buckets are kept; `found` says what the
    file holds and `outcomes` counts what became of its rows. `has_file` until the file is deleted.
    """

    __tablename__ = "import"
    __table_args__ = (Index("ix_import_study", "study", "id"),)

    id: str = Field(primary_key=True, max_length=40)
    study: str = Field(max_length=40)
    collection: str = Field(max_length=40)
    kind: str = Field(max_length=10)
    plan: dict[str, Any] = Field(sa_type=JSON)
    dry_run: bool
    job: str | None = Field(default=None, max_length=80)
    attempt: str | None = Field(default=None, max_length=40)
    buckets_done: int = 0
    found: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    outcomes: dict[str, int] = Field(default_factory=dict, sa_type=JSON)
    has_file: bool = Field(default=True, index=True)
    asked_by: str = Field(max_length=200)
    asked_at: datetime = Field(default_factory=now, sa_type=Instant)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)


class ImportFile(BlobColumns, Table, table=True):  # type: ignore[valid-type, misc]
    """A piece of an import's file, of 1 MiB, under the import's id."""

    __tablename__ = "import_file"
