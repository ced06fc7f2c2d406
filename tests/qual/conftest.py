"""The service on each database."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.qual.study import Qual

from assent_kit.migrations import upgrade


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


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest) -> str:
    """The address of a fresh database, on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        found: str = request.getfixturevalue("file_url")
        return found
    made: str = request.getfixturevalue("new_database")()
    upgrade(made, "assent_qual.migrations")
    return made


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
