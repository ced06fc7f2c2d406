"""A gateway as the tests meet it, with fake services that tell what reached them."""

import json
from collections.abc import Mapping
from typing import Any, Self

import httpx
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assent_gateway.app import create_app
from assent_gateway.service.issue_key import create_first_key
from assent_gateway.settings import GatewaySettings
from assent_kit.database import Database
from assent_kit.tokens import TokenVerifier, new_key_pair, public_key_of
from assent_kit.upstream import AsgiUpstream, Upstream

PRIVATE_KEY, _ = new_key_pair()
PEPPER = "a pepper for the tests, long enough to be accepted"
SERVICES = ("ingest", "survey", "qual", "analytics")


def settings_for(database_url: str, **changes: object) -> GatewaySettings:
    """Settings of a development gateway."""
    return GatewaySettings(
        **{
            "environment": "development",
            "database_url": database_url,
            "bus_url": "sqlite:///unused.db",
            "gateway_private_key": PRIVATE_KEY,
            "key_pepper": PEPPER,
            "public_url": "http://gateway",
            **changes,
        }  # type: ignore[arg-type]
    )


def claims_of(headers: Mapping[str, str]) -> Any:
    """What the gateway's token in these request headers says."""
    return TokenVerifier(public_key_of(PRIVATE_KEY)).verify(headers["authorization"].removeprefix("Bearer "))


class Echo:
    """A fake service: answers with what reached it, and keeps it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.seen: list[dict[str, Any]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        body = await read_all(receive)
        if body is None:
            return
        headers = [(name.decode(), value.decode("latin-1")) for name, value in scope["headers"]]
        told = {
            "service": self.name,
            "method": scope["method"],
            "path": scope["path"],
            "query": scope["query_string"].decode(),
            "headers": dict(headers),
            "names": [name for name, _ in headers],
            "body": body.decode("latin-1"),
        }
        self.seen.append(told)
        await answer(
            send, 200, json.dumps(told).encode(), {"connection": "x-secret", "x-secret": "1", "etag": '"7"', "server": "echo"}
        )


async def read_all(receive: Receive) -> bytes | None:
    """The whole body; None when the sender left."""
    body = bytearray()
    while True:
        message: Message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        if not message.get("more_body"):
            return bytes(body)


async def answer(send: Send, status: int, body: bytes, headers: Mapping[str, str] | None = None) -> None:
    """A whole answer."""
    sent = [(name.encode(), value.encode()) for name, value in {"content-type": "application/json", **(headers or {})}.items()]
    await send({"type": "http.response.start", "status": status, "headers": [*sent, (b"content-length", str(len(body)).encode())]})
    await send({"type": "http.response.body", "body": body})


class House:
    """The gateway, a client that may open studies, and the fake services."""

    def __init__(self, settings: GatewaySettings, database: Database, upstreams: Mapping[str, Upstream] | None = None) -> None:
        self.settings = settings
        self.database = database
        self.services = {name: Echo(name) for name in SERVICES}
        upstreams = upstreams or {name: AsgiUpstream(echo) for name, echo in self.services.items()}
        self.app: ASGIApp = create_app(settings, database, upstreams=upstreams)
        self.first_key = database.write_blocking(create_first_key, pepper=PEPPER, another=True)
        self.client = self.client_with(self.first_key.secret)

    def client_with(self, credential: str | None) -> httpx.AsyncClient:
        """A client that sends this key or token."""
        headers = {"Authorization": f"Bearer {credential}"} if credential else {}
        transport = httpx.ASGITransport(app=self.app, raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url="http://gateway", headers=headers)

    async def open_study(self, title: str = "A study") -> str:
        """A study of the first key's; answers its path."""
        made = await self.client.post("/v1/studies", json={"title": title})
        assert made.status_code == 201, made.text
        return made.headers["location"]

    async def member(self, study: str, role: str) -> httpx.AsyncClient:
        """Somebody with a role in a study."""
        made = await self.client.post(f"{study}/keys", json={"name": role, "role": role})
        assert made.status_code == 201, made.text
        return self.client_with(made.json()["secret"])

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.client.aclose()
