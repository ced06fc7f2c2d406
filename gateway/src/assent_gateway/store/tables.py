"""The gateway's tables."""

from datetime import datetime

from sqlalchemy import Text
from sqlmodel import Field

from assent_kit.idempotency import idempotency_table
from assent_kit.outbox import outbox_table
from assent_kit.tables import Instant, now, table_base

Table = table_base()
Idempotency = idempotency_table(Table)
Outbox = outbox_table(Table)


class StudyRow(Table, table=True):  # type: ignore[call-arg, valid-type, misc]
    """A study."""

    __tablename__ = "study"

    id: str = Field(primary_key=True, max_length=40)
    title: str = Field(max_length=200)
    description: str = Field(default="", max_length=2000)
    state: str = Field(default="open", max_length=10)
    opened_by: str = Field(max_length=200)
    opened_at: datetime = Field(sa_type=Instant, default_factory=now)
    closed_at: datetime | None = Field(default=None, sa_type=Instant)
    version: int = 1
    groups: str = Field(default='{"variables":[]}', sa_type=Text, description="the group scheme, as JSON")
    groups_version: int = 0
    vocabulary_version: int = 0


class MemberRow(Table, table=True):  # type: ignore[call-arg, valid-type, misc]
    """Somebody's role in a study."""

    __tablename__ = "member"

    study: str = Field(primary_key=True, max_length=40, foreign_key="study.id")
    principal: str = Field(primary_key=True, max_length=200, index=True)
    role: str = Field(max_length=20)
    since: datetime = Field(sa_type=Instant, default_factory=now)
    version: int = 1


class KeyRow(Table, table=True):  # type: ignore[call-arg, valid-type, misc]
    """An API key: an HMAC of its secret, never the secret. Its role in a study is its membership."""

    __tablename__ = "api_key"

    id: str = Field(primary_key=True, max_length=40)
    study: str | None = Field(default=None, max_length=40, foreign_key="study.id", index=True)
    name: str = Field(max_length=200)
    code: str = Field(max_length=64)
    created_by: str = Field(max_length=200)
    created_at: datetime = Field(sa_type=Instant, default_factory=now)
    expires_at: datetime | None = Field(default=None, sa_type=Instant)


class OwnTermRow(Table, table=True):  # type: ignore[call-arg, valid-type, misc]
    """A practice term that a study has added."""

    __tablename__ = "own_term"

    study: str = Field(primary_key=True, max_length=40, foreign_key="study.id")
    slot: str = Field(primary_key=True, max_length=40)
    term: str = Field(primary_key=True, max_length=64)
    label: str = Field(max_length=200)
    definition: str = Field(sa_type=Text)
    parent: str | None = Field(default=None, max_length=64)
    added_by: str = Field(max_length=200)
    added_at: datetime = Field(sa_type=Instant, default_factory=now)
