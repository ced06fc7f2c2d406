"""Between the words of kafka-python and those of the bus: errors, records, and how to be rid of a broken client."""

import contextlib
import time
from collections.abc import Callable, Iterator
from typing import Any

from kafka import KafkaProducer, TopicPartition
from kafka.errors import (
    InvalidRecordError,
    InvalidTopicError,
    KafkaError,
    MessageSizeTooLargeError,
    PolicyViolationError,
    RecordListTooLargeError,
)

from assent_kit.bus import MARKER_KEY, BusError, BusUnavailable, MessageRefused, Record

REFUSALS = (MessageSizeTooLargeError, RecordListTooLargeError, InvalidRecordError, InvalidTopicError, PolicyViolationError)
"""What the broker says of a message that it will never take."""


def records_of(polled: dict[TopicPartition, list[Any]]) -> list[Record]:
    """The records of a poll, without markers."""
    return [
        Record(r.topic, r.partition, r.offset, _text(r.key), r.value, {name: _text(value) for name, value in r.headers})
        for records in polled.values()
        for r in records
        if r.key is not None and r.key != MARKER_KEY.encode()
    ]


def _text(raw: bytes) -> str:
    """What is no text must not stop the consumer: it cannot be an event of ours, and will be set aside as such."""
    return raw.decode(errors="replace")


def outcome_of(future: Any, deadline: float) -> BusError | None:
    """What became of a message: of its future, which is waited for until the deadline, or of the error that it met at once."""
    error = future
    if not isinstance(future, BaseException):
        try:
            future.get(timeout=max(0.0, deadline - time.monotonic()))
        except KafkaError as late:
            error = late
        else:
            return None
    return MessageRefused(name_of(error)) if isinstance(error, REFUSALS) else BusUnavailable(name_of(error))


@contextlib.contextmanager
def guarded(after_failure: Callable[[], None] | None = None) -> Iterator[None]:
    """Say what fails in the words of the bus."""
    try:
        yield
    except (KafkaError, BusUnavailable) as error:
        if after_failure is not None:
            after_failure()
        if isinstance(error, BusUnavailable):
            raise
        raise BusUnavailable(f"the broker did not answer: {name_of(error)}") from error


def abandon(client: Any) -> None:
    """Close what is broken. A producer's own `close` first waits for what it could not send, and stays alive when that fails, so its
    sender is told to give up before: what was abandoned must not arrive behind what is said from now on."""
    with contextlib.suppress(Exception):
        if isinstance(client, KafkaProducer):
            client._sender.force_close()
            client._sender.join(5)
            client.close(timeout=5)
        else:
            client.close(autocommit=False, timeout_ms=1000)


def name_of(error: BaseException) -> str:
    """The kind of an error; its text may quote what was sent."""
    return type(error).__name__
