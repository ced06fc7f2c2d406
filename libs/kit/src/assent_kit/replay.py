"""Building a read model again from what the log still holds, and handing poison to its handler again.

A rebuild is a reader of its own and may run beside the live consumer: versions keep the two from undoing each other. It begins by emptying,
so what the log does not hold any more is gone. Neither ever writes to a topic.
"""

import logging
from dataclasses import dataclass
from datetime import timedelta

import orjson
from sqlalchemy import delete, func, select, update
from sqlmodel import Session

from assent_kit.applying import Applier, apply_alone, reason_of
from assent_kit.bulk import upsert
from assent_kit.bus import Bus, Record
from assent_kit.consumer import Consumers
from assent_kit.database import Database
from assent_kit.faults import passes_by_itself
from assent_kit.identifiers import new_id
from assent_kit.inbox import CONSUMED, LISTENERS, POISON, share_turn
from assent_kit.tables import now

logger = logging.getLogger(__name__)


def rebuild(service: str, consumers: Consumers, database: Database, bus: Bus) -> int:
    """Empty what the handlers have built and build it from the whole log; returns how many changes were applied.

    Meanwhile `is_rebuilding` says so; the mark survives a crash, and the consumer that finds it begins again. Raises what passes by itself.
    """
    mark = new_id("reb")
    database.write_blocking(_empty, consumers, mark)
    applier = Applier(service, consumers, database)
    applied = sum(applier.apply(records) for records in bus.read(list(consumers.topics)))
    database.write_blocking(_clear, consumers.group, mark)
    logger.info("a read model was rebuilt", extra={"consumer": consumers.group, "applied": applied})
    return applied


def is_rebuilding(session: Session, consumer: str | None = None) -> bool:
    """Whether a read model of this service (or of one of its consumers) is being rebuilt, so that it may be incomplete."""
    query = select(func.count()).select_from(LISTENERS).where(LISTENERS.c.rebuilding.is_not(None))
    if consumer is not None:
        query = query.where(LISTENERS.c.consumer == consumer)
    return bool(session.execute(query).scalar_one())


def must_rebuild(session: Session, consumer: str, tombstones: timedelta) -> bool:
    """Whether the consumer may not resume: the log can have dropped tombstones it never heard, or a rebuild was cut short."""
    row = session.execute(select(LISTENERS).where(LISTENERS.c.consumer == consumer)).one_or_none()
    return row is not None and (row.rebuilding is not None or row.committed_at < now() - tombstones)


@dataclass(frozen=True, slots=True)
class Redriven:
    """What became of the poison: applied or found out of date, and still poison."""

    applied: int
    left: int


def redrive(consumers: Consumers, database: Database, *, topic: str | None = None) -> Redriven:
    """Hand each poison event of the consumer (or of one of its topics) to its handler again, oldest first, never to the topic."""
    numbers = database.read_blocking(_poison_of, consumers.group, topic)
    applied = sum(database.write_blocking(_redrive_one, consumers, number) for number in numbers)
    return Redriven(applied, len(numbers) - applied)


def _empty(session: Session, consumers: Consumers, mark: str) -> None:
    """One transaction, alone: a batch that is half applied must not survive the emptying."""
    share_turn(session, consumers.group, alone=True)
    consumers.empty(session)
    session.execute(delete(CONSUMED).where(CONSUMED.c.consumer == consumers.group))
    session.execute(delete(POISON).where(POISON.c.consumer == consumers.group))
    statement = upsert(session, LISTENERS).values(consumer=consumers.group, committed_at=now(), rebuilding=mark)
    session.execute(statement.on_conflict_do_update(index_elements=["consumer"], set_={"rebuilding": mark}))


def _clear(session: Session, consumer: str, mark: str) -> None:
    """Only one's own mark: a rebuild that began later has emptied the tables again and is still filling them."""
    session.execute(
        update(LISTENERS)
        .where(LISTENERS.c.consumer == consumer, LISTENERS.c.rebuilding == mark)
        .values(rebuilding=None, committed_at=now())
    )


def _poison_of(session: Session, consumer: str, topic: str | None) -> list[int]:
    query = select(POISON.c.id).where(POISON.c.consumer == consumer).order_by(POISON.c.id)
    return list(session.execute(query if topic is None else query.where(POISON.c.topic == topic)).scalars())


def _redrive_one(session: Session, consumers: Consumers, number: int) -> bool:
    """Whether the row is gone: a newer version may have taken it away meanwhile."""
    share_turn(session, consumers.group)
    row = session.execute(select(POISON).where(POISON.c.id == number)).one_or_none()
    if row is None:
        return True
    value = None if row.value is None else bytes(row.value)
    record = Record(row.topic, row.partition, row.offset, row.key, value, orjson.loads(row.headers))
    try:
        apply_alone(session, consumers, record)
    except Exception as error:
        if passes_by_itself(error):
            raise
        session.execute(update(POISON).where(POISON.c.id == number).values(reason=reason_of(error)[:500]))
        return False
    session.execute(delete(POISON).where(POISON.c.id == number))
    return True
