"""The address that survey platforms call. This is the hot path: no model, no session and no query per delivery, one durable insert.

Answers: 200 when the delivery is durable (applied later, or quarantined until its secret is set), 401 when it is not genuine, 404 for an
address that never was, 410 for a deleted connection, 413 for a body over the limit, and 503 for everything that may pass, because
platforms try again after a 503 and some of them give up for ever after anything else.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Mapping
from typing import Any

from fastapi import APIRouter, Request, Response
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from assent_kit.database import Database
from assent_kit.problems import NotFound, Problem, TooLarge, Unavailable, problems
from assent_kit.routing import BareRoute
from assent_kit.tables import now
from assent_survey.platforms.alchemer import Alchemer
from assent_survey.platforms.face import PATH_SECRET
from assent_survey.platforms.form_bodies import URLENCODED
from assent_survey.problems import ConnectionGone, MalformedSignature, QuarantineFull, StaleTimestamp, Unsigned, WrongSignature
from assent_survey.service.keys import Keys
from assent_survey.service.receive_delivery import (
    Arrival,
    Door,
    DoorHasChanged,
    meet,
    quarantine_delivery,
    read_door,
    receive_deliveries,
)
from assent_survey.settings import SurveySettings

DOOR_SECONDS = 2.0
"""How long a door is trusted. Another process may have changed the connection meanwhile."""

ADDRESS = "/v1/hooks/{connection}"
CONNECTION: dict[str, Any] = {"name": "connection", "in": "path", "required": True, "schema": {"type": "string"}}
SECRET: dict[str, Any] = {"name": "secret", "in": "path", "required": True, "schema": {"type": "string"}}
"""The address ends in a secret where a platform can prove itself in no other way."""
_NAMED, _NAMED_WITH_SECRET = {"parameters": [CONNECTION]}, {"parameters": [CONNECTION, SECRET]}

logger = logging.getLogger(__name__)
routes = APIRouter(prefix=ADDRESS, tags=["hooks"])
routes_with_secret = APIRouter(prefix=f"{ADDRESS}/{{secret}}", tags=["hooks"])


class Doors:
    """The doors of connections, kept for a moment; each is read by one request at a time however many wait for it."""

    def __init__(self, database: Database, settings: SurveySettings) -> None:
        self._database = database
        self._keys = Keys.of(settings)
        self._limit = settings.survey_quarantine_limit
        self._doors: dict[str, tuple[float, Door]] = {}
        self._reading: dict[str, asyncio.Task[Door | None]] = {}

    async def find(self, connection: str) -> Door:
        """The door of a connection. Raises NotFound, ConnectionGone, Unavailable."""
        known = self._doors.get(connection)
        door = known[1] if known is not None and known[0] > time.monotonic() else await self._read(connection)
        if door is None:
            raise NotFound
        if door.deleted:
            raise ConnectionGone
        return door

    def forget(self, connection: str) -> None:
        """Read it again at the next delivery."""
        self._doors.pop(connection, None)
        self._reading.pop(connection, None)

    async def _read(self, connection: str) -> Door | None:
        reading = self._reading.get(connection)
        if reading is None:
            reading = asyncio.create_task(self._database.read(read_door, connection, self._keys, limit=self._limit))
            self._reading[connection] = reading
        try:
            door = await asyncio.shield(reading)
            if door is not None and self._reading.get(connection) is reading:  # nobody said meanwhile to forget it
                self._doors[connection] = (time.monotonic() + DOOR_SECONDS, door)
        finally:
            if self._reading.get(connection) is reading:
                del self._reading[connection]
        return door


async def deliver(scope: Scope, receive: Receive, send: Send) -> None:
    """Take a delivery. It is durable when this answers 200."""
    answer = await _take(scope, read_body(receive, scope["app"].state.settings.survey_hook_bytes), sent_headers(scope))
    await answer(scope, receive, send)


async def deliver_with_secret(scope: Scope, receive: Receive, send: Send) -> None:
    """Take a delivery of a platform that can prove itself by the address alone. It is durable when this answers 200."""
    await deliver(scope, receive, send)


_DELIVERED: dict[str, Any] = {
    "methods": ["POST"],
    "tags": ["hooks"],
    "responses": problems(
        Unsigned,
        MalformedSignature,
        WrongSignature,
        StaleTimestamp,
        NotFound,
        ConnectionGone,
        TooLarge,
        Unavailable,
        QuarantineFull,
    ),
}
BARE = BareRoute(ADDRESS, deliver, openapi_extra=_NAMED, **_DELIVERED)
BARE_WITH_SECRET = BareRoute(f"{ADDRESS}/{{secret}}", deliver_with_secret, openapi_extra=_NAMED_WITH_SECRET, **_DELIVERED)
BARE_AFTER_A_SLASH = tuple(
    BareRoute(f"{ADDRESS}{path}/", deliver, methods=["POST"], include_in_schema=False) for path in ("", "/{secret}")
)
"""Where an address was entered with a slash at its end: for a 404 some platforms switch the webhook off."""


@routes.get("", openapi_extra=_NAMED)
@routes.get("/", include_in_schema=False)
@routes.head("", include_in_schema=False)
@routes.head("/", include_in_schema=False)
@routes_with_secret.get("", include_in_schema=False)
@routes_with_secret.get("/", include_in_schema=False)
@routes_with_secret.head("", include_in_schema=False)
@routes_with_secret.head("/", include_in_schema=False)
async def greet(request: Request) -> Response:
    """Platforms ask whether the address is there before they use it; one of them may deliver so, in the query."""
    door = await request.app.state.doors.find(request.path_params["connection"])
    query, shows_secret = request.scope["query_string"], "secret" in request.path_params
    if request.method == "GET" and query and shows_secret and isinstance(door.platform, Alchemer):
        return await _take(request.scope, _as_body(query), {**sent_headers(request.scope), "content-type": URLENCODED})
    return Response(status_code=200)


async def _as_body(query: bytes) -> bytes:
    return query


async def _take(scope: Scope, body: Awaitable[bytes], headers: Mapping[str, str]) -> Response:
    """Keep a delivery, and what is answered. Raises Problem."""
    state, connection = scope["app"].state, scope["path_params"]["connection"]
    try:
        arrival = await _keep(state, connection, await body, headers)
    except (Problem, ClientDisconnect):
        raise
    except Exception as error:
        logger.exception("a delivery could not be kept", extra={"connection": connection})
        raise Unavailable(detail="the delivery could not be kept") from error
    if arrival.problem is not None:
        raise arrival.problem(arrival.detail)
    return Response(b'{"delivery":"%s"}' % arrival.row["id"].encode(), media_type="application/json")


async def _keep(state: Any, connection: str, raw: bytes, headers: Mapping[str, str]) -> Arrival:
    """Verify a delivery and keep it, if need be apart. A door that has changed meanwhile is tried once more. Raises Problem."""
    for _ in range(2):
        door = await state.doors.find(connection)
        arrival = meet(door, raw, headers, now())
        if arrival.row["state"] != "quarantined":
            if door.full:
                raise QuarantineFull
            await state.database.write_bulk(receive_deliveries, arrival.row)
            return arrival
        try:
            await _quarantine(state, door, arrival)
        except DoorHasChanged:
            state.doors.forget(connection)
        else:
            return arrival
    raise Unavailable(detail="the connection is being changed")


async def _quarantine(state: Any, door: Door, arrival: Arrival) -> None:
    keys, limit = Keys.of(state.settings), state.settings.survey_quarantine_limit
    try:
        await state.database.write(quarantine_delivery, arrival.row, keys=keys, door_version=door.version, limit=limit)
    except QuarantineFull:
        if arrival.problem is None:
            raise


def sent_headers(scope: Scope) -> dict[str, str]:
    """The headers as platforms read them: lower-case, without spaces around the values, of which the server leaves those at the end,
    and the secret at the end of the address among them.
    """
    headers = {name.decode("latin-1"): value.strip(b" \t").decode("latin-1") for name, value in scope["headers"]}
    if "secret" in scope["path_params"]:
        headers[PATH_SECRET] = scope["path_params"]["secret"]
    return headers


async def read_body(receive: Receive, limit: int) -> bytes:
    """The raw body. Raises TooLarge as soon as it is over the limit, and ClientDisconnect."""
    chunks: list[bytes] = []
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        chunks.append(message.get("body", b""))
        size, more = size + len(chunks[-1]), message.get("more_body", False)
        if size > limit:
            raise TooLarge
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)
