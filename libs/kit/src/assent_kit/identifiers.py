"""Identifiers: opaque, prefixed by kind, sortable by time."""

from typing import Annotated

from pydantic import StringConstraints
from ulid import ULID

Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z]{3,5}_[0-9A-Z]{26}$", max_length=32)]


def new_id(kind: str) -> str:
    """A new identifier such as `rsp_01K9…`; `kind` is its prefix."""
    return f"{kind}_{ULID()}"
