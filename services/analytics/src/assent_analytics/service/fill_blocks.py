"""Making columns of responses ahead of the first question about them, so that a restart does not read a million states."""

from typing import Any

from assent_analytics.store.responses import fill, next_empty
from assent_kit.database import Database
from assent_kit.workers import Worker

PAUSE, REST = 2.0, 0.2


def fill_next(database: Database, _: Any) -> bool:
    """Make the columns of one block that has none; whether there was any. A block that changes meanwhile stays as it is."""
    found = database.read_blocking(next_empty)
    if found is None:
        return False
    collection, block, made = found
    database.write_blocking(fill, collection, block, made)
    return True


block_worker = Worker(name="blocks", run_once=fill_next, pause=PAUSE, rest=REST)
