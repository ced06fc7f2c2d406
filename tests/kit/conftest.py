"""Databases and a bus for the kit's tests."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from tests.kit.hearsay import open_database

from assent_contracts import registry
from assent_kit.bus import TopicSettings
from assent_kit.bus.log import LogBus
from assent_kit.database import Database


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def spoken_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """The small service's database, on SQLite and on PostgreSQL."""
    in_file = request.param == "sqlite"
    database = open_database(f"sqlite:///{tmp_path}/hearsay.db" if in_file else request.getfixturevalue("new_database")())
    yield database
    database.close()


@pytest.fixture
def log(tmp_path: Path) -> Iterator[LogBus]:
    """A bus in a file."""
    with LogBus(tmp_path / "bus.db") as bus:
        bus.ensure_topics([registry.RESPONSES.name], TopicSettings())
        yield bus


@pytest.fixture
def running() -> Iterator[Callable[[Callable[[threading.Event], None]], None]]:
    """Runs loops in threads until the end of the test."""

    @contextmanager
    def run(loop: Callable[[threading.Event], None]) -> Iterator[None]:
        stop = threading.Event()
        thread = threading.Thread(target=loop, args=(stop,))
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join(timeout=20)

    with ExitStack() as stack:
        yield lambda loop: stack.enter_context(run(loop))
