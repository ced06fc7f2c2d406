"""Alembic's entry: which tables, and on with the kit."""

from assent_gateway.store.tables import Table
from assent_kit.migrations import run

run(Table.metadata)
