"""Migrations: each service's tables and its migrated database agree, on SQLite and on PostgreSQL."""

from collections.abc import Callable
from pathlib import Path

import pytest

from assent_kit import migrations
from assent_kit.engines import read_engine
from assent_kit.service import Service
from assent_standalone.process import SERVICES

every_service = pytest.mark.parametrize("service", SERVICES.values(), ids=SERVICES.keys())


def agree(service: Service, url: str) -> None:
    migrations.upgrade(url, service.migrations)
    engine = read_engine(url)
    try:
        migrations.check(engine, service.migrations)
        assert migrations.differences(engine, service.tables) == []
    finally:
        engine.dispose()
    migrations.upgrade(url, service.migrations)  # again is nothing


@every_service
def test_tables_and_migrations_agree_on_sqlite(service: Service, tmp_path: Path) -> None:
    agree(service, f"sqlite:///{tmp_path}/x.db")


@pytest.mark.postgres
@every_service
def test_tables_and_migrations_agree_on_postgresql(service: Service, new_database: Callable[[], str]) -> None:
    agree(service, new_database())


@every_service
def test_an_unmigrated_database_is_refused(service: Service, tmp_path: Path) -> None:
    engine = read_engine(f"sqlite:///{tmp_path}/x.db")
    with pytest.raises(migrations.SchemaMismatch, match="migrate"):
        migrations.check(engine, service.migrations)
    engine.dispose()
