"""The ingest service over HTTP, on each of the two databases."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from tests.support import TOKENS, client_of

from assent_ingest.app import create_app
from assent_ingest.settings import IngestSettings
from assent_kit.database import Database
from assent_kit.migrations import upgrade


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database with the tables of ingest."""
    url = f"sqlite:///{tmp_path}/ingest.db" if request.param == "sqlite" else request.getfixturevalue("new_database")()
    upgrade(url, "assent_ingest.migrations")
    return url


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """That database, open."""
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture
def settings(database_url: str) -> IngestSettings:
    """Settings of a developer's machine."""
    return IngestSettings(
        environment="development", database_url=database_url, bus_url="sqlite://", gateway_public_key=TOKENS.public_key
    )


@pytest.fixture
async def client(settings: IngestSettings, database: Database) -> AsyncIterator[httpx.AsyncClient]:
    """An owner of the study `stu_a`."""
    async with client_of(create_app(settings, database)) as client:
        client.headers.update(TOKENS.headers("stu_a", subject="ada"))
        yield client
