"""What the fakes of platforms' APIs share. They are made by us from the platforms' documentation, and hold synthetic answers only.

A fake keeps what respondents said and answers questions about it over HTTP, as far as its platform's API would. `moods` are answers
that it gives instead, one each: a refusal, a pause, a failure. What lags is there and cannot be read yet.
"""

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, ClassVar

import httpx
from tests.survey.saying import START, Said

from assent_survey.domain.submission import Notice
from assent_survey.platforms import SOURCES
from assent_survey.platforms.source import Access, Page, Record, Source

TOKEN = "a-token-of-the-tests-of-32-signs"


class Fake:
    """One platform's API."""

    name: ClassVar[str]
    entered: ClassVar[dict[str, Any]]
    """What an operator enters as access, with the token under `token_names`."""
    token_names: ClassVar[tuple[str, ...]] = ("token",)
    fields: ClassVar[dict[str, str]]
    """Where the answers to the test instrument are found."""
    sizes: ClassVar[dict[str, int]] = {}
    """The constants with the size of a page, as tests make it small."""
    has_partial: ClassVar[bool] = True
    tells_since: ClassVar[bool] = True
    is_steady: ClassVar[bool] = True
    """Whether a deletion while pages are read leaves the others where they are."""

    def __init__(self) -> None:
        self.said: dict[str, Said] = {}
        self.deleted: dict[str, int] = {}
        self.lagging: set[str] = set()
        self.moods: list[httpx.Response | Exception] = []
        self.requests: list[httpx.Request] = []

    @property
    def source(self) -> Source:
        """Who asks."""
        return SOURCES[self.name]

    def access(self, **changes: Any) -> Access:
        """The access as it is kept."""
        return self.source.access.model_validate({**self.entered, **dict.fromkeys(self.token_names, TOKEN), **changes})

    def client(self) -> httpx.Client:
        """A client that reaches nothing but this fake."""
        return httpx.Client(transport=httpx.MockTransport(self._handle), follow_redirects=False)

    def say(self, *said: Said) -> None:
        """Somebody answers at the platform, or answers differently."""
        self.said |= {each.response: each for each in said}

    def delete(self, response: str, *, minute: int = 0) -> None:
        """A response is deleted at the platform."""
        self.deleted[response] = minute
        del self.said[response]

    def response_id(self, response: str) -> str:
        """How we name a response of this platform."""
        return response

    def notice(self, response: str) -> Notice:
        """What the platform's webhook would announce."""
        return Notice(self.response_id(response))

    def readable(self) -> list[Said]:
        """What can be read, in the order of the responses' names."""
        known = [said for name, said in sorted(self.said.items()) if name not in self.lagging]
        return [said for said in known if said.finished or self.has_partial]

    def find(self, response: str) -> Said | None:
        """One that can be read."""
        return next((said for said in self.readable() if said.response == response), None)

    def fetch(self, responses: Iterable[str]) -> dict[str, Record | None]:
        """The records that answer notices of these responses, by our name of each."""
        with self.client() as client:
            found = list(self.source.fetch(self.access(), [self.notice(each) for each in responses], client))
        return {notice.response_id: record for notice, record in found}

    def page(self, *, since: datetime | None = None, cursor: str | None = None) -> Page:
        """One page."""
        with self.client() as client:
            return self.source.pages(self.access(), client, since=since, cursor=cursor)

    def everything(self, *, since: datetime | None = None) -> list[Page]:
        """Every page, each asked for with a client of its own, as after an interruption."""
        pages = [self.page(since=since)]
        while pages[-1].cursor is not None:
            pages.append(self.page(since=since, cursor=pages[-1].cursor))
        return pages

    def is_allowed(self, request: httpx.Request) -> bool:
        """Whether the request carries the token."""
        raise NotImplementedError

    def answer(self, request: httpx.Request) -> httpx.Response:
        """What the platform answers to somebody who may ask."""
        raise NotImplementedError

    def _handle(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if self.moods:
            mood = self.moods.pop(0)
            if isinstance(mood, Exception):
                raise mood
            return mood
        return self.answer(request) if self.is_allowed(request) else httpx.Response(401)


def at(said: Said) -> datetime:
    """When it was said."""
    return START + timedelta(minutes=said.minute)


def query(request: httpx.Request) -> dict[str, str]:
    """The parameters in a request's address."""
    return dict(request.url.params)


def parts(request: httpx.Request) -> list[str]:
    """The parts of a request's path, without what is empty."""
    return [part for part in request.url.path.split("/") if part]


def body(request: httpx.Request) -> Any:
    """A request's JSON."""
    return json.loads(request.content)


def not_there() -> httpx.Response:
    """The answer about what is not there."""
    return httpx.Response(404, json={"error": "not found"})
