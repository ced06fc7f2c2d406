"""The face of a platform that can be asked for its responses: to fetch what a notice only announced, and to find what no webhook brought.

A source asks and reads; when, how often and what becomes of the answers is `service/fetch_answers` and `service/reconcile`.
Every record comes back as the bytes that the platform gave, so that it is kept and read like a delivery.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from typing import Annotated, Any, ClassVar, Protocol
from zoneinfo import ZoneInfo

import httpx
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

from assent_survey.domain.submission import Notice, Submission

BaseUrl = Annotated[str, Field(pattern=r"^https?://[^/?#@\s]+(/[^?#\s]*)?$", max_length=500)]
Token = Annotated[SecretStr, Field(min_length=1, max_length=2000)]
ThingId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.:-]{1,200}$")]

LARGEST_ANSWER = 64 * 1024 * 1024  # bytes, unpacked: many times the largest page that any source asks for
LONGEST_ANSWER = 240.0  # seconds
_OF_THE_TRANSFER = frozenset({"content-encoding", "content-length", "transfer-encoding"})


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (OSError, ValueError, LookupError) as error:
        raise ValueError("there is no time zone of this name") from error
    return name


TimeZone = Annotated[str, Field(max_length=60, description="as in Europe/London"), AfterValidator(_known_zone)]


class Access(BaseModel):
    """What an operator enters so that we may ask a platform, in the platform's own words. Sealed at rest and never shown again."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


@dataclass(frozen=True, slots=True)
class Pace:
    """How often a platform lets itself be asked by one account; None where it sets no limit."""

    a_minute: int | None = None
    a_day: int | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """One response as the platform gives it when asked: its id, the bytes, and when it was last changed there, if it says."""

    response_id: str
    raw: bytes
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Some of a platform's responses. `cursor` gives the next page and is None on the last; `total` where the platform tells it.

    `deleted` are ids of responses that the platform says were deleted.
    """

    records: Sequence[Record]
    cursor: str | None = None
    total: int | None = None
    deleted: Sequence[str] = field(default=())


class NotThere(Exception):
    """The platform does not have it (yet): its API may lag behind its webhooks."""


class SlowDown(Exception):
    """The platform asks to be left alone for `seconds`."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"the platform asks to wait {seconds:.0f} s")
        self.seconds = seconds


class AccessRefused(Exception):
    """The platform does not accept the token, or not for this."""


class PlatformAway(Exception):
    """The platform could not be reached, or failed: it may pass by itself. `status` is what it answered, if it did."""

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class Source(Protocol):
    """What the rest of the service asks of a platform that can be asked. A call may take long: it runs in a worker's thread.

    `client` is made by the caller: it has the timeouts, and it goes only where it may. All may raise SlowDown, AccessRefused and
    PlatformAway.
    """

    access: ClassVar[type[Access]]
    pace: ClassVar[Pace]
    at_once: ClassVar[int]
    """How many notices one call of `fetch` may be given."""
    lists_everything: ClassVar[bool]
    """Whether pages without `since` hold every response that exists, so that one that is missing was deleted."""

    def fetch(self, access: Any, notices: Sequence[Notice], client: httpx.Client) -> Iterator[tuple[Notice, Record | None]]:
        """The record of each notice, in any order; None for one that the platform does not have (yet).

        A notice that is about something else than what `access` names is passed over: there is nothing to be had.
        """

    def pages(self, access: Any, client: httpx.Client, *, since: datetime | None, cursor: str | None) -> Page:
        """One page of the responses, partial ones included; with `since` those made or changed after it, where it can tell."""

    def read_record(self, raw: bytes) -> Submission:
        """What a record says. Raises Unreadable."""


def check(answer: httpx.Response) -> httpx.Response:
    """The answer, if it is one. Raises NotThere, SlowDown, AccessRefused, PlatformAway."""
    if answer.is_success:
        return answer
    match answer.status_code:
        case 404 | 410:
            raise NotThere
        case 401 | 403:
            raise AccessRefused(f"the platform answered {answer.status_code}")
        case 429:
            raise SlowDown(_seconds(answer.headers.get("retry-after", "")))
        case status:
            raise PlatformAway(f"the platform answered {status}", status)


def ask(client: httpx.Client, method: str, url: str, **arguments: Any) -> httpx.Response:
    """One request to a platform, and its answer in memory. Raises NotThere, SlowDown, AccessRefused, PlatformAway."""
    with streamed(client, method, url, **arguments) as (answer, chunks):
        content = b"".join(chunks)
    headers = [(name, value) for name, value in answer.headers.multi_items() if name not in _OF_THE_TRANSFER]
    return httpx.Response(answer.status_code, headers=headers, content=content, request=answer.request)


@contextmanager
def streamed(
    client: httpx.Client, method: str, url: str, *, largest: int = LARGEST_ANSWER, **arguments: Any
) -> Iterator[tuple[httpx.Response, Iterator[bytes]]]:
    """An answer and its content piece by piece, as long as it stays within bounds of size and time. Raises as `ask` does."""
    try:
        with client.stream(method, url, **arguments) as answer:
            yield check(answer), _bounded(answer, largest)
    except httpx.TransportError as error:
        raise PlatformAway(f"the platform cannot be reached: {type(error).__name__}") from error
    except httpx.DecodingError as error:
        raise PlatformAway("the platform's answer cannot be unpacked") from error


def _bounded(answer: httpx.Response, largest: int) -> Iterator[bytes]:
    """The content, unpacked. A platform that never comes to an end must not hold the worker, nor fill its memory."""
    size, begun = 0, monotonic()
    for chunk in answer.iter_bytes():
        size += len(chunk)
        if size > largest:
            raise PlatformAway("the platform's answer is too large")
        if monotonic() - begun > LONGEST_ANSWER:
            raise PlatformAway("the platform's answer takes too long")
        yield chunk


def _seconds(retry_after: str) -> float:
    return min(max(float(retry_after), 1.0), 86_400.0) if retry_after.isdigit() else 60.0
