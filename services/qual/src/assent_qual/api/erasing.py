"""What a withdrawal needs from around its transaction: how long copies live elsewhere, and emptying SQLite's log after it."""

import logging
from datetime import timedelta

from tenacity import RetryError

from assent_kit.database import Database
from assent_qual.service.withdraw_participant import Horizon
from assent_qual.settings import QualSettings

logger = logging.getLogger(__name__)


def horizon_of(settings: QualSettings) -> Horizon:
    """How long copies may outlive a withdrawal under these settings."""
    log = settings.compaction_lag_seconds + settings.segment_seconds + settings.file_delete_delay_seconds
    return Horizon(
        log=timedelta(seconds=log),
        database=timedelta(days=settings.qual_database_days),
        backups=timedelta(days=settings.qual_backup_days),
        database_is_file=settings.uses_sqlite,
    )


async def erase_traces(database: Database) -> None:
    """Empty SQLite's write-ahead log. The withdrawal stands even where a long reader prevents it; the next one empties it too."""
    try:
        await database.checkpoint()
    except RetryError:
        logger.warning("the write-ahead log was not emptied after a withdrawal")
