"""The five services and their consumers as ten processes on PostgreSQL and Kafka, as an operator runs them."""

import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from tests.kafka.broker import free_ports
from tests.support import eventually_blocking

from assent_kit.tokens import new_key_pair

SERVICES = ("gateway", "ingest", "survey", "qual", "analytics")

Role = tuple[str, str]

ROLES: list[Role] = [(service, verb) for service in SERVICES for verb in ("serve", "consume")]


@dataclass
class Fleet:
    """The processes by service and verb, and what they were started with."""

    folder: Path
    environments: dict[str, dict[str, str]]
    ports: dict[Role, int]
    metrics: dict[Role, int]
    processes: dict[Role, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def address(self) -> str:
        """The gateway's address: the only one that a user sees."""
        return f"http://127.0.0.1:{self.ports['gateway', 'serve']}"

    def run(self, service: str, *arguments: str) -> str:
        """Run a verb to its end; answers what it printed."""
        command = [sys.executable, "-m", f"assent_{service}", *arguments]
        done = subprocess.run(command, env=self.environments[service], capture_output=True, text=True, check=False, timeout=120)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def start(self, service: str, verb: str) -> None:
        """Start one process."""
        ports = {"ASSENT_LISTEN_PORT": self.ports[service, verb], "ASSENT_METRICS_PORT": self.metrics[service, verb]}
        environment = {**self.environments[service], **{name: str(port) for name, port in ports.items()}}
        with (self.folder / f"{service}-{verb}.log").open("ab") as log:
            command = [sys.executable, "-m", f"assent_{service}", verb]
            self.processes[service, verb] = subprocess.Popen(command, env=environment, stdout=log, stderr=log)

    def wait_until_ready(self) -> None:
        """Until every process says that it is ready; fails with the log of one that has ended."""

        def unready() -> list[Role]:
            for (service, verb), process in self.processes.items():
                log = (self.folder / f"{service}-{verb}.log").read_text()
                assert process.poll() is None, f"{service} {verb} has ended: {log[-3000:]}"
            return [role for role in self.processes if not self._ready(role)]

        eventually_blocking(unready, lambda found: not found, within=90)

    def kill(self, service: str, verb: str) -> None:
        """As a power cut would."""
        process = self.processes.pop((service, verb))
        process.kill()
        process.wait(timeout=10)

    def stop(self) -> None:
        """As an operator would; a process that does not leave in time is killed."""
        for process in self.processes.values():
            process.send_signal(signal.SIGTERM)
        for process in self.processes.values():
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(timeout=10)

    def measured(self, service: str, verb: str) -> str:
        """What a process tells Prometheus."""
        return httpx.get(f"http://127.0.0.1:{self.metrics[service, verb]}/metrics", timeout=10, trust_env=False).text

    def logs(self) -> Iterator[tuple[str, str]]:
        """What every process has logged, by file."""
        for path in sorted(self.folder.glob("*.log")):
            yield path.name, path.read_text()

    def _ready(self, role: Role) -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{self.ports[role]}/health/ready", timeout=2, trust_env=False).status_code == 200
        except httpx.HTTPError:
            return False


@contextmanager
def run_fleet(
    folder: Path, new_database: Callable[[], str], bus_url: str, *, roles: Sequence[Role] = ROLES, **settings: str
) -> Iterator[Fleet]:
    """A migrated and running fleet; `settings` are environment variables without their prefix, for every process."""
    free = free_ports(2 * len(roles))
    ports = dict(zip(roles, free, strict=False))
    metrics = dict(zip(roles, free[len(roles) :], strict=True))
    private, public = new_key_pair()
    common = {
        "ENVIRONMENT": "development",
        "BUS_URL": bus_url,
        "PUBLIC_URL": f"http://127.0.0.1:{ports['gateway', 'serve']}",
        "GATEWAY_PRIVATE_KEY": private,
        "GATEWAY_PUBLIC_KEY": public,
        "KEY_PEPPER": secrets.token_hex(32),
        "SURVEY_KEY": secrets.token_hex(32),
        **{f"{service.upper()}_URL": f"http://127.0.0.1:{ports[service, 'serve']}" for service in SERVICES if service != "gateway"},
        **{name.upper(): value for name, value in settings.items()},
    }
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("ASSENT_")}
    environments = {
        service: {**inherited, **{f"ASSENT_{name}": value for name, value in {**common, "DATABASE_URL": new_database()}.items()}}
        for service in SERVICES
    }
    fleet = Fleet(folder, environments, ports, metrics)
    try:
        for service in SERVICES:
            fleet.run(service, "migrate")
        for service, verb in roles:
            fleet.start(service, verb)
        fleet.wait_until_ready()
        yield fleet
    finally:
        fleet.stop()


def bootstrap(fleet: Fleet) -> str:
    """The installation's first API key."""
    return fleet.run("gateway", "bootstrap").strip()
