"""What journeys and fault tests start from: the demo study, a broker, an installation in one process."""

import signal
from collections.abc import AsyncIterator, Iterator
from io import StringIO
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from rich.console import Console
from tests.e2e.journey import Installation, Study
from tests.e2e.one_process import OneProcess
from tests.kafka.broker import Cluster, run_cluster

from assent_standalone.demo import load
from assent_standalone.demo.client import Api


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def study(installation: Installation) -> AsyncIterator[Study]:
    """Loaded through the public API, as `make demo` does it."""
    headers = {"Authorization": f"Bearer {installation.key}"}
    async with httpx.AsyncClient(base_url=installation.address, headers=headers, timeout=60, trust_env=False) as http:
        loaded = await load.load(http, Console(file=StringIO()))
        yield Study(http, Api(http, loaded.study), loaded.proposals)


@pytest.fixture
def one_process(tmp_path: Path) -> Iterator[OneProcess]:
    process = OneProcess(tmp_path)
    process.start()
    yield process
    process.end(signal.SIGKILL)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A broker that a module's tests may stop."""
    with run_cluster(tmp_path_factory.mktemp("kafka")) as cluster:
        yield cluster
