"""A service's threads, and what its health says of them."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from tests.kafka.broker import free_ports
from tests.kit.hearsay import Table, make_consumers
from tests.kit.test_consumer import records, tell
from tests.support import client_of, eventually, eventually_blocking

from assent_kit.app import health_app
from assent_kit.background import Background
from assent_kit.bus.log import LogBus
from assent_kit.database import Database
from assent_kit.outbox import OutboxColumns
from assent_kit.service import Service
from assent_kit.settings import ServiceSettings
from assent_kit.workers import Worker

Start = Callable[..., tuple[Background, threading.Event]]
ENOUGH_TO_STOP = 30


@pytest.fixture
def start(spoken_database: Database, log: LogBus) -> Iterator[Start]:
    """Starts a service's threads; with them comes what is set when one of them cannot go on."""
    with ExitStack() as stack:

        def start(*workers: Worker, broken: set[str] | None = None) -> tuple[Background, threading.Event]:
            service = Service(
                name="survey",
                settings=ServiceSettings,
                create_app=lambda: None,  # type: ignore[arg-type, return-value]
                tables=Table.metadata,
                migrations="",
                outbox=OutboxColumns,
                consumers=make_consumers(broken=broken),
                workers=workers,
            )
            settings = ServiceSettings(environment="development", database_url=spoken_database.url, bus_url="")
            failed = threading.Event()
            background = Background(service, settings, spoken_database, log, on_failure=failed.set)
            background.start()
            stack.callback(background.stop)
            return background, failed

        yield start


async def test_a_consumer_that_meets_too_much_poison_ends_and_the_process_is_no_longer_live(
    spoken_database: Database, log: LogBus, start: Start
) -> None:
    background, failed = start(broken={"bad"})
    client = client_of(health_app(spoken_database, background.alive))
    assert (await client.get("/health/live")).status_code == 200
    tell(log, records(*[(f"k{number}", 1, "bad") for number in range(ENOUGH_TO_STOP)]))
    assert failed.wait(20)
    dead = await eventually(lambda: client.get("/health/live"), lambda answered: answered.status_code == 503)
    assert dead.json()["code"] == "unavailable"
    assert (await client.get("/health/ready")).status_code == 200


def test_a_worker_that_fails_is_tried_again_and_all_end_when_told(start: Start) -> None:
    tried: list[int] = []

    def work(*_: object) -> bool:
        tried.append(1)
        if len(tried) == 1:
            raise ArithmeticError
        return False

    background, failed = start(Worker(name="worker", run_once=work, pause=0.01))
    eventually_blocking(lambda: len(tried) > 2)
    assert background.alive()
    background.stop()
    assert not background.alive()
    assert not failed.is_set()


async def test_a_process_whose_database_is_away_is_live_but_not_ready() -> None:
    (nobody,) = free_ports(1)
    database = Database(f"postgresql+psycopg://assent@127.0.0.1:{nobody}/none")
    client = client_of(health_app(database, lambda: True))
    away = await client.get("/health/ready")
    assert (away.status_code, away.json()["code"]) == (503, "unavailable")
    assert (await client.get("/health/live")).status_code == 200
    database.close()
