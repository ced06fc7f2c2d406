"""The keys with which an OIDC issuer signs, fetched when they are needed and kept.

They are fetched again only for a key id that is not known, at most once in a cool-down: a caller who invents key ids must not make us
call the issuer. When the issuer is away, keys are used for a day longer.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, cast

import httpx
import jwt

from assent_kit.problems import Unavailable

COOL_DOWN_SECONDS = 30.0
STALE_SECONDS = 24 * 3600.0
FETCH_SECONDS = 5.0

KeySet = dict[str, Any]


class SigningKeys:
    """Keys by their id. `fetch` answers a JWKS document, and may raise anything."""

    def __init__(self, fetch: Callable[[], Awaitable[KeySet]], *, clock: Callable[[], float] = time.monotonic) -> None:
        self._fetch = fetch
        self._clock = clock
        self._keys: dict[str, jwt.PyJWK] = {}
        self._fetched_at = float("-inf")
        self._tried_at = float("-inf")
        self._one_at_a_time = asyncio.Lock()

    async def find(self, key_id: str) -> jwt.PyJWK | None:
        """The key; None when the issuer has no such key. Raises Unavailable when that cannot be known."""
        if key_id not in self._keys or self._age() > STALE_SECONDS:
            async with self._one_at_a_time:
                if key_id not in self._keys or self._age() > STALE_SECONDS:
                    await self._refresh()
        if self._age() > STALE_SECONDS:
            raise Unavailable("the identity provider's keys cannot be fetched")
        return self._keys.get(key_id)

    def _age(self) -> float:
        return self._clock() - self._fetched_at

    async def _refresh(self) -> None:
        if self._clock() - self._tried_at < COOL_DOWN_SECONDS:
            return
        self._tried_at = self._clock()
        try:
            found = _keys_in(await self._fetch())
        except Exception:  # away, or talking nonsense: what we have is used until it is too old
            return
        if found:  # an empty set is a fault of the issuer's, not an answer
            self._keys = found
            self._fetched_at = self._clock()


def fetcher(address: str) -> Callable[[], Awaitable[KeySet]]:
    """A `fetch` for an https (or, in development, http) address or a file."""

    async def fetch() -> KeySet:
        if address.startswith("file://"):
            text = await asyncio.to_thread(Path(address.removeprefix("file://")).read_text)
            return cast(KeySet, json.loads(text))
        async with httpx.AsyncClient(timeout=FETCH_SECONDS, follow_redirects=False) as client:
            answer = await client.get(address)
            return cast(KeySet, answer.raise_for_status().json())

    return fetch


def _keys_in(document: KeySet) -> dict[str, jwt.PyJWK]:
    """The signature keys of a JWKS that have an id; others in it, such as encryption keys, are passed over."""
    found = {}
    for entry in document["keys"]:
        if entry.get("use", "sig") != "sig" or not isinstance(entry.get("kid"), str) or entry.get("kty") == "oct":
            continue
        try:
            found[entry["kid"]] = jwt.PyJWK(entry)
        except jwt.PyJWTError:
            continue
    return found
