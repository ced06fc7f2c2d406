"""The migrations make the tables that the code uses."""

from pathlib import Path

import pytest
from tests.gateway.house import PEPPER, settings_for

from assent_gateway.app import SERVICE
from assent_gateway.service.issue_key import FirstKeyExists, create_first_key
from assent_kit import migrations
from assent_kit.database import Database
from assent_kit.engines import write_engine


def test_the_migrated_database_is_the_one_that_the_tables_describe(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/gateway.db"
    migrations.upgrade(url, SERVICE.migrations)
    engine = write_engine(url, lanes=1)
    assert migrations.differences(engine, SERVICE.tables) == []
    engine.dispose()


def test_the_first_key_is_made_once_unless_another_is_asked_for(tmp_path: Path) -> None:
    settings = settings_for(f"sqlite:///{tmp_path}/gateway.db")
    migrations.upgrade(settings.database_url, SERVICE.migrations)
    database = Database(settings.database_url)
    first = database.write_blocking(create_first_key, pepper=PEPPER)
    with pytest.raises(FirstKeyExists):
        database.write_blocking(create_first_key, pepper=PEPPER)
    other = database.write_blocking(create_first_key, pepper=PEPPER, another=True)
    assert first.secret != other.secret
    database.close()
