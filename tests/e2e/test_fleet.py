"""The journey as operators run it: ten processes, PostgreSQL, Apache Kafka."""

from collections.abc import Iterator

import pytest
from tests.e2e.fleet import SERVICES, bootstrap, run_fleet
from tests.e2e.journey import Installation, Journey
from tests.kafka.broker import Cluster, run_cluster
from tests.postgres.server import databases_on

from assent_kit.bus import open_bus

QUICK = {"compaction_lag_seconds": "1", "segment_seconds": "1", "file_delete_delay_seconds": "1"}


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with run_cluster(tmp_path_factory.mktemp("kafka")) as cluster:
        yield cluster


@pytest.fixture(scope="module")
def installation(cluster: Cluster, postgres: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("fleet")
    with databases_on(postgres) as new_database, run_fleet(folder, new_database, cluster.url, **QUICK) as fleet:
        with open_bus(cluster.url) as bus:
            yield Installation(
                address=fleet.address,
                key=bootstrap(fleet),
                bus=bus,
                databases={service: fleet.environments[service]["ASSENT_DATABASE_URL"] for service in SERVICES},
                files=[broker.logs for broker in cluster.brokers],
            )
        for name, log in fleet.logs():
            assert '"level": "error"' not in log, f"{name}: {log[-3000:]}"


@pytest.mark.e2e
@pytest.mark.kafka
@pytest.mark.postgres
@pytest.mark.timeout(600)
class TestFleet(Journey):
    """On servers started for it."""
