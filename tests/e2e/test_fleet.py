"""The journey as operators run it: ten processes, PostgreSQL, Apache Kafka."""

import asyncio
import re
from collections.abc import Iterator

import pytest
from tests.e2e.fleet import SERVICES, Fleet, bootstrap, run_fleet
from tests.e2e.journey import Installation, Journey, Study
from tests.kafka.broker import Cluster
from tests.postgres.server import databases_on

from assent_kit.bus import open_bus

QUICK = {"compaction_lag_seconds": "1", "segment_seconds": "1", "file_delete_delay_seconds": "1"}


@pytest.fixture(scope="module")
def fleet(cluster: Cluster, postgres: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    folder = tmp_path_factory.mktemp("fleet")
    with databases_on(postgres) as new_database, run_fleet(folder, new_database, cluster.url, **QUICK) as fleet:
        yield fleet
        for name, log in fleet.logs():
            assert '"level": "error"' not in log, f"{name}: {log[-3000:]}"


@pytest.fixture(scope="module")
def installation(fleet: Fleet, cluster: Cluster) -> Iterator[Installation]:
    with open_bus(cluster.url) as bus:
        yield Installation(
            address=fleet.address,
            key=bootstrap(fleet),
            bus=bus,
            databases={service: fleet.environments[service]["ASSENT_DATABASE_URL"] for service in SERVICES},
            files=[broker.logs for broker in cluster.brokers],
        )


@pytest.mark.e2e
@pytest.mark.kafka
@pytest.mark.postgres
@pytest.mark.timeout(600)
class TestFleet(Journey):
    """On servers started for it."""

    async def test_a_replay_is_told_while_it_lasts_and_ends_with_the_same_view(self, study: Study, fleet: Fleet) -> None:
        path = f"/v1/studies/{study.api.study}/proposals/{next(iter(study.proposals.values()))}/evidence"
        before = (await study.http.get(path)).headers["etag"]
        replaying = asyncio.create_task(asyncio.to_thread(fleet.run, "analytics", "replay"))
        told: list[bool] = []
        while not replaying.done():
            seen = await study.http.get(path)
            told.append(seen.json().get("rebuilding", False))
            assert told[-1] or seen.headers["etag"] == before
        assert (await replaying).startswith("Rebuilt from ")
        assert True in told
        assert (await study.http.get(path)).headers["etag"] == before

    async def test_each_process_is_measured_by_route_and_names_nobody(self, study: Study, fleet: Fleet) -> None:
        measured = {role: fleet.measured(*role) for role in fleet.processes}
        assert 'route="/v1/studies/{study}/proposals/{proposal}/evidence"' in measured["analytics", "serve"]
        assert 'route="analytics/proposals"' in measured["gateway", "serve"]
        for service in ("gateway", "ingest", "survey", "qual"):
            assert f'assent_outbox_age_seconds{{service="{service}"}}' in measured[service, "consume"]
        assert 'assent_consumer_last_commit_seconds{service="analytics"}' in measured["analytics", "consume"]
        for role, text in measured.items():
            assert not re.findall(r'="[a-z]{3}_[0-9A-Z]{26}', text), role
