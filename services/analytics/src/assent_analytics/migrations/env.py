"""Alembic's entry point."""

from assent_analytics.store.tables import Table
from assent_kit.migrations import run

run(Table.metadata)
