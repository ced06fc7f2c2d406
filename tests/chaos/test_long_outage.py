"""A broker that is away for a minute: webhooks go on meanwhile, and the read model catches up. Too slow for `make test`."""

import time
from collections.abc import Iterator

import pytest
from tests.e2e.fieldwork import Senders, begin
from tests.e2e.fleet import Fleet, bootstrap, run_fleet
from tests.kafka.broker import Cluster, run_cluster
from tests.postgres.server import databases_on

AWAY_SECONDS = 60


@pytest.fixture
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with run_cluster(tmp_path_factory.mktemp("kafka")) as cluster:
        yield cluster


@pytest.fixture
def fleet(cluster: Cluster, postgres: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    folder = tmp_path_factory.mktemp("fleet")
    with databases_on(postgres) as new_database, run_fleet(folder, new_database, cluster.url) as fleet:
        yield fleet


@pytest.mark.chaos
@pytest.mark.timeout(600)
def test_a_minute_without_the_broker(fleet: Fleet, cluster: Cluster) -> None:
    work = begin(fleet.address, bootstrap(fleet))
    with Senders(work) as senders:
        senders.wait_for(50)
        cluster.brokers[0].kill()
        killed = time.monotonic()
        while time.monotonic() < killed + AWAY_SECONDS:
            senders.wait_for(10)
        assert set(work.answers) == {200}
        cluster.brokers[0].start()
        cluster.wait_until_up()
        senders.wait_for(50)
    assert set(work.answers) == {200}
    work.settle()


@pytest.mark.chaos
@pytest.mark.timeout(900)
def test_every_process_killed_in_turn_under_load(fleet: Fleet) -> None:
    work = begin(fleet.address, bootstrap(fleet))
    with Senders(work) as senders:
        for service, verb in list(fleet.processes):
            senders.wait_for(30)
            fleet.kill(service, verb)
            fleet.start(service, verb)
            fleet.wait_until_ready()
        senders.wait_for(30)
    work.settle()
