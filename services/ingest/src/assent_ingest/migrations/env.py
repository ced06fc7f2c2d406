"""What Alembic runs: the kit does, with this service's tables."""

from assent_ingest.store.tables import Table
from assent_kit.migrations import run

run(Table.metadata)
