"""The outbox: an event is a row written in the transaction that makes it true.

Columns are named as Debezium names them, so that change data capture could replace our relay; `position` orders them, and the row goes
once the bus has acknowledged it. Nothing here talks to the bus: that is `assent_kit.relay`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import BigInteger, Integer, Table, Text, and_, delete, func, insert, update
from sqlmodel import Field, Session, SQLModel

from assent_contracts.envelope import Envelope
from assent_contracts.events.state import State
from assent_contracts.registry import EventType
from assent_kit.identifiers import new_id
from assent_kit.tables import Instant, now, table_base

LARGEST_PAYLOAD = 900_000
"""Bytes. A broker refuses 1 MB; an event that large is a mistake, and it is refused while the writer can still be told."""

LONGEST_KEY = 200

AutoNumber = BigInteger().with_variant(Integer(), "sqlite")


class EventRefused(ValueError):
    """An event that the bus would refuse, or that contradicts its own type."""


class OutboxColumns(SQLModel):
    """The columns of a service's `outbox` table: events that wait, and those set aside because the bus refused them."""

    position: int | None = Field(default=None, primary_key=True, sa_type=AutoNumber)
    id: str = Field(max_length=40, unique=True)
    aggregatetype: str = Field(max_length=200, description="the topic")
    aggregateid: str = Field(max_length=LONGEST_KEY, description="the key")
    type: str = Field(max_length=200)
    payload: str | None = Field(default=None, sa_type=Text)
    version: int = Field(sa_type=BigInteger)
    headers: str = Field(sa_type=Text)
    created_at: datetime = Field(sa_type=Instant)
    refused_at: datetime | None = Field(default=None, sa_type=Instant, index=True)
    refusal: str | None = Field(default=None, max_length=500)


class ErasureColumns(SQLModel):
    """The columns of a service's `erasure` table: topics in which a tombstone waits for the marker that lets compaction reach it."""

    topic: str = Field(primary_key=True, max_length=200)
    tombstone: str = Field(primary_key=True, max_length=40)
    due_at: datetime = Field(sa_type=Instant, index=True)


def outbox_table(base: type[SQLModel]) -> type[OutboxColumns]:
    """The `outbox` table on a service's own metadata, and beside it `erasure`."""

    # A position must never be given twice: the relay deletes by position what it has read before.
    class Outbox(OutboxColumns, base, table=True):  # type: ignore[misc, valid-type]
        __tablename__ = "outbox"
        __table_args__ = {"sqlite_autoincrement": True}

    class Erasure(ErasureColumns, base, table=True):  # type: ignore[misc, valid-type]
        __tablename__ = "erasure"

    return Outbox


# The tables are the same in every service and each service has a database of its own, so one copy serves all statements.
_shape = outbox_table(table_base())
OUTBOX: Table = _shape.metadata.tables["outbox"]
ERASURES: Table = _shape.metadata.tables["erasure"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """An event to be appended: see `append` for what each field means."""

    type: EventType
    state: State | None
    version: int
    key: str | None = None
    study: str | None = None


def append(
    session: Session, event_type: EventType, state: State | None, *, key: str | None = None, study: str | None = None, version: int
) -> None:
    """Say in this transaction that something happened.

    `state` is the aggregate's whole current state, and gives key and study; a tombstone has none, and needs both. `version` is the
    aggregate's number, from 1 upwards, never used twice. Raises EventRefused for a payload or key that the bus would refuse.
    """
    append_all(session, [Event(type=event_type, state=state, key=key, study=study, version=version)])


def append_all(session: Session, events: Sequence[Event]) -> None:
    """The same for many events in one statement."""
    if not events:
        return
    session.execute(insert(OUTBOX), [compose(event) for event in events])
    # What still waits about someone who is gone need not be said any more, and must not stay.
    for event in events:
        if event.state is None:
            superseded = and_(
                OUTBOX.c.aggregatetype == event.type.topic.name,
                OUTBOX.c.aggregateid == event.key,
                OUTBOX.c.version < event.version,
            )
            session.execute(delete(OUTBOX).where(superseded))


def waiting(session: Session) -> tuple[int, datetime | None]:
    """How many events wait to be sent, and since when the oldest of them does."""
    count, oldest = session.execute(
        OUTBOX.select().with_only_columns(func.count(), func.min(OUTBOX.c.created_at)).where(OUTBOX.c.refused_at.is_(None))
    ).one()
    return int(count), oldest


def retry_refused(session: Session, *, topic: str | None = None) -> int:
    """Let what was set aside (of one topic) be tried again, for instance after the broker's limits were changed. Returns how many."""
    statement = update(OUTBOX).where(OUTBOX.c.refused_at.is_not(None)).values(refused_at=None, refusal=None)
    changed = session.execute(statement if topic is None else statement.where(OUTBOX.c.aggregatetype == topic))
    return int(changed.rowcount)  # type: ignore[attr-defined]


def compose(event: Event) -> dict[str, Any]:
    """The row of an event, without its position. Raises EventRefused."""
    key, study = _check(event)
    payload = None if event.state is None else event.state.model_dump_json()
    if payload is not None and len(payload.encode()) > LARGEST_PAYLOAD:
        raise EventRefused(f"the state of {key} is larger than {LARGEST_PAYLOAD} bytes")
    moment = now()
    envelope = Envelope(
        id=new_id("evt"),
        type=event.type.type,
        source=f"/assent/{event.type.topic.service}",
        subject=key,
        study=study,
        version=event.version,
        time=moment,
    )
    return {
        "id": envelope.id,
        "aggregatetype": event.type.topic.name,
        "aggregateid": key,
        "type": envelope.type,
        "payload": payload,
        "version": event.version,
        "headers": orjson.dumps(envelope.headers()).decode(),
        "created_at": moment,
    }


def _check(event: Event) -> tuple[str, str]:
    """The key and the study of an event."""
    topic = event.type.topic
    if event.type.tombstone != (event.state is None):
        raise EventRefused(f"{event.type.type} {'has no state' if event.type.tombstone else 'needs a state'}")
    if event.state is not None and not isinstance(event.state, topic.state):
        raise EventRefused(f"{topic.name} carries {topic.state.__name__}, not {type(event.state).__name__}")
    key = topic.key_of(event.state) if event.state is not None else event.key
    study = event.state.study if event.state is not None else event.study
    if not key or not study or (event.key or key) != key or (event.study or study) != study:
        raise EventRefused(f"{event.type.type} needs one key and one study")
    if len(key) > LONGEST_KEY or not key.isprintable():
        raise EventRefused(f"the key of {event.type.type} is too long or holds control characters")
    if event.version < 1:
        raise EventRefused("versions begin with 1")
    return key, study
