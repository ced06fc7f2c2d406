"""The bus: compacted topics behind one protocol, kept by Apache Kafka or by an SQLite file.

A topic holds the current state of each key, not its history. Delivery is at least once and in order per key; making repetition
harmless is the consumer's business (`assent_kit.consumer`), and deciding what to say is the outbox's (`assent_kit.outbox`).
Everything here blocks: each producer, consumer and reader belongs to one thread.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol, Self
from urllib.parse import urlsplit

MARKER_KEY = "assent.marker"
"""The key of records that carry nothing: they let compaction move on in an idle partition. Consumers and readers never hand them out."""


class BusError(Exception):
    """Something went wrong between us and the bus."""


class BusUnavailable(BusError):
    """The bus did not answer in time, or is gone. It may or may not have taken the message: say it again later."""


class MessageRefused(BusError):
    """The bus answered, and will not have this message; saying it again as it is will not help."""


@dataclass(frozen=True, slots=True)
class Message:
    """What is said: the state of `key` as bytes, or None for a tombstone."""

    topic: str
    key: str
    value: bytes | None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Record:
    """What is heard: a message, and where in the log it stands."""

    topic: str
    partition: int
    offset: int
    key: str
    value: bytes | None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TopicSettings:
    """How topics are kept. A superseded record goes once it is older than `lag`, a tombstone once it is older than `tombstones`.

    The rest is Kafka's alone: `segment` is the age at which a file of the log is closed (only closed files are cleaned), `file_delay` how
    long the files that cleaning has replaced stay on the disk; partitions and replicas are those of topics that do not exist yet.
    """

    lag: timedelta = timedelta(hours=1)
    tombstones: timedelta = timedelta(days=30)
    segment: timedelta = timedelta(hours=1)
    file_delay: timedelta = timedelta(minutes=1)
    partitions: int = 4
    replicas: int = 1

    @property
    def erased_after(self) -> timedelta:
        """When a marker behind a tombstone makes the records before it cleanable: the file they are in is closed by then."""
        return max(self.lag, self.segment) + timedelta(milliseconds=100)


class Producer(Protocol):
    """Says messages. It outlives the failures of the bus: after an error it starts afresh by itself."""

    def send(self, messages: Sequence[Message]) -> list[BusError | None]:
        """Send and wait. One outcome a message, in order: None is acknowledged, else MessageRefused or BusUnavailable."""

    def mark(self, topics: Sequence[str]) -> None:
        """Let compaction reach the newest tombstones of these topics: a marker to each partition. Raises BusUnavailable."""

    def close(self) -> None:
        """Let go, without waiting long."""


class Consumer(Protocol):
    """One member of a group; the members share the partitions of the topics."""

    def poll(self, timeout: float, limit: int) -> list[Record]:
        """Up to `limit` records, waiting up to `timeout` seconds for the first. Raises BusUnavailable."""

    def commit(self) -> None:
        """Never hand out again, to anyone of the group, what was polled so far. Raises BusUnavailable."""

    def close(self) -> None:
        """Leave the group."""


class Bus(Protocol):
    """Where producers, consumers and readers come from."""

    def ensure_topics(self, topics: Sequence[str], settings: TopicSettings) -> None:
        """Create the topics that are missing and set the compaction of all. Raises BusUnavailable."""

    def producer(self) -> Producer:
        """A new producer."""

    def consumer(self, group: str, topics: Sequence[str]) -> Consumer:
        """A new member of a group, which begins where the group has committed, or at the beginning."""

    def read(self, topics: Sequence[str], *, limit: int = 500) -> Iterator[list[Record]]:
        """Everything from the beginning to the end as it is now, in batches, in no group. Raises BusUnavailable."""

    def close(self) -> None:
        """Close what the bus itself holds open."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *failure: object) -> None: ...


def open_bus(url: str) -> Bus:
    """The bus at `kafka://host:port[,host:port…]` or `sqlite:///folder/bus.db`. Raises ValueError for any other address."""
    scheme = urlsplit(url).scheme
    if scheme == "kafka":
        from assent_kit.bus.kafka import KafkaBus  # only who uses Kafka loads its client

        return KafkaBus(url)
    if scheme == "sqlite":
        from assent_kit.bus.log import LogBus

        return LogBus(url.removeprefix("sqlite:///"))
    raise ValueError("a bus is at kafka://host:port or at sqlite:///path")
