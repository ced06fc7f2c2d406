"""What a service does beside answering requests: its relay, its consumers and its workers, each in a thread of its own.

`consume` runs these in a process, the one-process composition runs those of all services beside their apps.
"""

import logging
import threading
from collections.abc import Callable
from datetime import timedelta

from assent_kit.bus import Bus, TopicSettings
from assent_kit.database import Database
from assent_kit.listening import Listening
from assent_kit.pauses import Pauses
from assent_kit.relay import Relay
from assent_kit.service import Service
from assent_kit.settings import ServiceSettings
from assent_kit.workers import WorkerThread

logger = logging.getLogger(__name__)

LONGEST_STOP = 10.0  # seconds that a thread may take to finish what it is doing


def topic_settings(settings: ServiceSettings) -> TopicSettings:
    """How an operator wants topics to be kept."""
    return TopicSettings(
        lag=timedelta(seconds=settings.compaction_lag_seconds),
        tombstones=timedelta(days=settings.tombstone_days),
        segment=timedelta(seconds=settings.segment_seconds),
        file_delay=timedelta(seconds=settings.file_delete_delay_seconds),
        partitions=settings.topic_partitions,
        replicas=settings.topic_replicas,
    )


class Background:
    """The threads of one service. `on_failure` is called when one of them cannot go on, such as for too much poison."""

    def __init__(
        self, service: Service, settings: ServiceSettings, database: Database, bus: Bus, *, on_failure: Callable[[], None]
    ) -> None:
        self._service, self._settings, self._database, self._bus = service, settings, database, bus
        self._on_failure = on_failure
        self._stop = threading.Event()
        self._workers = [WorkerThread(worker, database, settings) for worker in service.workers]
        self._threads = [threading.Thread(target=self._guarded(self._relay), name=f"{service.name} relay", daemon=True)]
        if service.consumers is not None:
            self._threads.append(threading.Thread(target=self._guarded(self._listen), name=f"{service.name} consumer", daemon=True))

    def start(self) -> None:
        """Start all threads; those that need the bus wait for it by themselves."""
        for thread in (*self._threads, *self._workers):
            thread.start()

    def stop(self) -> None:
        """Let each finish what it is doing."""
        self._stop.set()
        for worker in self._workers:
            worker.stop()
        for thread in (*self._threads, *self._workers):
            thread.join(LONGEST_STOP)

    def alive(self) -> bool:
        """Whether every thread is still running."""
        return all(thread.is_alive() for thread in (*self._threads, *self._workers))

    def _relay(self) -> None:
        own = [topic.name for topic in self._service.topics]
        topics = topic_settings(self._settings)
        Pauses(self._stop).until_done(lambda: self._bus.ensure_topics(own, topics))
        composers = self._service.composers
        Relay(self._service.name, self._database, self._bus, erased_after=topics.erased_after, composers=composers).run(self._stop)

    def _listen(self) -> None:
        consumers = self._service.consumers
        assert consumers is not None
        topics = topic_settings(self._settings)
        Pauses(self._stop).until_done(lambda: self._bus.ensure_topics(list(consumers.topics), topics))
        listening = Listening(self._service.name, consumers, self._database, self._bus, tombstones=topics.tombstones)
        listening.run(self._stop)

    def _guarded(self, work: Callable[[], None]) -> Callable[[], None]:
        def guarded() -> None:
            try:
                work()
            except Exception:
                logger.exception("a background thread ended", extra={"ended": threading.current_thread().name})
                self._on_failure()

        return guarded
