"""The service on each database."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.qual.study import Qual


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
async def qual(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Qual]:
    """The service, on SQLite and on PostgreSQL."""
    service = Qual.on_sqlite(tmp_path) if request.param == "sqlite" else Qual(request.getfixturevalue("new_database")())
    yield service
    await service.close()
