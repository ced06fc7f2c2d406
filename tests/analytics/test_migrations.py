"""The migrations make exactly the tables that the code declares."""

from pathlib import Path

from assent_analytics.store.tables import Table
from assent_kit.engines import write_engine
from assent_kit.migrations import check, differences, upgrade

PACKAGE = "assent_analytics.migrations"


def test_tables_and_migrations_agree(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/analytics.db"
    upgrade(url, PACKAGE)
    engine = write_engine(url, lanes=1)
    try:
        assert differences(engine, Table.metadata) == []
        check(engine, PACKAGE)
    finally:
        engine.dispose()
