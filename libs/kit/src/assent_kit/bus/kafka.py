"""KafkaBus: the bus as Apache Kafka, and the only place that knows its client.

kafka-python 3.0.12 never recovers after a batch expires, nor after one record that the broker refuses; so after any error the producer is
thrown away and the next call builds another. A consumer sometimes stays silent after its broker came back; so silence is checked.
Every wait here has a limit. What is said again after an ambiguous failure may arrive twice: consumers go by version.
"""

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Self, TypeVar
from urllib.parse import parse_qsl, urlsplit

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType
from kafka.errors import (
    CommitFailedError,
    InvalidRecordError,
    InvalidTopicError,
    KafkaError,
    MessageSizeTooLargeError,
    PolicyViolationError,
    RecordListTooLargeError,
    TopicAlreadyExistsError,
    for_code,
)

from assent_kit.bus import MARKER_KEY, BusError, BusUnavailable, Message, MessageRefused, Record, TopicSettings

T = TypeVar("T")
logger = logging.getLogger(__name__)

PATIENCE = 20.0
"""Seconds for the broker to acknowledge what was sent, to answer an administrator or to give a reader something."""

SESSION = 10.0
"""Seconds without a heartbeat after which a member's partitions go to others."""

SILENCE = 15.0
"""Seconds without a record after which a consumer asks the broker whether there is none."""

_REFUSALS = (MessageSizeTooLargeError, RecordListTooLargeError, InvalidRecordError, InvalidTopicError, PolicyViolationError)

_OPTIONS = {
    "security_protocol", "sasl_mechanism", "sasl_plain_username", "sasl_plain_password", "ssl_cafile", "ssl_certfile", "ssl_keyfile",
}  # fmt: skip


class KafkaBus:
    """Apache Kafka at `kafka://host:port[,host:port…][?security_protocol=…&sasl_mechanism=…&ssl_cafile=…&session=…]`.

    `session` is the seconds after which a silent member of a group is taken for dead. Raises ValueError for an unknown option.
    """

    def __init__(self, url: str, *, patience: float = PATIENCE) -> None:
        parts = urlsplit(url)
        options = dict(parse_qsl(parts.query))
        session = float(options.pop("session", SESSION))
        if unknown := options.keys() - _OPTIONS:
            raise ValueError(f"the address of the bus has options that are not known: {', '.join(sorted(unknown))}")
        self.session, self.patience = session, patience
        self.client: dict[str, Any] = {
            "bootstrap_servers": parts.netloc.split(","),
            "bootstrap_timeout_ms": int(patience * 1000),
            "reconnect_backoff_max_ms": 1000,
            "metadata_max_age_ms": 15_000,
            "metrics_enabled": False,
            **options,
        }

    def ensure_topics(self, topics: Sequence[str], settings: TopicSettings) -> None:
        """Create the topics that are missing and set the configuration of those that exist."""
        configuration = _configuration(settings)
        safe = {"min.insync.replicas": "2"} if settings.replicas >= 3 else {}
        new = {"num_partitions": settings.partitions, "replication_factor": settings.replicas, "configs": configuration | safe}
        with _guarded(), contextlib.closing(self._administrator()) as administrator:
            existing = set(administrator.list_topics())
            missing = {topic: new for topic in topics if topic not in existing}
            if missing:
                answer = administrator.create_topics(missing, raise_errors=False, wait_for_metadata=False)
                _check_created(answer)
                administrator.wait_for_topics(list(missing), timeout_ms=int(self.patience * 1000))
            if kept := [topic for topic in topics if topic in existing]:
                administrator.alter_configs(
                    [ConfigResource(ConfigResourceType.TOPIC, topic, configs=configuration) for topic in kept]
                )

    def producer(self) -> "KafkaBusProducer":
        """A new producer; it connects when first used."""
        return KafkaBusProducer(self)

    def consumer(self, group: str, topics: Sequence[str]) -> "KafkaBusConsumer":
        """A new member of a group; it joins when first polled."""
        return KafkaBusConsumer(self, group, topics)

    def read(self, topics: Sequence[str], *, limit: int = 500) -> Iterator[list[Record]]:
        """Everything from the beginning to the end as it is now, in no group."""
        with _guarded(), contextlib.closing(self.open_consumer(None)) as reader:
            partitions = [TopicPartition(topic, number) for topic in topics for number in reader.partitions_for_topic(topic) or ()]
            reader.assign(partitions)
            begins, ends = reader.beginning_offsets(partitions), reader.end_offsets(partitions)
            reader.seek_to_beginning(*partitions)
            unread = {partition for partition in partitions if ends[partition] > begins[partition]}
            deadline = time.monotonic() + self.patience
            while unread:
                found = _records(reader.poll(timeout_ms=500, max_records=limit))
                if fresh := [r for r in found if r.offset < ends[TopicPartition(r.topic, r.partition)]]:
                    yield fresh
                    deadline = time.monotonic() + self.patience
                unread = {partition for partition in unread if reader.position(partition) < ends[partition]}
                if time.monotonic() > deadline:
                    raise BusUnavailable("the broker has stopped handing out the log")

    def close(self) -> None:
        """Nothing is held open here."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        self.close()

    def open_consumer(self, group: str | None) -> KafkaConsumer:
        """A client that begins where its group has committed, else at the beginning, and never commits by itself."""
        return KafkaConsumer(
            **self.client,
            group_id=group,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            allow_auto_create_topics=False,
            session_timeout_ms=int(self.session * 1000),
            heartbeat_interval_ms=int(self.session * 1000 / 4),
            max_partition_fetch_bytes=4 << 20,
        )

    def _administrator(self) -> KafkaAdminClient:
        client = {name: value for name, value in self.client.items() if name != "metrics_enabled"}
        return KafkaAdminClient(**client, request_timeout_ms=int(self.patience * 1000))


class KafkaBusProducer:
    """An idempotent producer with acks=all that is replaced after every error."""

    def __init__(self, bus: KafkaBus) -> None:
        self._bus = bus
        self._live: KafkaProducer | None = None

    def send(self, messages: Sequence[Message]) -> list[BusError | None]:
        """Send all, then wait for each until the patience is spent."""
        return self._send([(message, None) for message in messages])

    def mark(self, topics: Sequence[str]) -> None:
        """A marker to each partition: an idle partition closes its file only when something is appended."""
        try:
            producer = self._producer()
            numbers = {topic: producer.partitions_for(topic) or () for topic in topics}
        except KafkaError as error:
            self._discard()
            raise BusUnavailable(f"no partitions: {_name(error)}") from error
        markers = [(Message(topic, MARKER_KEY, b""), number) for topic, found in numbers.items() for number in found]
        for outcome in self._send(markers):
            if outcome is not None:
                raise BusUnavailable(str(outcome))

    def close(self) -> None:
        """Let go; nothing unacknowledged is waited for."""
        self._discard()

    def _send(self, messages: Sequence[tuple[Message, int | None]]) -> list[BusError | None]:
        deadline = time.monotonic() + self._bus.patience
        futures: list[Any] = []
        for message, partition in messages:
            futures.append(self._start(message, partition))
            if self._live is None:
                break  # gone: none of the rest is even tried, and what was under way is ambiguous
        outcomes = [_outcome(future, deadline) for future in futures]
        outcomes += [BusUnavailable("the producer broke off before this message")] * (len(messages) - len(outcomes))
        if any(outcomes):
            self._discard()
        return outcomes

    def _start(self, message: Message, partition: int | None) -> Any:
        """The future of one message, or the error that it met at once."""
        headers = [(name, value.encode()) for name, value in message.headers.items()]
        try:
            return self._producer().send(message.topic, message.value, message.key.encode(), headers, partition)
        except (KafkaError, AssertionError) as error:
            if not isinstance(error, _REFUSALS):
                self._discard()
            return error

    def _producer(self) -> KafkaProducer:
        if self._live is None:
            patience = int(self._bus.patience * 1000)
            self._live = KafkaProducer(
                **self._bus.client,
                acks="all",
                enable_idempotence=True,
                allow_auto_create_topics=False,
                max_block_ms=patience,
                delivery_timeout_ms=patience,
                request_timeout_ms=patience // 2,
                linger_ms=1,
                batch_size=1 << 18,
            )
        return self._live

    def _discard(self) -> None:
        """Close it aside: closing a broken producer can block for as long as it likes."""
        discarded, self._live = self._live, None
        if discarded is not None:
            threading.Thread(target=_abandon, args=(discarded,), name="discarded-producer", daemon=True).start()


class KafkaBusConsumer:
    """A member of a group, replaced when the broker has records for it and it hears none."""

    def __init__(self, bus: KafkaBus, group: str, topics: Sequence[str]) -> None:
        self._bus, self._group, self._topics = bus, group, list(topics)
        self._live: KafkaConsumer | None = None
        self._last_heard = time.monotonic()

    def poll(self, timeout: float, limit: int) -> list[Record]:
        """Up to `limit` records, waiting up to `timeout` seconds for the first."""
        with _guarded(self._discard):
            records = _records(self._consumer().poll(timeout_ms=int(timeout * 1000), max_records=limit))
            if records:
                self._last_heard = time.monotonic()
            elif time.monotonic() - self._last_heard > SILENCE:
                self._check_silence()
            return records

    def commit(self) -> None:
        """Commit what was polled. Partitions that have gone to another member meanwhile are its to commit."""
        with _guarded(self._discard):
            try:
                if self._live is not None:
                    self._live.commit(timeout_ms=int(self._bus.patience * 1000))
            except CommitFailedError:
                logger.info("partitions were taken away before they could be committed; they will be heard again")

    def close(self) -> None:
        """Leave the group."""
        leaving, self._live = self._live, None
        if leaving is not None:
            with contextlib.suppress(KafkaError):
                leaving.close(autocommit=False, timeout_ms=2000)

    def _consumer(self) -> KafkaConsumer:
        if self._live is None:
            self._live = self._bus.open_consumer(self._group)
            self._live.subscribe(self._topics)
            self._last_heard = time.monotonic()
        return self._live

    def _check_silence(self) -> None:
        """Raises BusUnavailable when the broker does not answer, or has what we do not hear."""
        consumer = self._consumer()
        assigned = list(consumer.assignment())
        ends = consumer.end_offsets(assigned, timeout_ms=int(self._bus.patience * 1000)) if assigned else {}
        if any(consumer.position(partition, timeout_ms=1000) < end for partition, end in ends.items()):
            raise BusUnavailable("the consumer has fallen silent with records left to hear")
        self._last_heard = time.monotonic()

    def _discard(self) -> None:
        discarded, self._live = self._live, None
        if discarded is not None:
            threading.Thread(target=_abandon, args=(discarded,), name="discarded-consumer", daemon=True).start()


def _configuration(settings: TopicSettings) -> dict[str, str]:
    def milliseconds(name: str) -> str:
        return str(int(getattr(settings, name).total_seconds() * 1000))

    return {
        "cleanup.policy": "compact",
        "segment.ms": milliseconds("segment"),
        "max.compaction.lag.ms": milliseconds("lag"),
        "min.cleanable.dirty.ratio": "0.01",
        "delete.retention.ms": milliseconds("tombstones"),
        "file.delete.delay.ms": milliseconds("file_delay"),
    }


def _check_created(answer: dict[str, Any]) -> None:
    for topic in answer["topics"]:
        error = for_code(topic["error_code"])
        if topic["error_code"] and error is not TopicAlreadyExistsError:
            raise error(topic["error_message"])


def _records(polled: dict[TopicPartition, list[Any]]) -> list[Record]:
    return [
        Record(r.topic, r.partition, r.offset, _text(r.key), r.value, {name: _text(value) for name, value in r.headers})
        for records in polled.values()
        for r in records
        if r.key is not None and r.key != MARKER_KEY.encode()
    ]


def _text(raw: bytes) -> str:
    """What is no text must not stop the consumer: it cannot be an event of ours, and will be set aside as such."""
    return raw.decode(errors="replace")


def _outcome(future: Any, deadline: float) -> BusError | None:
    error = future
    if not isinstance(future, BaseException):
        try:
            future.get(timeout=max(0.0, deadline - time.monotonic()))
        except KafkaError as late:
            error = late
        else:
            return None
    return MessageRefused(_name(error)) if isinstance(error, _REFUSALS) else BusUnavailable(_name(error))


@contextlib.contextmanager
def _guarded(after_failure: Callable[[], None] | None = None) -> Iterator[None]:
    """Say what fails in the words of the bus."""
    try:
        yield
    except (KafkaError, BusUnavailable) as error:
        if after_failure is not None:
            after_failure()
        if isinstance(error, BusUnavailable):
            raise
        raise BusUnavailable(f"the broker did not answer: {_name(error)}") from error


def _abandon(client: Any) -> None:
    """Close what is broken. A producer's own `close` first waits for what it could not send, and stays alive when that fails, so its
    sender is told to give up before: what was abandoned must not arrive behind what is said from now on."""
    with contextlib.suppress(Exception):
        if isinstance(client, KafkaProducer):
            client._sender.force_close()
            client._sender.join(5)
            client.close(timeout=5)
        else:
            client.close(autocommit=False, timeout_ms=1000)


def _name(error: BaseException) -> str:
    """The kind of an error; its text may quote what was sent."""
    return type(error).__name__
