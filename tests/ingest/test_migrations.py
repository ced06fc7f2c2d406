"""The migrations make the tables that the code has."""

from assent_ingest.store.tables import Table
from assent_kit.engines import write_engine
from assent_kit.migrations import check, differences


def test_the_migrated_database_is_the_one_the_tables_describe(database_url: str) -> None:
    engine = write_engine(database_url, lanes=1)
    try:
        assert differences(engine, Table.metadata) == []
        check(engine, "assent_ingest.migrations")
    finally:
        engine.dispose()
