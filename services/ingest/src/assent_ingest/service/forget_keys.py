"""Forgetting Idempotency-Keys that are too old to be sent again."""

from typing import Any

from assent_ingest.store.tables import Idempotency
from assent_kit.database import Database
from assent_kit.idempotency import forget_old_keys


def forget_keys(database: Database, settings: Any) -> bool:
    """Forget what is older than the settings say; never asks to be called again at once."""
    database.write_blocking(forget_old_keys, Idempotency, hours=settings.idempotency_hours)
    return False
