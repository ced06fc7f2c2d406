"""The relay: takes events from a service's outbox to the bus. One works at a time per service.

A topic holds state, so of several waiting versions of a key only the newest is said: that keeps the order of a key whatever fails.
Rows go once the bus has acknowledged them. One that is refused twice on its own is set aside and never holds up the rest. Behind
tombstones, once the log's files can be cleaned, markers follow; which are due is kept in the database, so a restart forgets none.
What was announced is put together and said a page at a time, after what waits in the outbox.
"""

import logging
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import orjson
from sqlalchemy import Connection, NullPool, and_, create_engine, delete, insert, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from assent_kit.announcements import Composer, Page, announced, keep_refused, next_page, turn_page
from assent_kit.bulk import among
from assent_kit.bus import Bus, BusError, BusUnavailable, Message, MessageRefused
from assent_kit.database import Database
from assent_kit.metrics import EVENTS_PUBLISHED, OUTBOX_AGE, OUTBOX_ROWS, OUTBOX_SET_ASIDE
from assent_kit.outbox import ERASURES, OUTBOX, waiting
from assent_kit.pauses import Pauses
from assent_kit.tables import now

logger = logging.getLogger(__name__)

BATCH = 500
"""Rows claimed at a time."""

LONGEST_PAUSE = 0.1
"""Seconds between looks at the outbox for what another process has appended, and for markers that are due; a commit in this
process wakes the relay at once."""

MEASURE_EVERY = 5.0
"""Seconds between measurements of what waits."""


class Relay:
    """Relays for one service. `erased_after` is when a marker behind a tombstone does its work: see `TopicSettings`.

    `composers`, by topic, put together what was announced; a service that announces nothing has none, and no table for it.
    """

    def __init__(
        self,
        service: str,
        database: Database,
        bus: Bus,
        *,
        erased_after: timedelta,
        composers: Mapping[str, Composer] | None = None,
    ) -> None:
        self._service, self._database, self._erased_after = service, database, erased_after
        self._composers = composers or {}
        self._producer = bus.producer()
        self._turn = _Turn(database.url, f"assent relay {service}")
        self._wake = threading.Event()
        self._measured = float("-inf")
        database.after_commit(self._wake.set)

    def run(self, stop: threading.Event) -> None:
        """Relay until `stop` is set, trying again for as long as the bus or the database is away."""
        pauses = Pauses(stop)
        try:
            while not stop.is_set():
                self._wake.clear()
                if not pauses.until_done(self.run_once):
                    self._wake.wait(LONGEST_PAUSE)
        finally:
            self.close()

    def close(self) -> None:
        """Give the turn back and let go of the bus."""
        self._producer.close()
        self._turn.end()

    def run_once(self) -> int:
        """Relay one batch and send the markers that are due; returns how many rows were read. Raises BusUnavailable.

        Does nothing while another relay of the service has the turn.
        """
        if not self._turn.take():
            return 0
        rows = self._database.read_blocking(_claim)
        if rows:
            self._relay(rows)
        announced_rows = self._say_announced() if self._composers else 0
        self._send_markers()
        self._measure()
        return len(rows) + announced_rows

    def _relay(self, rows: Sequence[Any]) -> None:
        newest = {(row.aggregatetype, row.aggregateid): row for row in sorted(rows, key=lambda row: row.version)}
        said = list(newest.values())
        outcomes = self._producer.send([_message(row) for row in said])
        self._forget(rows, [row for row, outcome in zip(said, outcomes, strict=True) if outcome is None])
        for row in _refused(said, outcomes):
            reason = self._send_alone(row)
            if reason is None:
                self._forget(rows, [row])
            else:
                self._database.write_blocking(_set_aside, row.position, reason)
        _raise_if_away(outcomes)

    def _say_announced(self) -> int:
        """Say a page of what was announced. It is turned once the bus has all of it; until then the same page comes again."""
        page = self._database.read_blocking(next_page, self._composers, BATCH)
        if page is None:
            return 0
        rows = [SimpleNamespace(**row) for row in page.rows]
        outcomes = self._producer.send([_message(row) for row in rows]) if rows else []
        _raise_if_away(outcomes)
        said = [row for row, outcome in zip(rows, outcomes, strict=True) if outcome is None]
        aside = []
        for row in _refused(rows, outcomes):
            reason = self._send_alone(row)
            if reason is None:
                said.append(row)
            else:
                aside.append((vars(row), reason))
        self._database.write_blocking(_turn_said, page, said, aside)
        EVENTS_PUBLISHED.labels(self._service).inc(len(said))
        return max(1, len(rows))  # where all are gone there may be another page

    def _send_alone(self, row: Any) -> str | None:
        """Send what was refused as one of a batch, twice; answers why it is to be set aside. Raises BusUnavailable."""
        outcome: BusError | None = None
        for _ in range(2):
            (outcome,) = self._producer.send([_message(row)])
            if outcome is None:
                return None
            if isinstance(outcome, BusUnavailable):
                raise outcome
        OUTBOX_SET_ASIDE.labels(self._service).inc()
        logger.error("the bus refuses an event; it is set aside", extra={"event": row.id, "type": row.type, "reason": str(outcome)})
        return str(outcome)

    def _forget(self, rows: Sequence[Any], acknowledged: Sequence[Any]) -> None:
        """Delete what was said, with the older versions that it stands for."""
        keys = {(row.aggregatetype, row.aggregateid) for row in acknowledged}
        done = [row for row in rows if (row.aggregatetype, row.aggregateid) in keys]
        if done:
            due = now() + self._erased_after
            tombstones = [{"topic": row.aggregatetype, "tombstone": row.id, "due_at": due} for row in done if row.payload is None]
            self._database.write_blocking(_delete_said, [row.position for row in done], acknowledged, tombstones)
            EVENTS_PUBLISHED.labels(self._service).inc(len(acknowledged))

    def _send_markers(self) -> None:
        due = self._database.read_blocking(_due_markers)
        if due:
            self._producer.mark(sorted({topic for topic, _ in due}))
            self._database.write_blocking(_delete_markers, [tombstone for _, tombstone in due])

    def _measure(self) -> None:
        if time.monotonic() - self._measured > MEASURE_EVERY:
            found = [self._database.read_blocking(count) for count in ((waiting, announced) if self._composers else (waiting,))]
            oldest = min((since for _, since in found if since is not None), default=None)
            OUTBOX_ROWS.labels(self._service).set(sum(count for count, _ in found))
            OUTBOX_AGE.labels(self._service).set((now() - oldest).total_seconds() if oldest else 0)
            self._measured = time.monotonic()


class _Turn:
    """An advisory lock that PostgreSQL gives back by itself when its connection ends. SQLite has one process and needs none."""

    def __init__(self, url: str, name: str) -> None:
        self._name = name
        self._engine = None if url.startswith("sqlite") else create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        self._connection: Connection | None = None
        self._ours = False

    def take(self) -> bool:
        """Whether the turn is ours now."""
        if self._engine is None:
            return True
        try:
            if self._connection is None:
                self._connection = self._engine.connect()
            # Asking again also tells whether the connection, and with it the turn, is still there.
            question = "SELECT true" if self._ours else "SELECT pg_try_advisory_lock(hashtext(:name))"
            self._ours = bool(self._connection.execute(text(question), {} if self._ours else {"name": self._name}).scalar_one())
        except DBAPIError:
            self.end()
            raise
        return self._ours

    def end(self) -> None:
        """Give the turn back."""
        connection, self._connection, self._ours = self._connection, None, False
        if connection is not None:
            with suppress(DBAPIError):  # it may be broken
                connection.close()


def _claim(session: Session) -> Sequence[Any]:
    return session.execute(select(OUTBOX).where(OUTBOX.c.refused_at.is_(None)).order_by(OUTBOX.c.position).limit(BATCH)).all()


def _message(row: Any) -> Message:
    value = None if row.payload is None else row.payload.encode()
    return Message(row.aggregatetype, row.aggregateid, value, orjson.loads(row.headers))


def _set_aside(session: Session, position: int, reason: str) -> None:
    session.execute(update(OUTBOX).where(OUTBOX.c.position == position).values(refused_at=now(), refusal=reason[:500]))


def _refused(rows: Sequence[Any], outcomes: Sequence[BusError | None]) -> list[Any]:
    """A batch is refused as a whole, so most of these are innocent."""
    return [row for row, outcome in zip(rows, outcomes, strict=True) if isinstance(outcome, MessageRefused)]


def _raise_if_away(outcomes: Sequence[BusError | None]) -> None:
    if away := next((outcome for outcome in outcomes if isinstance(outcome, BusUnavailable)), None):
        raise away


def _turn_said(session: Session, page: Page, said: Sequence[Any], aside: Sequence[tuple[dict[str, Any], str]]) -> None:
    """At once: else a page that came again would set the same aside again."""
    turn_page(session, page)
    for row, reason in aside:
        keep_refused(session, row, reason)
    _delete_older_set_aside(session, said)


def _delete_said(session: Session, positions: Sequence[int], said: Sequence[Any], tombstones: Sequence[dict[str, Any]]) -> None:
    session.execute(delete(OUTBOX).where(among(session, OUTBOX.c.position, positions)))
    _delete_older_set_aside(session, said)
    if tombstones:
        session.execute(insert(ERASURES), list(tombstones))


def _delete_older_set_aside(session: Session, said: Sequence[Any]) -> None:
    if session.execute(select(OUTBOX.c.position).where(OUTBOX.c.refused_at.is_not(None)).limit(1)).first() is not None:
        for row in said:  # an older version that was set aside must never be said after this one
            older = and_(
                OUTBOX.c.aggregatetype == row.aggregatetype, OUTBOX.c.aggregateid == row.aggregateid, OUTBOX.c.version < row.version
            )
            session.execute(delete(OUTBOX).where(OUTBOX.c.refused_at.is_not(None), older))


def _due_markers(session: Session) -> list[tuple[str, str]]:
    due = select(ERASURES.c.topic, ERASURES.c.tombstone).where(ERASURES.c.due_at <= now()).limit(BATCH)
    return [(topic, tombstone) for topic, tombstone in session.execute(due)]


def _delete_markers(session: Session, tombstones: Sequence[str]) -> None:
    session.execute(delete(ERASURES).where(among(session, ERASURES.c.tombstone, tombstones)))
