"""Identifiers: opaque, prefixed by kind, sortable by time."""

import os
import time
from functools import lru_cache

from ulid import ULID

_RANDOM = 16  # characters of five random bits each, after those of the time
_LETTERS = bytes.maketrans(bytes(range(256)), b"0123456789ABCDEFGHJKMNPQRSTVWXYZ" * 8)


def new_id(kind: str) -> str:
    """A new identifier such as `rsp_01K9…`; `kind` is its prefix."""
    return f"{kind}_{_of_now()}{_random(_RANDOM)}"


def new_ids(kind: str, count: int) -> list[str]:
    """Many new identifiers of one moment, in their order: for thousands of rows at once."""
    start, ends = f"{kind}_{_of_now()}", _random(count * _RANDOM)
    return sorted(start + ends[place : place + _RANDOM] for place in range(0, len(ends), _RANDOM))


def _of_now() -> str:
    return _of_time(time.time_ns() // 1_000_000)


@lru_cache(maxsize=4)  # every request makes two identifiers, and many share a moment
def _of_time(milliseconds: int) -> str:
    """What the ULIDs of a moment begin with."""
    return str(ULID.from_timestamp(milliseconds))[:-_RANDOM]


def _random(characters: int) -> str:
    return os.urandom(characters).translate(_LETTERS).decode()
