"""The tables of survey.

Whoever answers is kept as a random token and a blind index, never as the platform's id of them; that id is in the raw deliveries
only. A delivery is one row with its raw body, so that it is durable by one insert.
"""

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import JSON, Index, LargeBinary, UniqueConstraint, text
from sqlmodel import Field

from assent_kit.announcements import announcement_table
from assent_kit.idempotency import idempotency_table
from assent_kit.jobs.table import job_table
from assent_kit.outbox import outbox_table
from assent_kit.tables import Instant, now, table_base

Table = table_base()
Idempotency = idempotency_table(Table)
Outbox = outbox_table(Table)
Announcement = announcement_table(Table)
Job = job_table(Table)

DeliveryState = Literal["received", "verified", "parsed", "applied", "duplicate", "quarantined", "dead"]
PENDING = ("received", "verified")
"""They wait for the worker. What arrives is one of them, and is in as few indexes as can be: the rest is for those that were read."""
SET_ASIDE = ("parsed", "quarantined", "dead")
"""They were read, and wait for a platform's answer, or for somebody to look at them."""
# Which deliveries; each has an index that SQLite uses only where a statement says so in these very words. (A tuple reads as in SQL.)
IS_PENDING, WAS_READ, IS_SET_ASIDE = f"state IN {PENDING}", f"state NOT IN {PENDING}", f"state IN {SET_ASIDE}"
IN_QUARANTINE = "state = 'quarantined'"
IS_PARSED = "state = 'parsed'"
WAS_ASKED_FOR = "origin <> 'hook'"
"""Nobody sent them."""
ASKED = ("fetch", "reconcile")
"""Origins of deliveries that we asked a platform for, and that hold a record of its API."""


class Instrument(Table, table=True):  # type: ignore[call-arg, valid-type, misc]
    """An instrument as it is being written; `published` is the number of its newest published version, 0 for none."""

    __tablename__ = "instrument"

    id: str = Field(primary_key=True, max_length=40)
    study: str = Field(max_length=40, index=True)
    external_id: str | None = Field(default=None, max_length=200)
    title: str = Field(max_length=500)
    items: list[Any] = Field(sa_type=JSON)
    published: int = 0
    version: int = 1
    created_at: datetime = Field(default_factory=now, sa_type=Instant)


class InstrumentVersion(Table, table=True):  # type: ignore[call-arg, valid-type, misc]
    """A published version. It never changes, because responses keep pointing to it."""

    __tablename__ = "instrument_version"

    instrument: str = Field(primary_key=True, max_length=40, foreign_key="instrument.id")
    number: int = Field(primary_key=True)
    study: str = Field(max_length=40)
    title: str = Field(max_length=500)
    items: list[Any] = Field(sa_type=JSON)
    published_at: datetime = Field(default_factory=now, sa_type=Instant)


class Collection(Table, table=True):  # type: ignore[call-arg, valid-type, misc]
    """A wave of fieldwork. `facts` is what the researcher says of it, in the shape of the API."""

    __tablename__ = "collection"

    id: str = Field(primary_key=True, max_length=40)
    study: str = Field(max_length=40, index=True)
    instrument: str = Field(max_length=40, foreign_key="instrument.id")
    number: int
    facts: dict[str, Any] = Field(sa_type=JSON)
    version: int = 1
    opened_at: datetime = Field(default_factory=now, sa_type=Instant)
    closed_at: datetime | None = Field(default=None, sa_type=Instant)


class Connection(Table, table=True):  # type: ignore[call-arg, valid-type, misc]
    """A platform's way in. `secrets` are sealed: `[{sealed, made_at, ends_at}]`, newest first; so is `access`, by which we may ask it.

    It is reconciled every `reconcile_hours`; `deletions` says what becomes of responses that the platform has no more.
    """

    __tablename__ = "connection"

    id: str = Field(primary_key=True, max_length=40)
    study: str = Field(max_length=40, index=True)
    collection: str = Field(max_length=40, foreign_key="collection.id", index=True)
    platform: str = Field(max_length=40)
    mapping: dict[str, Any] = Field(sa_type=JSON)
    secrets: list[Any] = Field(sa_type=JSON)
    access: str | None = Field(default=None)
    access_set_at: datetime | None = Field(default=None, sa_type=Instant)
    reconcile_hours: float | None = None
    deletions: str = Field(default="report", max_length=10)
    version: int = 1
    created_at: datetime = Field(default_factory=now, sa_type=Instant)
    deleted_at: datetime | None = Field(default=None, sa_type=Instant)


def _index_of(name: str, *columns: str, which: str) -> Index:
    """An index of some deliveries."""
    return Index(f"ix_delivery_{name}", *columns, sqlite_where=text(which), postgresql_where=text(which))


class Delivery(Table, table=True):  # type: ignore[call-arg, valid-type, misc]
    """A webhook's call as it came, or a record that we asked for, and what became of it. Ids sort by arrival.

    `sender_id` is the sender's id of the delivery and `digest` that of its body: both alike are one delivery. The blind indexes are
    filled when the body is first read; a withdrawal finds what it must delete by them. A notice without answers is `parsed` until
    they are fetched, at `due_at`; the record that then comes names it in `answers`.
    """

    __tablename__ = "delivery"
    __table_args__ = (
        _index_of("pending", "id", which=IS_PENDING),
        _index_of("held", "connection", "reason", which=IN_QUARANTINE),
        _index_of("respondent", "respondent_index", which="respondent_index IS NOT NULL"),
        _index_of("response", "response_index", which="response_index IS NOT NULL"),
        _index_of("due", "due_at", which=IS_PARSED),
        Index("ix_delivery_sender", "sender_id", "connection"),
        Index("ix_delivery_study", "study", "id"),
        Index("ix_delivery_connection", "connection", "id"),
        _index_of("state", "study", "state", "id", which=WAS_READ),
        _index_of("aside", "connection", "state", "id", which=IS_SET_ASIDE),
        _index_of("reason", "study", "reason", "id", which="reason IS NOT NULL"),
        _index_of("made", "response", "id", which="response IS NOT NULL"),
        _index_of("origin", "study", "origin", "id", which=WAS_ASKED_FOR),
    )

    id: str = Field(primary_key=True, max_length=40)
    study: str = Field(max_length=40)
    connection: str = Field(max_length=40)
    collection: str = Field(max_length=40)
    state: str = Field(max_length=20)
    reason: str | None = Field(default=None, max_length=40)
    detail: str | None = Field(default=None, max_length=500)
    received_at: datetime = Field(sa_type=Instant)
    settled_at: datetime | None = Field(default=None, sa_type=Instant)
    sender_id: str = Field(max_length=300)
    digest: str = Field(max_length=64)
    size: int
    attempts: int = 0
    origin: str = Field(default="hook", max_length=20, sa_column_kwargs={"server_default": "hook"})
    answers: str | None = Field(default=None, max_length=40)
    due_at: datetime | None = Field(default=None, sa_type=Instant)
    accepted_by: str | None = Field(default=None, max_length=200)
    response: str | None = Field(default=None, max_length=40)
    ordered_by: str | None = Field(default=None, max_length=20)
    unmapped: list[Any] = Field(default_factory=list, sa_type=JSON)
    respondent_index: str | None = Field(default=None, max_length=64)
    response_index: str | None = Field(default=None, max_length=64)
    headers: dict[str, str] = Field(sa_type=JSON)
    body: bytes = Field(sa_type=LargeBinary)


class Respondent(Table, table=True):  # type: ignore[call-arg, valid-type, misc]
    """The random token by which events speak of somebody, and the blind index by which they are known again."""

    __tablename__ = "respondent"
    __table_args__ = (UniqueConstraint("blind_index"),)

    id: str = Field(primary_key=True, max_length=40)
    study: str = Field(max_length=40)
    collection: str = Field(max_length=40)
    blind_index: str = Field(max_length=64)


class Response(Table, table=True):  # type: ignore[call-arg, valid-type, misc]
    """A response as it stands: its newest version's content, and what decides whether the next arrival is newer.

    `delivery` brought that version (none for a direct submission or an import). `problems` are the answers that have no place in the
    instrument, by item and never by their words; `form_version` is the platform's name of the version of its form; `listed_by` the last
    reconciliation in which the platform still had it.
    """

    __tablename__ = "response"
    __table_args__ = (
        UniqueConstraint("response_index"),
        Index("ix_response_collection", "collection", "id"),
        Index("ix_response_partial", "study", "id", sqlite_where=text("complete = 0"), postgresql_where=text("NOT complete")),
        Index("ix_response_code_index", "code_index", sqlite_where=text("code_index IS NOT NULL"),
              postgresql_where=text("code_index IS NOT NULL")),
    )  # fmt: skip

    id: str = Field(primary_key=True, max_length=40)
    study: str = Field(max_length=40)
    collection: str = Field(max_length=40)
    connection: str | None = Field(default=None, max_length=40)
    respondent: str = Field(max_length=40, index=True)
    respondent_index: str = Field(max_length=64)
    response_index: str = Field(max_length=64)
    code_index: str | None = Field(default=None, max_length=64)
    version: int
    delivery: str | None = Field(default=None, max_length=40)
    complete: bool
    finished: bool
    test: bool
    marked_test: bool | None = None  # what a researcher said of it, whatever the platform says
    said: str = Field(max_length=64)
    size: int
    arrival: str = Field(max_length=40)
    revision: float | None = None
    content: dict[str, Any] = Field(sa_type=JSON)
    problems: list[Any] = Field(default_factory=list, sa_type=JSON, sa_column_kwargs={"server_default": "[]"})
    form_version: str | None = Field(default=None, max_length=200)
    listed_by: str | None = Field(default=None, max_length=40)
    received_at: datetime = Field(sa_type=Instant)
    changed_at: datetime = Field(sa_type=Instant)


class FormerRespondent(Table, table=True):  # type: ignore[call-arg, valid-type, misc]
    """The blind index of whom some account of a response named, where its accounts do not all name the same: it is theirs as well."""

    __tablename__ = "former_respondent"

    response: str = Field(primary_key=True, max_length=40)
    respondent_index: str = Field(primary_key=True, max_length=64, index=True)


class ResponseVersion(Table, table=True):  # type: ignore[call-arg, valid-type, misc]
    """A version of a response that stands no more, and the delivery that brought it. The newest is the response's own row."""

    __tablename__ = "response_version"

    response: str = Field(primary_key=True, max_length=40)
    number: int = Field(primary_key=True)
    delivery: str | None = Field(default=None, max_length=40)
    complete: bool
    content: dict[str, Any] = Field(sa_type=JSON)
    problems: list[Any] = Field(default_factory=list, sa_type=JSON, sa_column_kwargs={"server_default": "[]"})
    form_version: str | None = Field(default=None, max_length=200)
    made_at: datetime = Field(sa_type=Instant)


class Withdrawn(Table, table=True):  # type: ignore[call-arg, valid-type, misc]
    """The blind index of a respondent or response that withdrew: what arrives under it is dropped."""

    __tablename__ = "withdrawn"

    blind_index: str = Field(primary_key=True, max_length=64)
    study: str = Field(max_length=40)
    at: datetime = Field(default_factory=now, sa_type=Instant)


class Withdrawal(Table, table=True):  # type: ignore[call-arg, valid-type, misc]
    """A receipt: when something was withdrawn and how much was removed. It does not say whose."""

    __tablename__ = "withdrawal"

    id: str = Field(primary_key=True, max_length=40)
    study: str = Field(max_length=40, index=True)
    at: datetime = Field(default_factory=now, sa_type=Instant)
    removed: dict[str, int] = Field(sa_type=JSON)


class Reconciliation(Table, table=True):  # type: ignore[call-arg, valid-type, misc]
    """One comparison of what we hold with what a platform has: how far it is, and what it found. `cursor` is where it goes on.

    `since` is None for one that looks at everything. `found` counts by outcome; `gone` names responses that the platform has no more.
    Once everything is `listed`, what was not there is asked for by itself. The next question is asked at `due_at`; whoever takes it
    up moves that on, so that nobody else does.
    """

    __tablename__ = "reconciliation"
    __table_args__ = (Index("ix_reconciliation_connection", "connection", "id"),)

    id: str = Field(primary_key=True, max_length=40)
    study: str = Field(max_length=40)
    connection: str = Field(max_length=40)
    state: str = Field(default="running", max_length=20)
    since: datetime | None = Field(default=None, sa_type=Instant)
    deletions: str = Field(default="report", max_length=10)
    most_deletions: int = 20
    cursor: str | None = Field(default=None)
    total: int | None = None
    listed: bool = False
    found: dict[str, int] = Field(default_factory=dict, sa_type=JSON)
    gone: list[Any] = Field(default_factory=list, sa_type=JSON)
    detail: str | None = Field(default=None, max_length=500)
    failures: int = 0
    due_at: datetime = Field(default_factory=now, sa_type=Instant)
    requested_by: str = Field(max_length=200)
    started_at: datetime = Field(default_factory=now, sa_type=Instant)
    finished_at: datetime | None = Field(default=None, sa_type=Instant)


class Allowance(Table, table=True):  # type: ignore[call-arg, valid-type, misc]
    """How many more requests a platform lets one account make, as of a moment; kept, because a day's limit outlives a restart.

    `not_before` is until when the platform asked to be left alone.
    """

    __tablename__ = "allowance"

    account: str = Field(primary_key=True, max_length=64)
    minute: float
    day: float
    at: datetime = Field(sa_type=Instant)
    not_before: datetime | None = Field(default=None, sa_type=Instant)
