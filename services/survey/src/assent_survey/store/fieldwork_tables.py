"""The tables of fieldwork: tokens that were issued, information sheets, quotas and final dispositions.

A token is kept as blind indexes only. Whoever withdraws loses the row, so that nothing tells a withdrawn token from one never issued;
how many withdrew is what is missing from the batch.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON
from sqlmodel import Field

from assent_kit.tables import Instant, now
from assent_survey.store.tables import Table


class TokenBatch(Table, table=True):  # type: ignore[call-arg, valid-type, misc]
    """Tokens that were issued together. `issued` is how many; `test` says that whatever comes under them is a test."""

    __tablename__ = "token_batch"

    id: str = Field(primary_key=True, max_length=40)
    study: str = Field(max_length=40)
    collection: str = Field(max_length=40, foreign_key="collection.id", index=True)
    label: str | None = Field(default=None, max_length=100)
    test: bool = False
    issued: int
    issued_at: datetime = Field(default_factory=now, sa_type=Instant)


class RespondentToken(Table, table=True):  # type: ignore[call-arg, valid-type, misc]
    """A token by the blind index of itself, and that of the respondent it names. `disposition` is what the agency reported of them."""

    __tablename__ = "respondent_token"

    token_index: str = Field(primary_key=True, max_length=64)
    respondent_index: str = Field(max_length=64, unique=True)
    batch: str = Field(max_length=40, foreign_key="token_batch.id", index=True)
    study: str = Field(max_length=40)
    collection: str = Field(max_length=40, index=True)
    test: bool = False
    disposition: str | None = Field(default=None, max_length=2)


class InformationSheet(Table, table=True):  # type: ignore[call-arg, valid-type, misc]
    """A version of what parents are told before they take part. It never changes; the newest is the one that is shown."""

    __tablename__ = "information_sheet"

    collection: str = Field(primary_key=True, max_length=40, foreign_key="collection.id")
    number: int = Field(primary_key=True)
    study: str = Field(max_length=40)
    version: str = Field(max_length=40)
    languages: dict[str, Any] = Field(sa_type=JSON)
    made_at: datetime = Field(default_factory=now, sa_type=Instant)


class QuotaPlan(Table, table=True):  # type: ignore[call-arg, valid-type, misc]
    """The quotas of a collection: `[{name, groups, answers, target}]`."""

    __tablename__ = "quota_plan"

    collection: str = Field(primary_key=True, max_length=40, foreign_key="collection.id")
    study: str = Field(max_length=40)
    cells: list[Any] = Field(sa_type=JSON)
    version: int = 1
    changed_at: datetime = Field(default_factory=now, sa_type=Instant)


class DispositionReport(Table, table=True):  # type: ignore[call-arg, valid-type, misc]
    """What the fieldwork agency reported of a collection's cases, and the rules by which ours are told apart."""

    __tablename__ = "disposition_report"

    collection: str = Field(primary_key=True, max_length=40, foreign_key="collection.id")
    study: str = Field(max_length=40)
    report: dict[str, Any] = Field(sa_type=JSON)
    version: int = 1
    changed_at: datetime = Field(default_factory=now, sa_type=Instant)
