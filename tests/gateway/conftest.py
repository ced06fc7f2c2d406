"""A gateway over fake services, on an SQLite file of its own."""

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from tests.gateway.house import House, settings_for

from assent_gateway.store.tables import Table
from assent_kit.database import Database
from assent_kit.engines import write_engine


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """Where the gateway's database is; modules that are about what is stored try PostgreSQL as well."""
    return f"sqlite:///{tmp_path}/gateway.db"


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """The gateway's database, with its tables."""
    engine = write_engine(database_url, lanes=1)
    Table.metadata.create_all(engine)
    engine.dispose()
    database = Database(database_url)
    yield database
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
