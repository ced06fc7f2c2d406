"""The migrations make exactly the tables that the code declares."""

from collections.abc import Callable
from pathlib import Path

import pytest

from assent_kit.engines import write_engine
from assent_kit.migrations import check, differences, upgrade
from assent_survey.app import SERVICE

PACKAGE = "assent_survey.migrations"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/survey.db"
    made: Callable[[], str] = request.getfixturevalue("new_database")
    return made()


def test_tables_and_migrations_agree(url: str) -> None:
    upgrade(url, PACKAGE)
    engine = write_engine(url, lanes=1)
    try:
        assert differences(engine, SERVICE.tables) == []
        check(engine, PACKAGE)
    finally:
        engine.dispose()
