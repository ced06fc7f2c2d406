"""The table of the item bank: questions that a study knows, where they were taken from, and on what terms."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Text, UniqueConstraint
from sqlmodel import Field

from assent_kit.tables import Instant, now
from assent_survey.store.tables import Table


class BankItem(Table, table=True):  # type: ignore[call-arg, valid-type, misc]
    """An item of the bank. `searched` are its words without regard to case; `taken_from` is the version and item it was copied from."""

    __tablename__ = "bank_item"
    __table_args__ = (UniqueConstraint("study", "taken_from"),)

    id: str = Field(primary_key=True, max_length=40)
    study: str = Field(max_length=40, index=True)
    item: dict[str, Any] = Field(sa_type=JSON)
    origin: dict[str, Any] = Field(sa_type=JSON)
    notes: str | None = Field(default=None, sa_type=Text)
    licence: str | None = Field(default=None, max_length=200)
    purpose: str | None = Field(default=None, max_length=64)
    operation: str | None = Field(default=None, max_length=64)
    searched: str = Field(sa_type=Text)
    taken_from: str | None = Field(default=None, max_length=200)
    version: int = 1
    created_at: datetime = Field(default_factory=now, sa_type=Instant)
