"""Identifiers: opaque, prefixed by kind, sortable by time."""

from ulid import ULID


def new_id(kind: str) -> str:
    """A new identifier such as `rsp_01K9…`; `kind` is its prefix."""
    return f"{kind}_{ULID()}"
