"""A study's talk to test with: the service under test, and the steps that most tests begin with."""

import json
from typing import Any

import httpx
from sqlmodel import Session, select
from tests.support import TOKENS, client_of

from assent_kit.database import Database
from assent_kit.engines import write_engine
from assent_qual.app import create_app
from assent_qual.settings import QualSettings
from assent_qual.store.tables import Outbox

STUDY = "stu_a"
HOME = f"/v1/studies/{STUDY}"
ALL_USES = ("take_part", "record", "quote", "publish_online", "archive", "reuse", "recontact", "machine_assist")

GROUP_TALK = """WEBVTT

00:00:00.000 --> 00:00:04.000
<v Moderator Ruth>What would you say to a list of families?</v>

00:00:04.000 --> 00:00:09.000
<v Jane O&#39;Dell>I would want to be asked first.</v>

00:00:09.000 --> 00:00:14.000
<v Samira Khan>They never ask. They flagged my sister.</v>

00:00:14.000 --> 00:00:18.000
<v Jane O&#39;Dell>Nobody told us either.</v>
"""
MODERATOR, JANE, SAMIRA = "Moderator Ruth", "Jane O'Dell", "Samira Khan"


class Qual:
    """The service on a database with its tables, spoken to over HTTP."""

    def __init__(self, url: str, **settings: Any) -> None:
        self.url = url
        self.database = Database(url)
        known = QualSettings(
            environment="development", database_url=url, bus_url="sqlite://", gateway_public_key=TOKENS.public_key, **settings
        )
        self.client: httpx.AsyncClient = client_of(create_app(known, self.database))
        self.client.headers.update(TOKENS.headers(STUDY, subject="ruth"))

    async def close(self) -> None:
        """Let go of client and database."""
        await self.client.aclose()
        self.database.close()

    async def made(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """POST what must succeed with 201."""
        answered = await self.client.post(f"{HOME}/{path}", json=body)
        assert answered.status_code == 201, answered.text
        found: dict[str, Any] = answered.json()
        return found

    async def participant(self, pseudonym: str = "Ash", *, uses: dict[str, bool] | None = None, **attributes: str) -> str:
        """A participant who has consented to these uses (to all, when left out)."""
        id: str = (await self.made("participants", {"pseudonym": pseudonym, "attributes": attributes}))["id"]
        await self.consent(id, uses or dict.fromkeys(ALL_USES, True))
        return id

    async def consent(self, participant: str, uses: dict[str, bool], decision: str = "given", **more: Any) -> httpx.Response:
        """An entry of the ledger."""
        body = {"decision": decision, "uses": uses, "mode": "online", "taken_by": "ruth", **more}
        if decision == "given":
            body = {"form_version": "v2", "language": "en-GB", **body}
        return await self.client.post(f"{HOME}/participants/{participant}/consents", json=body)

    async def session(self, **more: Any) -> str:
        """A focus group."""
        id: str = (await self.made("sessions", {"kind": "focus_group", "title": "Group 1", **more}))["id"]
        return id

    async def upload(
        self, session: str, content: str | bytes, name: str = "talk.vtt", *, headers: dict[str, str] | None = None, **metadata: Any
    ) -> httpx.Response:
        """Send a transcript file."""
        data = content.encode() if isinstance(content, str) else content
        files = {"file": (name, data, "application/octet-stream"), "metadata": (None, json.dumps(metadata), "application/json")}
        return await self.client.post(f"{HOME}/sessions/{session}/transcript", files=files, headers=headers)

    async def code(self, name: str = "consent sought", role: str = "condition", **more: Any) -> str:
        """A code."""
        id: str = (await self.made("codes", {"name": name, "role": role, "definition": "what it means", **more}))["id"]
        return id

    async def coding(self, session: str, code: str, start: tuple[int, int], end: tuple[int, int], **more: Any) -> str:
        """A coding from (turn, offset) to (turn, offset)."""
        span = {"start": {"turn": start[0], "offset": start[1]}, "end": {"turn": end[0], "offset": end[1]}}
        id: str = (await self.made(f"sessions/{session}/codings", {**span, "code": code, **more}))["id"]
        return id

    async def turns(self, session: str) -> list[dict[str, Any]]:
        """The turns of a session."""
        found: list[dict[str, Any]] = (await self.client.get(f"{HOME}/sessions/{session}/turns?limit=500")).json()["items"]
        return found

    async def texts(self, *ids: str, use: str = "quote", role: str = "analyst") -> dict[str, dict[str, str]]:
        """`{items: {id: text}, withheld: {id: reason}}` of a batch of excerpts."""
        headers = TOKENS.headers(STUDY, role=role)
        answered = await self.client.post(f"{HOME}/excerpts/texts", json={"ids": ids, "use": use}, headers=headers)
        assert answered.status_code == 200, answered.text
        body = answered.json()
        return {
            "items": {one["id"]: one["text"] for one in body["items"]},
            "withheld": {one["id"]: one["reason"] for one in body["withheld"]},
        }

    def events(self, topic: str) -> list[tuple[str, int, dict[str, Any] | None]]:
        """What waits to be said on a topic: key, version and state (None for a tombstone)."""

        def waiting(session: Session) -> list[tuple[str, int, dict[str, Any] | None]]:
            rows = session.exec(select(Outbox).where(Outbox.aggregatetype == topic).order_by(Outbox.position))
            return [(row.aggregateid, row.version, json.loads(row.payload) if row.payload else None) for row in rows]

        return self.database.read_blocking(waiting)

    def everything(self) -> str:
        """Every value of every table, as one text."""
        engine = write_engine(self.url, lanes=1)
        try:
            with engine.connect() as connection:
                tables = Outbox.metadata.sorted_tables
                rows = [row for table in tables for row in connection.execute(table.select())]
        finally:
            engine.dispose()
        return "\n".join(repr(tuple(row)) for row in rows)
