"""The ingest service over HTTP, on each of the two databases."""

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import psycopg
import pytest
from sqlalchemy import make_url
from tests.support import TOKENS, client_of

from assent_ingest.app import create_app
from assent_ingest.settings import IngestSettings
from assent_ingest.store.tables import Table
from assent_kit.database import Database
from assent_kit.identifiers import new_id
from assent_kit.migrations import upgrade


@pytest.fixture(scope="session")
def empty_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with the tables of ingest, to be copied."""
    path = tmp_path_factory.mktemp("ingest") / "empty.db"
    upgrade(f"sqlite:///{path}", "assent_ingest.migrations")
    return path


@pytest.fixture(scope="session")
def shared_postgres(postgres: str) -> Iterator[str]:
    """A PostgreSQL database with the tables of ingest, for one test after the other."""
    name = new_id("ing").lower()
    with psycopg.connect(postgres.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")  # type: ignore[call-overload]
        url = make_url(postgres).set(database=name).render_as_string(hide_password=False)
        upgrade(url, "assent_ingest.migrations")
        yield url
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")  # type: ignore[call-overload]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, empty_sqlite: Path, tmp_path: Path) -> str:
    """An empty database with the tables of ingest."""
    if request.param == "sqlite":
        shutil.copy(empty_sqlite, tmp_path / "ingest.db")
        return f"sqlite:///{tmp_path}/ingest.db"
    url: str = request.getfixturevalue("shared_postgres")
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f"TRUNCATE {', '.join(Table.metadata.tables)}")  # type: ignore[call-overload]
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
