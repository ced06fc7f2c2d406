"""A small client of the public API for the demo study: what anybody could write with curl, and nothing else.

Every creation carries an Idempotency-Key, so that it may be sent again when an answer is lost or the server is busy.
"""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from assent_standalone.demo.study import MEDIA_TYPE, Row

REQUESTS_AT_ONCE = 6
HOOK_CALLS_AT_ONCE = 10
ATTEMPTS = 8
LONGEST_PAUSE_SECONDS = 4.0
_BUSY = (429, 502, 503, 504)


class Refused(Exception):
    """The API has refused something; the message is its problem document in words."""


class Api:
    """The API of one study, under `/v1/studies/{study}`, with a bounded number of requests under way, and of hook calls beside them.

    `http` has the address as its base and the key in its `Authorization` header.
    """

    def __init__(self, http: httpx.AsyncClient, study: str) -> None:
        self._http = http
        self.study = study
        self._places = asyncio.Semaphore(REQUESTS_AT_ONCE)
        self._hook_places = asyncio.Semaphore(HOOK_CALLS_AT_ONCE)

    async def get(self, path: str, **query: Any) -> Row:
        """A resource."""
        return _json(await self._send("GET", self._at(path), params=query))

    def all(self, path: str) -> AsyncIterator[Row]:
        """All things of a list."""
        return everything(self._http, self._at(path))

    async def create(self, path: str, body: Row, *, key: str = "") -> Row:
        """Create something. `key` tells apart two creations with the same body."""
        headers = {"Idempotency-Key": _key(self.study, path, json.dumps(body, sort_keys=True), key)}
        return _json(await self._send("POST", self._at(path), json=body, headers=headers))

    async def put(self, path: str, body: Any) -> Row:
        """Set something, whole."""
        return _json(await self._send("PUT", self._at(path), json=body))

    async def upload(self, path: str, file: Path, metadata: Row) -> Row:
        """Upload a file with what is to be known of it."""
        parts = {"file": (file.name, file.read_bytes(), MEDIA_TYPE[file.suffix])}
        headers = {"Idempotency-Key": _key(self.study, path, file.name)}
        return _json(
            await self._send("POST", self._at(path), files=parts, data={"metadata": json.dumps(metadata)}, headers=headers)
        )

    async def call_hook(self, hook: str, raw: bytes, headers: Mapping[str, str]) -> None:
        """Call a connection's address as a survey platform does: no key, only the platform's own proof."""
        async with self._hook_places:
            await send(self._http, "POST", urlsplit(hook).path, content=raw, headers=dict(headers), with_key=False)

    def _at(self, path: str) -> str:
        return f"/v1/studies/{self.study}{path}"

    async def _send(self, method: str, path: str, **given: Any) -> httpx.Response:
        async with self._places:
            return await send(self._http, method, path, **given)


async def everything(http: httpx.AsyncClient, path: str) -> AsyncIterator[Row]:
    """All things of a list, page by page."""
    query: dict[str, Any] = {"limit": 500}
    while True:
        page = _json(await send(http, "GET", path, params=query))
        for item in page["items"]:
            yield item
        if not page.get("next"):
            return
        query = {"limit": 500, "cursor": page["next"]}


async def send(http: httpx.AsyncClient, method: str, path: str, *, with_key: bool = True, **given: Any) -> httpx.Response:
    """Send a request, again when the server is busy or away. Raises Refused for any other answer than success."""
    request = http.build_request(method, path, **given)
    if not with_key:
        del request.headers["authorization"]
    for attempt in range(ATTEMPTS):
        try:
            answer = await http.send(request)
        except httpx.TransportError as error:
            if attempt == ATTEMPTS - 1:
                raise Refused(f"{method} {path}: {type(error).__name__}") from error
            answer = None
        if answer is not None and answer.status_code not in _BUSY:
            break
        await asyncio.sleep(min(_pause(answer, attempt), LONGEST_PAUSE_SECONDS))
    if answer is None or answer.is_error:
        raise Refused(f"{method} {path}: {_problem(answer)}")
    return answer


def _pause(answer: httpx.Response | None, attempt: int) -> float:
    """What the server asks for, or twice as long each time."""
    asked = answer.headers.get("retry-after", "") if answer is not None else ""
    return float(asked) if asked.isdigit() else 0.1 * 2**attempt


def _problem(answer: httpx.Response | None) -> str:
    if answer is None:
        return "no answer"
    if "problem+json" not in answer.headers.get("content-type", ""):
        return f"{answer.status_code} {answer.text[:200]}"
    problem = answer.json()
    errors = "; ".join(f"{error['pointer']}: {error['message']}" for error in problem.get("errors", []))
    return f"{answer.status_code} {problem.get('code')}: {problem.get('detail') or problem.get('title')} {errors}".strip()


def _key(*parts: str) -> str:
    return "demo-" + hashlib.sha256("\n".join(parts).encode()).hexdigest()[:40]


def _json(answer: httpx.Response) -> Row:
    found: Row = answer.json()
    return found
