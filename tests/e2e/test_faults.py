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

ASSENT = str(Path(sys.executable).parent / "assent")
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


class OneProcess:
    """`assent serve` on a folder, killed and started again at will."""

    def __init__(self, folder: Path) -> None:
        (self._port,) = free_ports(1)
        self.address = f"http://127.0.0.1:{self._port}"
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [ASSENT, "serve", "--port", str(self._port), "--folder", str(self._folder / "installation")]
        with (self._folder / "assent.log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        eventually_blocking(lambda: _ready(self.address), within=60)

    def end(self, how: signal.Signals) -> int | None:
        if self._process is None:
            return None
        self._process.send_signal(how)
        code = self._process.wait(timeout=30)
        self._process = None
        return code

    def key(self) -> str:
        command = [ASSENT, "bootstrap", "--folder", str(self._folder / "installation")]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture
def one_process(tmp_path: Path) -> Iterator[OneProcess]:
    process = OneProcess(tmp_path)
    process.start()
    yield process
    process.end(signal.SIGKILL)


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


def _ready(address: str) -> bool:
    try:
        return httpx.get(f"{address}/health/ready", timeout=2, trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False
