"""The journey in one process: SQLite, the built-in log, real HTTP."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.e2e.journey import Installation, Journey
from tests.kafka.broker import free_ports
from tests.support import eventually_blocking

from assent_gateway.service.issue_key import create_first_key
from assent_kit.server import server_for
from assent_standalone.process import SERVICES, Process

QUICK = {"compaction_lag_seconds": 0.5, "segment_seconds": 0.5, "file_delete_delay_seconds": 0.5}


@contextmanager
def served(process: Process, port: int) -> Iterator[None]:
    """The gateway on a port, in a thread of its own."""
    server = server_for(process.app, host="127.0.0.1", port=port)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    eventually_blocking(lambda: server.started)
    yield
    server.should_exit = True
    thread.join(timeout=20)


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("one-process")
    (port,) = free_ports(1)
    address = f"http://127.0.0.1:{port}"
    with Process(folder, public_url=address, **QUICK) as process:
        process.start()
        with served(process, port):
            key = process.databases["gateway"].write_blocking(create_first_key, pepper=process.secrets.key_pepper)
            yield Installation(
                address=address,
                key=key.secret,
                bus=process.bus,
                databases={name: process.installation.database_url(name) for name in SERVICES},
                files=[Path(folder)],
            )
    assert not process.failed


@pytest.mark.e2e
@pytest.mark.timeout(300)
class TestOneProcess(Journey):
    """On a folder."""
