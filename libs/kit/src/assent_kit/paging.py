"""Lists in pages: an opaque cursor says where the last page ended. It carries no authority."""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Generic, TypeVar

from fastapi import Depends, Query
from pydantic import BaseModel, Field

from assent_kit.problems import FieldError, InvalidRequest

T = TypeVar("T")
R = TypeVar("R")

DEFAULT_LIMIT = 50
GREATEST_LIMIT = 500
LONGEST_NUMBER = 18  # digits; what every database can compare


class Page(BaseModel, Generic[T]):
    """One page of a list."""

    items: list[T]
    next: str | None = Field(default=None, description="pass as `cursor` for the next page; absent or null on the last")


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which page is wanted: at most `limit` rows whose key comes after `after`."""

    limit: int
    after: str | None

    @property
    def fetch(self) -> int:
        """How many rows to fetch: one more than the page, to know whether another follows."""
        return self.limit + 1

    @property
    def position(self) -> int:
        """The same in a list whose rows are numbered from 1: the number of the last row seen. Raises InvalidRequest."""
        if self.after is None:
            return 0
        if not (self.after.isascii() and self.after.isdecimal() and len(self.after) <= LONGEST_NUMBER):
            raise _not_handed_out()
        return int(self.after)


def _page_request(
    limit: Annotated[int, Query(ge=1, le=GREATEST_LIMIT, description="rows on a page")] = DEFAULT_LIMIT,
    cursor: Annotated[str | None, Query(max_length=400, description="`next` of the page before")] = None,
) -> PageRequest:
    return PageRequest(limit=limit, after=_decode(cursor) if cursor else None)


PageQuery = Annotated[PageRequest, Depends(_page_request)]


def paginate(rows: Sequence[R], page: PageRequest, *, key: Callable[[R], str], shape: Callable[[R], T]) -> Page[T]:
    """A page of rows that were fetched with `page.fetch` as their limit, in the order of `key`."""
    kept = rows[: page.limit]
    more = len(rows) > page.limit
    return Page[T](items=[shape(row) for row in kept], next=_encode(key(kept[-1])) if more else None)


def _encode(key: str) -> str:
    return base64.urlsafe_b64encode(key.encode()).decode().rstrip("=")


def _decode(cursor: str) -> str:
    try:
        key = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except (ValueError, binascii.Error) as error:
        raise _not_handed_out() from error
    if not key.isprintable():
        raise _not_handed_out()
    return key


def _not_handed_out() -> InvalidRequest:
    return InvalidRequest(errors=[FieldError(pointer="?cursor", message="is not a cursor that was handed out")])
