"""What a consumer remembers in its service's database: versions, poison, and when it last committed.

Every statement about these tables is here. What the events do is the handlers' (`assent_kit.consumer`).
"""

from collections.abc import Sequence
from datetime import datetime

import orjson
from sqlalchemy import BigInteger, LargeBinary, Table, Text, and_, delete, select, text
from sqlmodel import Field, Session, SQLModel

from assent_contracts.envelope import Envelope
from assent_kit.bulk import among, is_postgres, upsert
from assent_kit.bus import Record
from assent_kit.outbox import LONGEST_KEY, AutoNumber
from assent_kit.tables import Instant, now, table_base


class ConsumedColumns(SQLModel):
    """The columns of `consumed`: the newest version applied of each key, of tombstones too."""

    consumer: str = Field(primary_key=True, max_length=80)
    topic: str = Field(primary_key=True, max_length=200)
    key: str = Field(primary_key=True, max_length=LONGEST_KEY)
    version: int = Field(sa_type=BigInteger)


class PoisonColumns(SQLModel):
    """The columns of `poison`: events that could not be applied, with why."""

    id: int | None = Field(default=None, primary_key=True, sa_type=AutoNumber)
    consumer: str = Field(max_length=80)
    topic: str = Field(max_length=200)
    key: str = Field(max_length=LONGEST_KEY, index=True)
    version: int = Field(sa_type=BigInteger, description="0 when the headers could not be read")
    value: bytes | None = Field(default=None, sa_type=LargeBinary)
    headers: str = Field(sa_type=Text)
    reason: str = Field(max_length=500)
    partition: int
    offset: int = Field(sa_type=BigInteger)
    created_at: datetime = Field(sa_type=Instant)


class ListenerColumns(SQLModel):
    """The columns of `listener`: when a consumer last committed, and whether its read models are being rebuilt."""

    consumer: str = Field(primary_key=True, max_length=80)
    committed_at: datetime = Field(sa_type=Instant)
    rebuilding: str | None = Field(default=None, max_length=40, description="the rebuild that is under way")


def inbox_tables(base: type[SQLModel]) -> tuple[type[ConsumedColumns], type[PoisonColumns], type[ListenerColumns]]:
    """The tables `consumed`, `poison` and `listener` on a service's own metadata."""

    class Consumed(ConsumedColumns, base, table=True):  # type: ignore[misc, valid-type]
        __tablename__ = "consumed"

    class Poison(PoisonColumns, base, table=True):  # type: ignore[misc, valid-type]
        __tablename__ = "poison"

    class Listener(ListenerColumns, base, table=True):  # type: ignore[misc, valid-type]
        __tablename__ = "listener"

    return Consumed, Poison, Listener


# As with the outbox, one copy of the tables serves the statements of all services.
_shape = table_base()
inbox_tables(_shape)
CONSUMED: Table = _shape.metadata.tables["consumed"]
POISON: Table = _shape.metadata.tables["poison"]
LISTENERS: Table = _shape.metadata.tables["listener"]


def take_versions(session: Session, consumer: str, topic: str, versions: dict[str, int]) -> set[str]:
    """Note the version of each key and return the keys for which it is newer than what was noted before.

    Noting also locks: of two transactions with the same key the later one waits, and sees what the earlier has applied.
    """
    statement = _TAKE_ON_POSTGRES if is_postgres(session) else _TAKE_ON_SQLITE
    pairs = orjson.dumps(versions).decode()
    return set(session.execute(statement, {"consumer": consumer, "topic": topic, "versions": pairs}).scalars())


# The keys in one order, so that two transactions never wait for each other; `true` tells SQLite's parser that ON is no join's.
_TAKE = """
INSERT INTO consumed (consumer, topic, key, version)
SELECT :consumer, :topic, pair.key, CAST(pair.value AS bigint) FROM {pairs} AS pair WHERE true ORDER BY pair.key
ON CONFLICT (consumer, topic, key) DO UPDATE SET version = excluded.version WHERE consumed.version < excluded.version
RETURNING key
"""
_TAKE_ON_POSTGRES = text(_TAKE.format(pairs="json_each_text(CAST(:versions AS json))"))
_TAKE_ON_SQLITE = text(_TAKE.format(pairs="json_each(:versions)"))


def forget_poison(session: Session, consumer: str, topic: str, keys: Sequence[str]) -> None:
    """What is newer makes the poison of its key pointless; of someone who is gone it must not stay."""
    mine = and_(POISON.c.consumer == consumer, POISON.c.topic == topic)
    if session.execute(select(POISON.c.id).where(mine).limit(1)).first() is not None:
        session.execute(delete(POISON).where(mine, among(session, POISON.c.key, keys)))


def keep_poison(session: Session, consumer: str, record: Record, reason: str) -> None:
    """Set a record aside with the reason; one heard again replaces itself."""
    session.execute(
        delete(POISON).where(
            POISON.c.consumer == consumer,
            POISON.c.topic == record.topic,
            POISON.c.partition == record.partition,
            POISON.c.offset == record.offset,
        )
    )
    session.execute(
        POISON.insert().values(
            consumer=consumer,
            topic=record.topic,
            key=record.key.replace("\0", "")[:LONGEST_KEY],  # PostgreSQL keeps no NUL
            version=_version(record),
            value=record.value,
            headers=orjson.dumps(dict(record.headers)).decode(),
            reason=reason[:500],
            partition=record.partition,
            offset=record.offset,
            created_at=now(),
        )
    )


def note_commit(session: Session, consumer: str) -> None:
    """Note that the consumer is alive, which decides later whether it may resume."""
    statement = upsert(session, LISTENERS).values(consumer=consumer, committed_at=now())
    session.execute(
        statement.on_conflict_do_update(index_elements=["consumer"], set_={"committed_at": statement.excluded.committed_at})
    )


def share_turn(session: Session, consumer: str, *, alone: bool = False) -> None:
    """Until the transaction ends, keep a rebuild from emptying the tables; or, `alone`, keep everyone else from filling them.

    SQLite has one writer and needs nothing.
    """
    if is_postgres(session):
        lock = "pg_advisory_xact_lock" if alone else "pg_advisory_xact_lock_shared"
        session.execute(text(f"SELECT {lock}(hashtext(:name))"), {"name": f"assent consumer {consumer}"})


def _version(record: Record) -> int:
    try:
        version = Envelope.from_headers(dict(record.headers)).version
    except ValueError:
        return 0
    return version if 0 < version < 2**63 else 0
