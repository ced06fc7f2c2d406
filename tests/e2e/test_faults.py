"""Kill -9 under load and a stopped broker: no acknowledged delivery is lost, none has two effects, and webhooks go on."""

import signal
from collections.abc import Iterator

import psycopg
import pytest
from tests.e2e.fieldwork import Senders, begin
from tests.e2e.fleet import Fleet, bootstrap, run_fleet
from tests.e2e.one_process import OneProcess
from tests.kafka.broker import Cluster
from tests.postgres.server import databases_on
from tests.support import eventually_blocking

VICTIMS = [("survey", "serve"), ("survey", "consume"), ("analytics", "consume"), ("gateway", "serve")]


@pytest.fixture(scope="module")
def fleet(cluster: Cluster, postgres: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    folder = tmp_path_factory.mktemp("fleet")
    with databases_on(postgres) as new_database, run_fleet(folder, new_database, cluster.url) as fleet:
        yield fleet


@pytest.fixture(scope="module")
def key(fleet: Fleet) -> str:
    return bootstrap(fleet)


@pytest.mark.e2e
@pytest.mark.kafka
@pytest.mark.postgres
@pytest.mark.timeout(400)
def test_killed_processes_lose_and_double_nothing(fleet: Fleet, key: str) -> None:
    work = begin(fleet.address, key)
    with Senders(work) as senders:
        for service, verb in VICTIMS:
            senders.wait_for(40)
            fleet.kill(service, verb)
            fleet.start(service, verb)
            fleet.wait_until_ready()
        senders.wait_for(40)
    work.settle()


@pytest.mark.e2e
@pytest.mark.kafka
@pytest.mark.postgres
@pytest.mark.timeout(400)
def test_webhooks_go_on_while_the_broker_is_away(fleet: Fleet, cluster: Cluster, key: str) -> None:
    work = begin(fleet.address, key)
    with Senders(work, count=2) as senders:
        senders.wait_for(20)
        cluster.brokers[0].stop()
        senders.wait_for(60)
        assert set(work.answers) == {200}
        cluster.brokers[0].start()
        cluster.wait_until_up()
        senders.wait_for(20)
    assert set(work.answers) == {200}
    work.settle()


@pytest.mark.e2e
@pytest.mark.kafka
@pytest.mark.postgres
@pytest.mark.timeout(400)
def test_what_could_not_be_applied_is_applied_once_its_cause_is_mended(fleet: Fleet, key: str) -> None:
    work = begin(fleet.address, key)
    database = fleet.environments["analytics"]["ASSENT_DATABASE_URL"].replace("+psycopg", "")
    with psycopg.connect(database, autocommit=True) as analytics:
        analytics.execute(f"ALTER TABLE responses ADD CONSTRAINT broken CHECK (study <> '{work.study}')")
        work.send()
        eventually_blocking(lambda: analytics.execute("SELECT key FROM poison").fetchall())
        assert "Applied 0; 1 still cannot be applied.\n" in fleet.run("analytics", "redrive")
        analytics.execute("ALTER TABLE responses DROP CONSTRAINT broken")
        assert "Applied 1; 0 still cannot be applied.\n" in fleet.run("analytics", "redrive", "--topic", "assent.survey.responses")
        kept = analytics.execute("SELECT key FROM responses WHERE study = %s", [work.study]).fetchall()
        assert [key for (key,) in kept] == work.responses()


@pytest.mark.e2e
@pytest.mark.timeout(300)
def test_a_killed_process_on_sqlite_loses_and_doubles_nothing(one_process: OneProcess) -> None:
    work = begin(one_process.address, one_process.key())
    with Senders(work) as senders:
        for _ in range(3):
            senders.wait_for(40)
            one_process.end(signal.SIGKILL)
            one_process.start()
        senders.wait_for(40)
    work.settle()


@pytest.mark.e2e
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_cleanly_when_told_to(one_process: OneProcess, how: signal.Signals) -> None:
    assert one_process.end(how) == 0
