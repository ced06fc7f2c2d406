"""Event → read model: how many events a second, and how fresh the read model is under a steady 500 a second, on both buses.

The road is the real one: survey's outbox, its relay, the bus, analytics' consumer and read model, in one process. The floor beside it is
the fsync rate of the disk. Kafka and PostgreSQL are started as for the tests and left out where they cannot be.
"""

import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from sqlmodel import Session, col, func, select

from assent_analytics.app import SERVICE as ANALYTICS
from assent_analytics.store.tables import Responses
from assent_contracts.events.survey import Response
from assent_contracts.registry import RESPONSE_RECEIVED
from assent_kit import migrations
from assent_kit.background import Background
from assent_kit.bus import Bus, open_bus
from assent_kit.database import Database
from assent_kit.identifiers import new_id
from assent_kit.outbox import Event, append_all
from assent_kit.service import Service
from assent_kit.settings import ServiceSettings
from assent_survey.app import SERVICE as SURVEY
from bench.fsync import measure as fsync_rate

BURST = 10_000
RATE = 500
SECONDS = 10
GOAL_THROUGHPUT, GOAL_FRESHNESS = 2000, 2.0


def event() -> Event:
    """A response of 30 coded answers."""
    state = Response(
        study="stu_bench", response=new_id("rsp"), respondent=new_id("rsd"), collection="col_bench", instrument="ins_bench", number=1,
        answers={f"item_{number}": "acceptable" for number in range(30)}, groups={"family_form": "lone", "ethnicity": "black"},
        weight=1.25, stratum="north", cluster="17", consented=True, complete=True,
    )  # fmt: skip
    return Event(type=RESPONSE_RECEIVED, state=state, version=1)


@contextmanager
def running(service: Service, url: str, bus: Bus) -> Iterator[Database]:
    """A migrated service with its relay and consumer, without its HTTP side."""
    migrations.upgrade(url, service.migrations)
    database = Database(url)
    settings = ServiceSettings(environment="development", database_url=url, bus_url="sqlite:///unused")
    quiet = Service(
        name=service.name, settings=service.settings, create_app=service.create_app, tables=service.tables,
        migrations=service.migrations, outbox=service.outbox, consumers=service.consumers,
    )  # fmt: skip
    background = Background(quiet, settings, database, bus, on_failure=lambda: sys.exit("a background thread has ended"))
    background.start()
    yield database
    background.stop()
    database.close()


def arrived(session: Session) -> int:
    """How many responses the read model holds."""
    return session.exec(select(func.count()).select_from(Responses)).one()


def newest(session: Session, after: str) -> list[str]:
    """Keys that have come since."""
    return list(session.exec(select(Responses.key).where(col(Responses.key) > after).order_by(col(Responses.key))))


def throughput(survey: Database, analytics: Database) -> float:
    """Events a second from the outbox to the read model, for a burst."""
    before = analytics.read_blocking(arrived)
    started = time.perf_counter()
    for _ in range(BURST // 500):
        survey.write_blocking(append_all, [event() for _ in range(500)])
    while analytics.read_blocking(arrived) < before + BURST:
        time.sleep(0.02)
    return BURST / (time.perf_counter() - started)


def freshness(survey: Database, analytics: Database) -> tuple[float, float]:
    """Median and 99th percentile of the seconds from commit to read model, under a steady rate."""
    before = analytics.read_blocking(lambda session: session.exec(select(func.max(Responses.key))).one()) or ""
    said: dict[str, float] = {}
    ages: list[float] = []
    done = threading.Event()

    def watch() -> None:
        # Partitions are heard one after the other, so keys do not arrive in the order of their making.
        seen: set[str] = set()
        while not done.is_set() or len(seen) < len(said):
            moment = time.perf_counter()
            for key in set(analytics.read_blocking(newest, before)) - seen:
                ages.append(moment - said[key])
                seen.add(key)
            time.sleep(0.01)

    watcher = threading.Thread(target=watch)
    watcher.start()
    started = time.perf_counter()
    for tick in range(RATE * SECONDS // 10):
        events = [event() for _ in range(10)]
        for one in events:
            assert isinstance(one.state, Response)
            said[one.state.response] = time.perf_counter()
        survey.write_blocking(append_all, events)
        time.sleep(max(0.0, started + (tick + 1) * 10 / RATE - time.perf_counter()))
    done.set()
    watcher.join()
    ages.sort()
    return ages[len(ages) // 2], ages[int(len(ages) * 0.99)]


def report(name: str, bus_url: str, survey_url: str, analytics_url: str) -> None:
    """Measure on one bus and print."""
    with open_bus(bus_url) as bus, running(SURVEY, survey_url, bus) as survey, running(ANALYTICS, analytics_url, bus) as analytics:
        rate = throughput(survey, analytics)
        median, worst = freshness(survey, analytics)
    met = "met" if rate >= GOAL_THROUGHPUT and worst < GOAL_FRESHNESS else "NOT met"
    print(
        f"{name:<22} {rate:>8,.0f} events/s   fresh after {median * 1000:>5.0f} ms (median), {worst * 1000:>5.0f} ms (p99)   goal {met}"
    )


def servers(stack: ExitStack, folder: Path) -> tuple[str, Callable[[str], str]] | None:
    """Kafka's address and a maker of PostgreSQL databases; None where they cannot be started."""
    import psycopg
    from sqlalchemy import make_url
    from tests.kafka.broker import run_cluster
    from tests.postgres.server import run_postgres

    try:
        server = stack.enter_context(run_postgres())
        cluster = stack.enter_context(run_cluster(folder / "kafka"))
    except BaseException as reason:  # the fixtures skip by raising
        print(f"Kafka and PostgreSQL are left out: {reason}")
        return None

    def database(name: str) -> str:
        with psycopg.connect(server.replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")  # type: ignore[call-overload]
        return make_url(server).set(database=name).render_as_string(hide_password=False)

    return cluster.url, database


def main() -> None:
    """Both buses, one after the other."""
    print(
        f"event → read model; a response of 30 answers; goals: {GOAL_THROUGHPUT:,} events/s, p99 under {GOAL_FRESHNESS:.0f} s at {RATE}/s"
    )
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        print(f"fsync: {fsync_rate(folder=folder):,.0f}/s")
        report(
            "SQLite, built-in log",
            f"sqlite:///{folder}/bus.db",
            f"sqlite:///{folder}/survey.db",
            f"sqlite:///{folder}/analytics.db",
        )
        if found := servers(stack, folder):
            kafka, database = found
            report("PostgreSQL, Kafka", kafka, database("survey"), database("analytics"))


if __name__ == "__main__":
    main()
