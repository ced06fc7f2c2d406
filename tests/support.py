"""What several tests need: the reference data, and waiting for a condition instead of sleeping."""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest

T = TypeVar("T")

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared" / "data"
IN_CI = os.environ.get("CI") == "true"


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
