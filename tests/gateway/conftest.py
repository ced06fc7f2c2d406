"""A gateway over fake services, on an SQLite file of its own."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from tests.gateway.house import House, settings_for

from assent_gateway.store.tables import Table
from assent_kit.database import Database
from assent_kit.engines import write_engine


@pytest.fixture
def database(tmp_path: Path) -> "AsyncIterator[Database]":
    url = f"sqlite:///{tmp_path}/gateway.db"
    engine = write_engine(url, lanes=1)
    Table.metadata.create_all(engine)
    engine.dispose()
    database = Database(url)
    yield database  # type: ignore[misc]
    database.close()


@pytest.fixture
def build(database: Database) -> Callable[..., House]:
    """Build a gateway; keyword arguments are settings."""

    def build(upstreams=None, **settings: object) -> House:  # type: ignore[no-untyped-def]
        return House(settings_for(database.url, **settings), database, upstreams)

    return build


@pytest.fixture
async def house(build: Callable[..., House]) -> AsyncIterator[House]:
    """A gateway with default settings, whose services echo what reaches them."""
    async with build() as house:
        yield house
