"""A survey service for the tests: its app, its worker by hand, and a researcher who sets things up over HTTP."""

import itertools
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import httpx
from sqlalchemy import text
from tests.support import TOKENS, client_of
from tests.survey.senders import COLLECTION, INSTRUMENT, SENDERS, Said

from assent_kit import outbox
from assent_kit.announcements import ANNOUNCEMENTS
from assent_kit.database import Database
from assent_kit.engines import write_engine
from assent_kit.outbox import OUTBOX
from assent_kit.tables import now
from assent_survey.app import SERVICE, create_app
from assent_survey.platforms import PLATFORMS
from assent_survey.platforms.face import PATH_SECRET
from assent_survey.service.work import apply_pending, purge
from assent_survey.settings import SurveySettings
from assent_survey.store.tables import Table

STUDY = "stu_a"
HOME = f"/v1/studies/{STUDY}"
_deliveries = itertools.count(1)


def settings_for(url: str, **changes: Any) -> SurveySettings:
    """Settings on a database."""
    return SurveySettings(environment="development", database_url=url, bus_url=url, gateway_public_key=TOKENS.public_key, **changes)


def make_tables(url: str) -> None:
    """Empty tables."""
    engine = write_engine(url, lanes=1)
    Table.metadata.create_all(engine)
    engine.dispose()


@dataclass
class Hook:
    """A connection as its platform sees it."""

    house: "House"
    id: str
    platform: str
    secret: str
    address: str

    async def send(self, said: Said, *, delivery: str | None = None, at: datetime | None = None, **changes: Any) -> httpx.Response:
        """Send what somebody said, signed; `changes` replace headers, and None removes one."""
        delivery = delivery or f"msg_{next(_deliveries)}"
        return await self.send_raw(SENDERS[self.platform].body(said, delivery), delivery=delivery, at=at, headers=changes)

    async def send_raw(
        self,
        raw: bytes,
        *,
        delivery: str = "msg_raw",
        at: datetime | None = None,
        secret: str | None = None,
        headers: Mapping[str, str | None] | None = None,
    ) -> httpx.Response:
        """Send bytes, signed."""
        raw = SENDERS[self.platform].sealed(raw, secret or self.secret)
        signed = PLATFORMS[self.platform].sign(raw, secret or self.secret, delivery=delivery, at=at or now())
        return await self.post(raw, {**signed, **(headers or {})})

    async def forge(self, raw: bytes, proof: str | None) -> httpx.Response:
        """Send bytes with this in the place of the proof, or without any."""
        sender = SENDERS[self.platform]
        raw = sender.sealed(raw, proof)
        headers: dict[str, str | None] = {**PLATFORMS[self.platform].sign(raw, self.secret, delivery="msg_forged", at=now())}
        return await self.post(raw, headers if sender.proof_header is None else {**headers, sender.proof_header: proof})

    async def post(self, raw: bytes, headers: Mapping[str, str | None]) -> httpx.Response:
        """Send bytes and headers as they are; PATH_SECRET is the end of the address."""
        sent = {name: value.encode() for name, value in headers.items() if value is not None}
        in_address = sent.pop(PATH_SECRET, b"").decode()
        return await self.house.platform.post(f"{self.address}/{in_address}".rstrip("/"), content=raw, headers=sent)


@dataclass
class House:
    """The service, a researcher's client and a platform's."""

    settings: SurveySettings
    database: Database
    client: httpx.AsyncClient = field(init=False)
    platform: httpx.AsyncClient = field(init=False)

    def __post_init__(self) -> None:
        app = create_app(self.settings, self.database)
        self.client, self.platform = client_of(app), client_of(app)
        self.client.event_hooks["request"].append(_authorise)  # tokens are short-lived, and a test may be long

    def as_role(self, role: str, study: str = STUDY) -> dict[str, str]:
        """Headers of somebody with another role."""
        return TOKENS.headers(study, role=role)

    async def collection(self, instrument: dict[str, Any] = INSTRUMENT, **facts: Any) -> str:
        """Publish the instrument and open a collection of it."""
        made = await self.client.post(f"{HOME}/instruments", json=instrument)
        assert made.status_code == 201, made.text
        published = await self.client.post(f"{made.headers['location']}/publish")
        assert published.status_code == 201, published.text
        opened = await self.client.post(f"{HOME}/collections", json={"instrument": made.json()["id"], **COLLECTION, **facts})
        assert opened.status_code == 201, opened.text
        return str(opened.json()["id"])

    async def hook(self, platform: str, collection: str | None = None, **changes: Any) -> Hook:
        """Connect a platform; its secret is set, whoever makes it."""
        wanted = {
            "platform": platform,
            "collection": collection or await self.collection(),
            "mapping": SENDERS[platform].mapping,
            **changes,
        }
        made = await self.client.post(f"{HOME}/connections", json=wanted)
        assert made.status_code == 201, made.text
        secret = made.json().get("secret")
        if secret is None:
            secret = PLATFORMS[platform].new_secret()
            assert (await self.client.put(f"{made.headers['location']}/secret", json={"secret": secret})).status_code == 200
        connection = made.json()["id"]
        return Hook(self, connection, platform, secret, f"/v1/hooks/{connection}")

    def work(self) -> None:
        """Apply everything that waits."""
        while apply_pending(self.database, self.settings):
            pass

    def purge(self) -> None:
        """Delete everything that has expired."""
        while purge(self.database, self.settings):
            pass

    async def get(self, path: str, **query: Any) -> Any:
        """The body of a GET that succeeds."""
        got = await self.client.get(f"{HOME}{path}", params=query)
        assert got.status_code == 200, got.text
        return got.json()

    async def responses(self, **query: Any) -> list[dict[str, Any]]:
        """Responses as they stand."""
        return list((await self.get("/responses", limit=500, **query))["items"])

    async def deliveries(self, **query: Any) -> list[dict[str, Any]]:
        """Deliveries in order of arrival."""
        return list((await self.get("/deliveries", limit=500, **query))["items"])

    def events(self, topic: str = "assent.survey.responses") -> list[dict[str, Any]]:
        """Events that wait to be published, each with its `type`, `version`, `key` and `state`: what was announced, as it would be
        said now, then the others, oldest first."""

        def read(session: Any) -> list[dict[str, Any]]:
            announced = session.execute(ANNOUNCEMENTS.select().where(ANNOUNCEMENTS.c.topic == topic)).all()
            compose = SERVICE.composers.get(topic)
            events = [event for row in announced if compose for event in compose(session, row.first, row.last, 10_000)]
            said = [SimpleNamespace(**outbox.compose(event)) for event in events]
            rows = session.execute(OUTBOX.select().where(OUTBOX.c.aggregatetype == topic).order_by(OUTBOX.c.position)).all()
            return [
                {
                    "type": row.type,
                    "version": row.version,
                    "key": row.aggregateid,
                    "state": json.loads(row.payload) if row.payload else None,
                }
                for row in [*said, *rows]
            ]

        return self.database.read_blocking(read)

    def everything(self) -> str:
        """Every value of every table as one text, to search for what must not be there."""

        def read(session: Any) -> str:
            return "\n".join(
                repr(tuple(row))
                for table in Table.metadata.sorted_tables
                for row in session.execute(text(f"SELECT * FROM {table.name}"))
            )

        return self.database.read_blocking(read)


async def _authorise(request: httpx.Request) -> None:
    """Sign in whoever did not say who they are."""
    request.headers.setdefault("Authorization", TOKENS.headers(STUDY)["Authorization"])
