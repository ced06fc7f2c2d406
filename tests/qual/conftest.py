"""The service on each database."""

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text
from tests.qual.study import Qual

from assent_kit.engines import write_engine
from assent_kit.identifiers import new_id
from assent_kit.migrations import upgrade
from assent_qual.store.tables import Table


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with the tables and nothing in them, to copy."""
    path = tmp_path_factory.mktemp("qual") / "migrated.db"
    upgrade(f"sqlite:///{path}", "assent_qual.migrations")
    return path


@pytest.fixture
def file_url(migrated: Path, tmp_path: Path) -> str:
    """The address of a fresh database in a file."""
    shutil.copy(migrated, tmp_path / "qual.db")
    return f"sqlite:///{tmp_path}/qual.db"


@pytest.fixture(scope="session")
def server_url(postgres: str) -> Iterator[str]:
    """The address of a database on the server, with the tables; making one takes longer than a test."""
    name = new_id("qual").lower()
    server = create_engine(postgres, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    url = make_url(postgres).set(database=name).render_as_string(hide_password=False)
    upgrade(url, "assent_qual.migrations")
    yield url
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    server.dispose()


@pytest.fixture
def emptied_url(server_url: str) -> str:
    """The same with nothing in the tables."""
    engine = write_engine(server_url, lanes=1)
    with engine.begin() as connection:
        connection.execute(text("TRUNCATE " + ", ".join(f'"{name}"' for name in Table.metadata.tables)))
    engine.dispose()
    return server_url


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest) -> str:
    """The address of an empty database, on SQLite and on PostgreSQL."""
    found: str = request.getfixturevalue("file_url" if request.param == "sqlite" else "emptied_url")
    return found


@pytest.fixture
async def qual(url: str) -> AsyncIterator[Qual]:
    """The service, on SQLite and on PostgreSQL."""
    service = Qual(url)
    yield service
    await service.close()


@pytest.fixture
async def local(file_url: str) -> AsyncIterator[Qual]:
    """The service on SQLite alone, for what no database decides."""
    service = Qual(file_url)
    yield service
    await service.close()
