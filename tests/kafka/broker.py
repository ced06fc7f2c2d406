"""A real Apache Kafka for the tests, started from its published jars on free ports in a temporary folder.

`ASSENT_TEST_KAFKA=host:port` uses a broker of your own instead. Without Java or Maven the tests that need it skip with a reason on a
user's machine and fail in CI.
"""

import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tests.support import IN_CI, eventually_blocking

HERE = Path(__file__).parent
CLUSTER = "MkU3OEVBNTcwNTJENDM2Qg"

_COMMON = """
process.roles=broker,controller
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=500
offsets.topic.num.partitions=4
auto.create.topics.enable=false
log.cleaner.backoff.ms=200
log.retention.check.interval.ms=500
log.initial.task.delay.ms=100
log.cleaner.dedupe.buffer.size=4194304
log.flush.scheduler.interval.ms=1000
"""


@dataclass
class Broker:
    """One broker, which also votes as a controller."""

    number: int
    folder: Path
    port: int
    controller: int
    lines: str
    process: subprocess.Popen[bytes] | None = None

    @property
    def logs(self) -> Path:
        """Where the segments of the topics are."""
        return self.folder / "logs"

    def format(self, *options: str) -> None:
        """Write the configuration and prepare the storage, once."""
        self.folder.mkdir(parents=True)
        (self.folder / "server.properties").write_text(
            f"{_COMMON}{self.lines}\nnode.id={self.number}\nlog.dirs={self.logs}\n"
            f"listeners=PLAINTEXT://127.0.0.1:{self.port},CONTROLLER://127.0.0.1:{self.controller}\n"
        )
        tool = [*_java("-Xmx128m"), "kafka.tools.StorageTool", "format", "-t", CLUSTER, "-c", self._properties, *options]
        subprocess.run(tool, check=True, capture_output=True, timeout=60)

    def start(self) -> None:
        """Start it; `wait_until_up` of the cluster tells when it answers."""
        command = [*_java("-Xmx400m"), "kafka.Kafka", self._properties]
        with (self.folder / "broker.log").open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)

    def kill(self) -> None:
        """As a power cut would: it says goodbye to nobody."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """As an operator would."""
        self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> None:
        if self.process is not None:
            self.process.send_signal(how)
            try:
                self.process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(timeout=10)
            self.process = None

    @property
    def _properties(self) -> str:
        return str(self.folder / "server.properties")


@dataclass
class Cluster:
    """Brokers that know each other. `url` is what `open_bus` takes; a cluster of one's own has no brokers here."""

    addresses: list[str]
    brokers: list[Broker] = field(default_factory=list)

    @property
    def url(self) -> str:
        """The address of the bus."""
        return "kafka://" + ",".join(self.addresses)

    @property
    def ours(self) -> bool:
        """Whether the brokers may be stopped and their files read."""
        return bool(self.brokers)

    def wait_until_up(self, *, count: int | None = None) -> None:
        """Until `count` brokers have joined."""
        from kafka import KafkaAdminClient  # not at the top: most tests never need the client
        from kafka.errors import KafkaError

        wanted = count or len(self.addresses)

        def joined() -> int:
            if not any(_listening(address) for address in self.addresses):
                return 0
            try:
                client = KafkaAdminClient(bootstrap_servers=self.addresses, bootstrap_timeout_ms=1000)
            except KafkaError:
                return 0
            try:
                return len(client.describe_cluster()["brokers"])
            except KafkaError:
                return 0
            finally:
                client.close()

        eventually_blocking(joined, lambda found: found >= wanted, within=60)


@contextmanager
def run_cluster(folder: Path, *, size: int = 1) -> Iterator[Cluster]:
    """A cluster in a folder, stopped at the end."""
    require_kafka()
    ports = free_ports(2 * size)
    voters = ",".join(f"{n + 1}@127.0.0.1:{ports[size + n]}" for n in range(size))
    replication = f"default.replication.factor={size}\nmin.insync.replicas={2 if size > 1 else 1}\n" + "".join(
        f"{name}={size}\n" for name in ("offsets.topic.replication.factor", "transaction.state.log.replication.factor")
    )
    quorum = f"controller.quorum.voters={voters}\nbroker.session.timeout.ms=6000\n"
    if size == 1:
        quorum = f"controller.quorum.bootstrap.servers=127.0.0.1:{ports[1]}\n"
    brokers = [Broker(n + 1, folder / f"broker{n + 1}", ports[n], ports[size + n], quorum + replication) for n in range(size)]
    cluster = Cluster([f"127.0.0.1:{broker.port}" for broker in brokers], brokers)
    try:
        for broker in brokers:
            broker.format(*(["--standalone"] if size == 1 else []))
        for broker in brokers:
            broker.start()
        cluster.wait_until_up()
        yield cluster
    finally:
        for broker in brokers:
            broker.kill()


def require_kafka() -> None:
    """Skip, or fail in CI, when there is nothing to run Kafka with."""
    for program in ("java", "mvn"):
        if shutil.which(program) is None:
            (pytest.fail if IN_CI else pytest.skip)(f"there is no {program}, which Apache Kafka needs")


def _listening(address: str) -> bool:
    host, port = address.split(":")
    try:
        socket.create_connection((host, int(port)), timeout=1).close()
    except OSError:
        return False
    return True


def free_ports(count: int) -> list[int]:
    """Ports of the loopback that nobody listens on."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    try:
        return [s.getsockname()[1] for s in sockets]
    finally:
        for s in sockets:
            s.close()


def _java(heap: str) -> list[str]:
    return ["java", heap, "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", f"{jars()}/*"]


def jars() -> Path:
    """The folder of Kafka's jars, filled from the Maven repository the first time."""
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "assent" / "kafka" / "4.4.0"
    if not (cache / "complete").exists():
        command = ["mvn", "-B", "-q", "-f", HERE / "pom.xml", "dependency:copy-dependencies", f"-DoutputDirectory={cache}"]
        subprocess.run([*command, "-DincludeScope=runtime"], check=True, timeout=300)
        (cache / "complete").touch()
    return cache


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """One broker for the whole run of the tests."""
    if own := os.environ.get("ASSENT_TEST_KAFKA"):
        yield Cluster(own.split(","))
        return
    with run_cluster(tmp_path_factory.mktemp("kafka")) as cluster:
        yield cluster


@pytest.fixture
def own_kafka(tmp_path: Path) -> Iterator[Cluster]:
    """A broker for one test, which may stop and kill it."""
    with run_cluster(tmp_path / "kafka") as cluster:
        yield cluster


@pytest.fixture
def three_brokers(tmp_path: Path) -> Iterator[Cluster]:
    """Three brokers for one test, which may kill one."""
    with run_cluster(tmp_path / "kafka", size=3) as cluster:
        yield cluster
