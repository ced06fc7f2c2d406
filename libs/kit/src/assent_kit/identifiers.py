"""Identifiers: opaque, prefixed by kind, sortable by time."""

import os

from ulid import ULID

_RANDOM = 16  # characters of five random bits each, after those of the time
_LETTERS = bytes.maketrans(bytes(range(256)), b"0123456789ABCDEFGHJKMNPQRSTVWXYZ" * 8)


def new_id(kind: str) -> str:
    """A new identifier such as `rsp_01K9…`; `kind` is its prefix."""
    return f"{kind}_{ULID()}"


def new_ids(kind: str, count: int) -> list[str]:
    """Many new identifiers of one moment, in their order: for thousands of rows at once."""
    start = new_id(kind)[:-_RANDOM]
    ends = os.urandom(count * _RANDOM).translate(_LETTERS).decode()
    return sorted(start + ends[place : place + _RANDOM] for place in range(0, len(ends), _RANDOM))
