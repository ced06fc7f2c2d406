"""The migrations make exactly the tables that the code declares."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from assent_analytics.store.tables import Table
from assent_kit.engines import write_engine
from assent_kit.migrations import check, differences, upgrade

PACKAGE = "assent_analytics.migrations"


def test_tables_and_migrations_agree(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/analytics.db"
    upgrade(url, PACKAGE)
    engine = write_engine(url, lanes=1)
    try:
        assert differences(engine, Table.metadata) == []
        check(engine, PACKAGE)
    finally:
        engine.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/analytics.db"
    made: Callable[[], str] = request.getfixturevalue("new_database")
    return made()


def test_responses_of_before_there_were_places_get_one(url: str) -> None:
    upgrade(url, PACKAGE, "0002")
    engine = write_engine(url, lanes=1)
    try:
        with engine.begin() as connection:
            for key, collection in (("rsp_b", "col_one"), ("rsp_a", "col_one"), ("rsp_c", "col_two")):
                connection.execute(
                    text("INSERT INTO responses (key, study, state, collection) VALUES (:key, 'stu', '{}', :collection)"),
                    {"key": key, "collection": collection},
                )
            connection.execute(text("INSERT INTO editions (collection, edition) VALUES ('col_one', 'edn_1'), ('col_two', 'edn_2')"))
        upgrade(url, PACKAGE)
        with engine.connect() as connection:
            places = connection.execute(text("SELECT key, place FROM responses ORDER BY key")).all()
            given = connection.execute(text("SELECT collection, places FROM editions ORDER BY collection")).all()
            blocks = connection.execute(text("SELECT collection, block, edition FROM blocks ORDER BY collection")).all()
    finally:
        engine.dispose()
    assert [tuple(row) for row in places] == [("rsp_a", 0), ("rsp_b", 1), ("rsp_c", 0)]
    assert [tuple(row) for row in given] == [("col_one", 2), ("col_two", 1)]
    assert [tuple(row) for row in blocks] == [("col_one", 0, "edn_1"), ("col_two", 0, "edn_2")]
