"""Exports and their files, in pieces. A row is a promise: whoever finds it gone, or another `attempt` in it, must store nothing."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index
from sqlmodel import Field

from assent_kit.blobs import BlobColumns
from assent_kit.tables import Instant, now
from assent_survey.store.tables import Table


class Export(Table, table=True):  # type: ignore[call-arg, valid-type, misc]
    """What was asked for and, once it is made (`sha256`), what it holds. `attempt` names the worker's try that may write its file."""

    __tablename__ = "export"
    __table_args__ = (Index("ix_export_study", "study", "id"),)

    id: str = Field(primary_key=True, max_length=40)
    study: str = Field(max_length=40)
    collection: str = Field(max_length=40, index=True)
    format: str = Field(max_length=20)
    wanted: dict[str, Any] = Field(sa_type=JSON)
    job: str = Field(max_length=80)
    attempt: str | None = Field(default=None, max_length=40)
    asked_by: str = Field(max_length=200)
    asked_at: datetime = Field(default_factory=now, sa_type=Instant)
    made_at: datetime | None = Field(default=None, sa_type=Instant)
    rows: int | None = None
    size: int | None = None
    sha256: str | None = Field(default=None, max_length=64)
    left_out: dict[str, int] = Field(default_factory=dict, sa_type=JSON)
    report: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)


class ExportFile(BlobColumns, Table, table=True):  # type: ignore[valid-type, misc]
    """A piece of an export's file, of 1 MiB, under the export's id."""

    __tablename__ = "export_file"
