"""Leaving no byte of those who withdraw: their rows are gone at once, and SQLite's write-ahead log still holds the old pages.

Looked at once a minute, well within what a receipt promises. Not here: PostgreSQL's dead rows, whose limits the receipts name; and the
columns in memory, which go when the collection is next asked for (samples).
"""

from typing import Any

from assent_analytics.store.read_models import departed
from assent_kit.database import Database
from assent_kit.workers import Worker

PAUSE = 60.0


class ForgetWithdrawn:
    """Empties the log when somebody has left since it did so last, and once after a start."""

    def __init__(self) -> None:
        self._forgotten: tuple[Database, int] | None = None

    def __call__(self, database: Database, _: Any) -> bool:
        """Whether there was anything to forget."""
        so_far = database, database.read_blocking(departed)
        if so_far == self._forgotten:
            return False
        database.checkpoint_blocking()
        self._forgotten = so_far
        return True


forgetting_worker = Worker(name="forget withdrawn", run_once=ForgetWithdrawn(), pause=PAUSE)
