"""What several tests need: the reference data, and waiting for a condition instead of sleeping."""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import httpx
import pytest
from starlette.types import ASGIApp

from assent_kit.tokens import TokenMinter, new_key_pair

T = TypeVar("T")

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared" / "data"
IN_CI = os.environ.get("CI") == "true"

slow = pytest.mark.skipif(not IN_CI, reason="takes most of a minute; always run in CI (CI=true makes it run here)")


def shared(*parts: str) -> Path:
    """A file or folder of the reference data; skips the test when it is absent, and fails instead in CI."""
    path = SHARED.joinpath(*parts)
    if not path.exists():
        if IN_CI:
            pytest.fail(f"the reference data {'/'.join(parts)} is not there")
        pytest.skip(f"the reference data {'/'.join(parts)} is not beside the project")
    return path


async def eventually(look: Callable[[], Awaitable[T]], until: Callable[[T], bool] = bool, *, within: float = 20.0) -> T:
    """Look again and again until the condition holds; fails with the last value seen."""
    deadline = time.monotonic() + within
    while True:
        value = await look()
        if until(value):
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not so within {within} s; last seen: {value!r}")
        await asyncio.sleep(0.02)


class Tokens:
    """The gateway's tokens as services accept them, from a key pair of the test run."""

    def __init__(self) -> None:
        private, self.public_key = new_key_pair()
        self._minter = TokenMinter(private)

    def headers(self, study: str, *, role: str = "owner", subject: str = "tester") -> dict[str, str]:
        """Request headers of somebody with a role in a study."""
        return {"Authorization": f"Bearer {self._minter.mint(subject=subject, study=study, role=role)}"}


TOKENS = Tokens()


def client_of(app: ASGIApp) -> httpx.AsyncClient:
    """A client that speaks HTTP to an app in this process."""
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://service")


def eventually_blocking(look: Callable[[], T], until: Callable[[T], bool] = bool, *, within: float = 20.0) -> T:
    """The same for what blocks."""
    deadline = time.monotonic() + within
    while True:
        value = look()
        if until(value):
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not so within {within} s; last seen: {value!r}")
        time.sleep(0.02)
