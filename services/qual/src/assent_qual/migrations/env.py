"""What Alembic runs: the kit does, with this service's tables."""

from assent_kit.migrations import run
from assent_qual.store.tables import Table

run(Table.metadata)
