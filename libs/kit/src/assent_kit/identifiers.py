"""Identifiers: opaque, prefixed by kind, sortable by time."""

import os
import time
from functools import lru_cache

from ulid import ULID

_RANDOM = 16  # characters of five random bits each, after those of the time
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LETTERS = bytes.maketrans(bytes(range(256)), _ALPHABET.encode() * 8)


def new_id(kind: str) -> str:
    """A new identifier such as `rsp_01K9…`; `kind` is its prefix, and a ULID follows."""
    return f"{kind}_{_of_now()}{_random(_RANDOM)}"


def new_ids(kind: str, count: int) -> list[str]:
    """Many new identifiers of one moment, in their order: for thousands of rows at once."""
    start, ends = f"{kind}_{_of_now()}", _random(count * _RANDOM)
    return sorted(start + ends[place : place + _RANDOM] for place in range(0, len(ends), _RANDOM))


def _of_now() -> str:
    """The ten characters of the time in milliseconds, five bits each: the last two are new with each, the others once in a second."""
    now = time.time_ns() // 1_000_000
    return f"{_of_about(now >> 10)}{_ALPHABET[now >> 5 & 31]}{_ALPHABET[now & 31]}"


@lru_cache(maxsize=2)
def _of_about(seconds: int) -> str:
    return str(ULID.from_timestamp(seconds << 10))[:8]


def _random(characters: int) -> str:
    return os.urandom(characters).translate(_LETTERS).decode()
