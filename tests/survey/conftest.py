"""Survey services on SQLite and on PostgreSQL."""

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.survey.house import House, make_tables, settings_for

from assent_kit.database import Database


@pytest.fixture
def build(tmp_path: Path) -> Iterator[Callable[..., House]]:
    """Build a service on an SQLite file; keyword arguments are settings."""
    url = f"sqlite:///{tmp_path}/survey.db"
    make_tables(url)
    database = Database(url)
    yield lambda **changes: House(settings_for(url, **changes), database)
    database.close()


@pytest.fixture
async def house(build: Callable[..., House]) -> AsyncIterator[House]:
    """A service on SQLite."""
    house = build()
    async with house.client, house.platform:
        yield house


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
async def any_house(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[House]:
    """A service on SQLite and on PostgreSQL."""
    url: Any = f"sqlite:///{tmp_path}/survey.db" if request.param == "sqlite" else request.getfixturevalue("new_database")()
    make_tables(url)
    database = Database(url)
    house = House(settings_for(url), database)
    async with house.client, house.platform:
        yield house
    database.close()
