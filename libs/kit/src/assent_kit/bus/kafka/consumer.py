"""Hearing from Kafka: a member of a consumer group that does not trust silence.

A client of kafka-python sometimes stays silent after its broker came back, so the broker is asked whether there is nothing to hear.
"""

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Sequence

from kafka import KafkaConsumer
from kafka.errors import CommitFailedError, KafkaError, RebalanceInProgressError
from kafka.structs import MemberState

from assent_kit.bus import BusUnavailable, Record
from assent_kit.bus.kafka.translation import abandon, guarded, records_of

logger = logging.getLogger(__name__)

SILENCE = 15.0
"""Seconds without a record after which a consumer asks the broker whether there is none."""


class KafkaBusConsumer:
    """A member of a group, replaced when the broker has records for it and it hears none. `connect` makes a client of the group."""

    def __init__(self, connect: Callable[[], KafkaConsumer], topics: Sequence[str], patience: float) -> None:
        self._connect, self._topics, self._patience = connect, list(topics), patience
        self._live: KafkaConsumer | None = None
        self._last_heard = time.monotonic()

    def poll(self, timeout: float, limit: int) -> list[Record]:
        """Up to `limit` records, waiting up to `timeout` seconds for the first."""
        with guarded(self._discard):
            consumer = self._consumer()
            _keep_joining(consumer)
            records = records_of(consumer.poll(timeout_ms=int(timeout * 1000), max_records=limit))
            if records:
                self._last_heard = time.monotonic()
            elif time.monotonic() - self._last_heard > SILENCE:
                self._check_silence()
            return records

    def commit(self) -> None:
        """Commit what was polled. Partitions that have gone to another member meanwhile, or are just shared out anew, are committed
        by who hears them next."""
        with guarded(self._discard):
            try:
                if self._live is not None:
                    self._live.commit(timeout_ms=int(self._patience * 1000))
            except (CommitFailedError, RebalanceInProgressError):
                logger.info("partitions were taken away before they could be committed; they will be heard again")

    def close(self) -> None:
        """Leave the group."""
        leaving, self._live = self._live, None
        if leaving is not None:
            with contextlib.suppress(KafkaError):
                leaving.close(autocommit=False, timeout_ms=2000)

    def _consumer(self) -> KafkaConsumer:
        if self._live is None:
            self._live = self._connect()
            self._live.subscribe(self._topics)
            self._last_heard = time.monotonic()
        return self._live

    def _check_silence(self) -> None:
        """Raises BusUnavailable when the broker does not answer, or has what we do not hear."""
        consumer = self._consumer()
        assigned = list(consumer.assignment())
        ends = consumer.end_offsets(assigned, timeout_ms=int(self._patience * 1000)) if assigned else {}
        if any(consumer.position(partition, timeout_ms=1000) < end for partition, end in ends.items()):
            raise BusUnavailable("the consumer has fallen silent with records left to hear")
        self._last_heard = time.monotonic()

    def _discard(self) -> None:
        discarded, self._live = self._live, None
        if discarded is not None:
            threading.Thread(target=abandon, args=(discarded,), name="discarded-consumer", daemon=True).start()


def _keep_joining(consumer: KafkaConsumer) -> None:
    """A poll may end while the group still shares out its partitions. kafka-python 3.0.12 forgets by the next one that it is to join
    when only a change of topics had called for it: it would not take up its partitions and, with no heartbeats, be expelled, for good."""
    if consumer.group_metadata().state is MemberState.REBALANCING:
        consumer._coordinator.request_rejoin()
