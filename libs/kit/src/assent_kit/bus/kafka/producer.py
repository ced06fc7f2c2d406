"""Saying things to Kafka: an idempotent producer that is thrown away after every error.

kafka-python 3.0.12 never recovers after a batch expires, nor after one record that the broker refuses.
"""

import threading
import time
from collections.abc import Sequence
from typing import Any

from kafka import KafkaProducer
from kafka.errors import KafkaError

from assent_kit.bus import MARKER_KEY, BusError, BusUnavailable, Message
from assent_kit.bus.kafka.translation import REFUSALS, abandon, name_of, outcome_of


class KafkaBusProducer:
    """Waits for the acknowledgement of all replicas. `client` are the options of every client, `patience` is in seconds."""

    def __init__(self, client: dict[str, Any], patience: float) -> None:
        self._client, self._patience = client, patience
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
            raise BusUnavailable(f"no partitions: {name_of(error)}") from error
        markers = [(Message(topic, MARKER_KEY, b""), number) for topic, found in numbers.items() for number in found]
        for outcome in self._send(markers):
            if outcome is not None:
                raise BusUnavailable(str(outcome))

    def close(self) -> None:
        """Let go; nothing unacknowledged is waited for."""
        self._discard()

    def _send(self, messages: Sequence[tuple[Message, int | None]]) -> list[BusError | None]:
        deadline = time.monotonic() + self._patience
        futures: list[Any] = []
        for message, partition in messages:
            futures.append(self._start(message, partition))
            if self._live is None:
                break  # gone: none of the rest is even tried, and what was under way is ambiguous
        outcomes = [outcome_of(future, deadline) for future in futures]
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
            if not isinstance(error, REFUSALS):
                self._discard()
            return error

    def _producer(self) -> KafkaProducer:
        if self._live is None:
            patience = int(self._patience * 1000)
            self._live = KafkaProducer(
                **self._client,
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
            threading.Thread(target=abandon, args=(discarded,), name="discarded-producer", daemon=True).start()
