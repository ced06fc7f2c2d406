"""Kill -9 under load and a stopped broker: no acknowledged delivery is lost, none has two effects, and webhooks go on."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from tests.e2e.fieldwork import Senders, begin
from tests.e2e.fleet import Fleet, bootstrap, run_fleet
from tests.kafka.broker import Cluster, free_ports, run_cluster
from tests.postgres.server import databases_on
from tests.support import eventually_blocking

VICTIMS = [("survey", "serve"), ("survey", "consume"), ("analytics", "consume"), ("gateway", "serve")]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with run_cluster(tmp_path_factory.mktemp("kafka")) as cluster:
        yield cluster


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
@pytest.mark.timeout(300)
def test_a_killed_process_on_sqlite_loses_and_doubles_nothing(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    address = f"http://127.0.0.1:{port}"
    assent = str(Path(sys.executable).parent / "assent")

    def start() -> "subprocess.Popen[bytes]":
        with (tmp_path / "assent.log").open("ab") as log:
            command = [assent, "serve", "--port", str(port), "--folder", str(tmp_path / "installation")]
            process = subprocess.Popen(command, stdout=log, stderr=log)
        eventually_blocking(lambda: _ready(address), within=60)
        return process

    process = start()
    bootstrapped = subprocess.run(
        [assent, "bootstrap", "--folder", str(tmp_path / "installation")], capture_output=True, text=True, check=True
    )
    work = begin(address, bootstrapped.stdout.strip())
    with Senders(work) as senders:
        for _ in range(3):
            senders.wait_for(40)
            process.send_signal(signal.SIGKILL)
            process.wait(timeout=10)
            process = start()
        senders.wait_for(40)
    work.settle()
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=30) == 0


def _ready(address: str) -> bool:
    try:
        return httpx.get(f"{address}/health/ready", timeout=2, trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False
