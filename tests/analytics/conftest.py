"""Analytics with a study in it, in front of owners of texts that can be sent away."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.analytics.parents import STUDY, record, whole_study
from tests.support import TOKENS, client_of

from assent_analytics.app import create_app
from assent_analytics.consumers import consumers
from assent_analytics.settings import AnalyticsSettings
from assent_analytics.store.tables import Table
from assent_contracts.events.state import State
from assent_contracts.registry import EventType
from assent_kit.applying import Applier
from assent_kit.bus import Record
from assent_kit.database import Database
from assent_kit.engines import write_engine


class Owner:
    """The owner of some texts, over HTTP. It knows a text for every id but those it withholds, and remembers how it was asked."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.away = False
        self.silent = False
        self.nonsense: Any = None
        self.withheld: set[str] = set()
        self.asked: list[tuple[dict[str, Any], str]] = []

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content)
        self.asked.append((body, request.headers["authorization"]))
        if self.away:
            raise httpx.ConnectError("nobody there")
        if self.silent:
            await asyncio.Event().wait()
        if self.nonsense is not None:
            return httpx.Response(200, json=self.nonsense)
        texts = [{"id": id_, "text": f"words of {id_}"} for id_ in body["ids"] if id_ not in self.withheld]
        return httpx.Response(200, json={"items": texts})


class Analytics:
    """The service under test: what it hears, and a client for each role."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.database = Database(self.url)
        self.owners = {"ingest": Owner("ingest"), "qual": Owner("qual")}
        settings = AnalyticsSettings(
            environment="development",
            database_url=self.url,
            bus_url=self.url,
            gateway_public_key=TOKENS.public_key,
            texts_deadline_seconds=0.2,
        )
        clients = {
            name: httpx.AsyncClient(transport=httpx.MockTransport(owner), base_url=f"http://{name}")
            for name, owner in self.owners.items()
        }
        self.app = create_app(settings, self.database, clients)
        self.client = client_of(self.app)
        self._applier = Applier("analytics", consumers, self.database)

    def hear(self, *events: tuple[EventType, State], version: int = 1) -> None:
        """Apply these events as the consumer does."""
        self.hear_records([record(event, state, version=version) for event, state in events])

    def hear_removal(self, event: EventType, key: str, *, version: int = 2) -> None:
        """Apply a tombstone."""
        self.hear_records([record(event, None, key=key, version=version)])

    def hear_records(self, records: Iterable[Record]) -> None:
        """Apply records; none may be poison."""
        batch = list(records)
        assert self._applier.apply(batch) <= len(batch)

    async def ask(
        self, method: str, path: str, *, role: str = "owner", study: str = STUDY, headers: dict[str, str] | None = None, **more: Any
    ) -> httpx.Response:
        """A request in a study, as somebody with a role."""
        all_headers = {**TOKENS.headers(study, role=role), **(headers or {})}
        return await self.client.request(method, f"/v1/studies/{study}{path}", headers=all_headers, **more)

    async def get(self, path: str, **more: Any) -> Any:
        """The JSON of a GET that must succeed."""
        answer = await self.ask("GET", path, **more)
        assert answer.status_code == 200, answer.text
        return answer.json()


def make_tables(url: str) -> None:
    """The service's tables in an empty database."""
    engine = write_engine(url, lanes=1)
    Table.metadata.create_all(engine)
    engine.dispose()


@pytest.fixture(scope="session")
def studies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Databases to copy: `empty.db`, and `heard.db` that has heard the whole study."""
    folder = tmp_path_factory.mktemp("analytics")
    make_tables(f"sqlite:///{folder}/empty.db")
    shutil.copy(folder / "empty.db", folder / "heard.db")
    hear_into(folder / "heard.db", whole_study())
    return folder


def hear_into(file: Path, events: Iterable[tuple[EventType, State]]) -> None:
    """Apply events to a database that is to be copied."""
    database = Database(f"sqlite:///{file}")
    Applier("analytics", consumers, database).apply([record(event, state) for event, state in events])
    database.checkpoint_blocking()
    database.close()


@pytest.fixture
async def empty(studies: Path, tmp_path: Path) -> AsyncIterator[Analytics]:
    """Analytics that has heard nothing."""
    async with started(shutil.copy(studies / "empty.db", tmp_path / "analytics.db")) as analytics:
        yield analytics


@pytest.fixture
async def analytics(studies: Path, tmp_path: Path) -> AsyncIterator[Analytics]:
    """Analytics that has heard the whole study."""
    async with started(shutil.copy(studies / "heard.db", tmp_path / "analytics.db")) as analytics:
        yield analytics


@asynccontextmanager
async def started(file: Path) -> AsyncIterator[Analytics]:
    analytics = Analytics(f"sqlite:///{file}")
    yield analytics
    await analytics.client.aclose()
    analytics.database.close()
