"""LogBus: the bus as one SQLite file, for a single machine without Kafka.

It keeps the promises of a compacted topic with one partition: order, group offsets, reading from the beginning, compaction after a lag,
tombstones for a while, and no byte left of what was compacted away. A group has one member here; a second would hear everything as well.
It is no server: processes share it only through the file.
"""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Self, TypeVar
from weakref import WeakValueDictionary

import orjson

from assent_kit.bus import BusError, BusUnavailable, Message, MessageRefused, Record, TopicSettings

T = TypeVar("T")

LARGEST_VALUE = 1_000_000
"""Bytes: what a Kafka broker accepts by default, headers apart, so that both buses refuse alike."""

CHECKPOINT_PATIENCE = 10.0
"""Seconds to wait for readers to let go of the write-ahead log after an erasure."""

OTHER_PROCESSES = 0.5
"""Seconds between looks for what another process has written; within a process a waiting consumer is woken."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS log (
    offset INTEGER PRIMARY KEY AUTOINCREMENT, topic TEXT NOT NULL, key TEXT NOT NULL,
    value BLOB, headers BLOB NOT NULL, written_at REAL NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS log_of_key ON log (topic, key, offset);
CREATE TABLE IF NOT EXISTS topics (name TEXT PRIMARY KEY, lag REAL NOT NULL, tombstones REAL NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS positions (
    consumer_group TEXT NOT NULL, topic TEXT NOT NULL, offset INTEGER NOT NULL, PRIMARY KEY (consumer_group, topic)) STRICT;
"""

_SUPERSEDED = """
DELETE FROM log WHERE topic = :topic AND written_at < :now - :lag
AND EXISTS (SELECT 1 FROM log AS newer WHERE newer.topic = log.topic AND newer.key = log.key AND newer.offset > log.offset)
"""

_EXPIRED = "DELETE FROM log WHERE topic = :topic AND value IS NULL AND written_at < :now - :tombstones"


class LogBus:
    """The SQLite log at a path. `clock` gives seconds since the epoch."""

    def __init__(self, path: str | Path, *, clock: Callable[[], float] = time.time) -> None:
        self.path = Path(path)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.clock = clock
        self.arrivals = _arrivals_at(self.path.resolve())
        self._lock = threading.Lock()
        self._writer = self._connect()
        self._next_compaction = 0.0
        self._unclean = True  # a process before us may have been killed between deleting and truncating
        self._write(lambda writer: [writer.execute(statement) for statement in _SCHEMA.split(";")])

    def ensure_topics(self, topics: Sequence[str], settings: TopicSettings) -> None:
        """Set the compaction of the topics, which need not exist before they are written to."""
        rows = [(topic, settings.lag.total_seconds(), settings.tombstones.total_seconds()) for topic in topics]
        self._write(lambda writer: writer.executemany("INSERT OR REPLACE INTO topics VALUES (?, ?, ?)", rows))

    def producer(self) -> "LogProducer":
        """A new producer."""
        return LogProducer(self)

    def consumer(self, group: str, topics: Sequence[str]) -> "LogConsumer":
        """The group's member."""
        return LogConsumer(self, group, topics)

    def read(self, topics: Sequence[str], *, limit: int = 500) -> Iterator[list[Record]]:
        """Everything from the beginning to the end as it is now."""
        with closing(self._connect()) as reader:
            end = _end(reader)
            position = 0
            while position < end:
                records, position = _fetch(reader, topics, position, end, limit)
                if records:
                    yield records

    def append(self, messages: Sequence[Message]) -> None:
        """Add to the end of the log in one durable transaction and wake who waits."""
        now = self.clock()
        rows = [(m.topic, m.key, m.value, orjson.dumps(dict(m.headers)), now) for m in messages]
        insert = "INSERT INTO log (topic, key, value, headers, written_at) VALUES (?, ?, ?, ?, ?)"
        self._write(lambda writer: writer.executemany(insert, rows))
        self.arrivals.announce()
        if now >= self._next_compaction:
            with suppress(BusUnavailable):  # what was said is said; the next compaction finishes what this one could not
                self.compact()

    def commit(self, group: str, topics: Sequence[str], offset: int) -> None:
        """Remember that a group has heard these topics up to an offset."""
        rows = [(group, topic, offset) for topic in topics]
        self._write(lambda writer: writer.executemany("INSERT OR REPLACE INTO positions VALUES (?, ?, ?)", rows))

    def compact(self) -> None:
        """Delete what is superseded or expired in every topic, and leave no byte of it in the file or its write-ahead log."""
        now = self.clock()

        def delete(writer: sqlite3.Connection) -> tuple[int, float]:
            found = writer.execute("SELECT name AS topic, lag, tombstones FROM topics").fetchall()
            gone = 0
            for topic, lag, tombstones in found:
                limits = {"topic": topic, "lag": lag, "tombstones": tombstones, "now": now}
                gone += writer.execute(_SUPERSEDED, limits).rowcount + writer.execute(_EXPIRED, limits).rowcount
            return gone, min((lag for _, lag, _ in found), default=60.0)

        gone, lag = self._write(delete)
        self._next_compaction = now + max(lag, 1.0)
        self._unclean = self._unclean or gone > 0
        if self._unclean:
            self._truncate_wal()
            self._unclean = False

    def close(self) -> None:
        """Close the writing connection."""
        with self._lock:
            self._writer.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        self.close()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=10.0, isolation_level=None, check_same_thread=False)
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON"):
            connection.execute(f"PRAGMA {pragma}").fetchone()
        return connection

    def _write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """One transaction on the one writing connection."""

        def transaction() -> T:
            with self._lock:
                self._writer.execute("BEGIN IMMEDIATE")
                try:
                    result = work(self._writer)
                    self._writer.execute("COMMIT")
                except BaseException:
                    if self._writer.in_transaction:
                        self._writer.execute("ROLLBACK")
                    raise
                return result

        return _guarded(transaction)

    def _truncate_wal(self) -> None:
        """Move the write-ahead log into the file and empty it; busy while anyone is reading, so again until it is not."""
        deadline = time.monotonic() + CHECKPOINT_PATIENCE
        while True:
            with self._lock:
                (busy, *_) = _guarded(lambda: self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone())
            if not busy:
                return
            if time.monotonic() > deadline:
                raise BusUnavailable("a reader holds the write-ahead log of the bus; erased bytes are still in it")
            time.sleep(0.01)


class LogProducer:
    """Appends to the log."""

    def __init__(self, bus: LogBus) -> None:
        self._bus = bus

    def send(self, messages: Sequence[Message]) -> list[BusError | None]:
        """Append what can be taken in one transaction; values that are too large are refused each on its own."""
        outcomes: list[BusError | None] = [_refusal(message) for message in messages]
        taken = [message for message, refused in zip(messages, outcomes, strict=True) if refused is None]
        try:
            if taken:
                self._bus.append(taken)
        except BusUnavailable as away:
            return [refused or away for refused in outcomes]
        return outcomes

    def mark(self, topics: Sequence[str]) -> None:  # noqa: ARG002 - the log is compacted as a whole
        """Compact now: the log needs no marker."""
        self._bus.compact()

    def close(self) -> None:
        """Nothing is held."""


class LogConsumer:
    """Reads the log from where its group left off. Everything up to `_position` was handed out; topics that
    joined the group later may lag behind it at the start, which `_heard` remembers."""

    def __init__(self, bus: LogBus, group: str, topics: Sequence[str]) -> None:
        self._bus, self._group, self._topics = bus, group, tuple(topics)
        self._reader = bus._connect()
        known = "SELECT topic, offset FROM positions WHERE consumer_group = ?"
        committed = dict(_guarded(lambda: self._reader.execute(known, (group,)).fetchall()))
        self._heard = {topic: committed.get(topic, 0) for topic in self._topics}
        self._position = min(self._heard.values(), default=0)
        self._committed = self._position

    def poll(self, timeout: float, limit: int) -> list[Record]:
        """Up to `limit` records, waiting up to `timeout` seconds for the first."""
        deadline = time.monotonic() + timeout
        while True:
            seen = self._bus.arrivals.count
            if fresh := self._next(limit):
                return fresh
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                return []
            self._bus.arrivals.wait_beyond(seen, min(remaining, OTHER_PROCESSES))

    def _next(self, limit: int) -> list[Record]:
        while self._position < (end := _end(self._reader)):
            records, self._position = _fetch(self._reader, self._topics, self._position, end, limit)
            if fresh := [record for record in records if record.offset > self._heard[record.topic]]:
                return fresh
        return []

    def commit(self) -> None:
        """Remember the position, unless it has not moved."""
        if self._position > self._committed:
            position = self._position
            self._bus.commit(self._group, [t for t in self._topics if self._heard[t] <= position], position)
            self._committed = position

    def close(self) -> None:
        """Close the reading connection."""
        self._reader.close()


def _end(reader: sqlite3.Connection) -> int:
    """The offset of the newest record of all, 0 in an empty log."""
    (end,) = _guarded(lambda: reader.execute("SELECT coalesce(max(offset), 0) FROM log").fetchone())
    return int(end)


def _fetch(reader: sqlite3.Connection, topics: Sequence[str], position: int, end: int, limit: int) -> tuple[list[Record], int]:
    """Records after a position up to `end`, and the position that was reached."""
    # NOT INDEXED keeps to the order of the log: sorting a long backlog for every batch would cost far more.
    query = f"""SELECT topic, offset, key, value, headers FROM log NOT INDEXED
        WHERE offset > ? AND offset <= ? AND topic IN ({", ".join("?" * len(topics))}) ORDER BY offset LIMIT ?"""  # noqa: S608
    rows = _guarded(lambda: reader.execute(query, (position, end, *topics, limit)).fetchall())
    records = [Record(topic, 0, offset, key, value, orjson.loads(headers)) for topic, offset, key, value, headers in rows]
    return records, records[-1].offset if len(records) == limit else end


def _refusal(message: Message) -> MessageRefused | None:
    if message.value is not None and len(message.value) > LARGEST_VALUE:
        return MessageRefused(f"a value of {len(message.value)} bytes is larger than {LARGEST_VALUE}")
    return None


def _guarded(work: Callable[[], T]) -> T:
    """Say what fails in the words of the bus."""
    try:
        return work()
    except sqlite3.Error as error:
        raise BusUnavailable(f"the log did not answer: {error}") from error


class _Arrivals:
    """Wakes those of this process who wait for something new in one file."""

    def __init__(self) -> None:
        self.count = 0
        self._changed = threading.Condition()

    def announce(self) -> None:
        """Something was appended."""
        with self._changed:
            self.count += 1
            self._changed.notify_all()

    def wait_beyond(self, count: int, timeout: float) -> None:
        """Wait until more was announced than the caller has seen, or the time is up."""
        with self._changed:
            self._changed.wait_for(lambda: self.count > count, timeout)


_all_arrivals: WeakValueDictionary[Path, _Arrivals] = WeakValueDictionary()
_all_arrivals_lock = threading.Lock()


def _arrivals_at(path: Path) -> _Arrivals:
    with _all_arrivals_lock:
        return _all_arrivals.setdefault(path, _Arrivals())
