"""The listening loop of one service: poll, apply in one transaction, commit the offsets; for ever.

What passes by itself (database or bus away) is tried again without end, a little later each time; what does not is the applier's to
set aside, within limits. One thread runs one loop.
"""

import logging
import threading
import time
from datetime import timedelta

from assent_kit.applying import Applier, PoisonLimit
from assent_kit.bus import Bus, Consumer
from assent_kit.consumer import Consumers
from assent_kit.database import Database
from assent_kit.inbox import note_commit
from assent_kit.metrics import CONSUMER_LAST
from assent_kit.pauses import Pauses
from assent_kit.replay import must_rebuild, rebuild

logger = logging.getLogger(__name__)

BATCH = 500
"""Records in one transaction."""

LONGEST_POLL = 0.5
"""Seconds after which an idle loop looks whether it is to stop."""

SIGN_OF_LIFE = 600.0
"""Seconds after which a consumer that hears nothing notes that it is still listening."""


class Listening:
    """Listens for one service. `tombstones` is how long the log keeps them: who was away longer must rebuild."""

    def __init__(
        self,
        service: str,
        consumers: Consumers,
        database: Database,
        bus: Bus,
        *,
        tombstones: timedelta = timedelta(days=30),
        limit: PoisonLimit | None = None,
        batch: int = BATCH,
    ) -> None:
        self._service, self._consumers, self._database, self._bus = service, consumers, database, bus
        self._tombstones, self._batch = tombstones, batch
        self._applier = Applier(service, consumers, database, limit)
        self._last_commit = float("-inf")

    def run(self, stop: threading.Event) -> None:
        """Listen until `stop` is set. Raises TooMuchPoison; the batch that did it is stored nowhere and will be heard again."""
        pauses = Pauses(stop)
        pauses.until_done(self._rebuild_if_needed)
        consumer = self._bus.consumer(self._consumers.group, list(self._consumers.topics))
        try:
            while not stop.is_set():
                self._hear(consumer, pauses)
        finally:
            consumer.close()

    def _rebuild_if_needed(self) -> None:
        if self._database.read_blocking(must_rebuild, self._consumers.group, self._tombstones):
            logger.warning("the consumer was away too long, or a rebuild was cut short: rebuilding")
            rebuild(self._service, self._consumers, self._database, self._bus)

    def _hear(self, consumer: Consumer, pauses: Pauses) -> None:
        """One batch from poll to commit: its offsets are committed only once it is stored."""
        records = pauses.until_done(lambda: consumer.poll(LONGEST_POLL, self._batch))
        if records:
            if pauses.until_done(lambda: self._applier.apply(records)) is None:
                return
        elif time.monotonic() - self._last_commit < SIGN_OF_LIFE:
            return
        pauses.until_done(consumer.commit)
        if not records:
            pauses.until_done(lambda: self._database.write_blocking(note_commit, self._consumers.group))
        self._last_commit = time.monotonic()
        CONSUMER_LAST.labels(self._service).set_to_current_time()
