"""Alchemer's API, version 5: responses as the webhook action sends them, without those that were deleted.

Key and secret are part of the address that is asked, because Alchemer takes them nowhere else. The same question within a minute gets
the same answer. Source: apihelp.alchemer.com, "SurveyResponse Sub-Object v5" and "Filters - Version 5".
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

import httpx

from assent_survey.domain.submission import Notice, Submission
from assent_survey.platforms.alchemer_response import read_response
from assent_survey.platforms.asking import (
    JsonObject,
    address,
    ask_json,
    must_exist,
    objects,
    of_survey,
    one_by_one,
    position,
    record,
    whole_number,
)
from assent_survey.platforms.face import read_object
from assent_survey.platforms.source import (
    Access,
    AccessRefused,
    BaseUrl,
    NotThere,
    Pace,
    Page,
    PlatformAway,
    Record,
    SlowDown,
    ThingId,
    Token,
)

PAGE = 100
CACHED_SECONDS = 60.0
_NEW_YORK = ZoneInfo("America/New_York")


class AlchemerAccess(Access):
    """API key and secret of a user who may see the survey's responses, the host (.com, .eu or -ca.com), the survey."""

    base_url: BaseUrl = "https://api.alchemer.com"
    api_token: Token
    api_token_secret: Token
    survey: ThingId


class AlchemerApi:
    """Counts its pages; partial and disqualified responses are among them."""

    access: ClassVar[type[Access]] = AlchemerAccess
    pace: ClassVar[Pace] = Pace(a_minute=60)
    at_once: ClassVar[int] = 10
    lists_everything: ClassVar[bool] = True

    def fetch(
        self, access: AlchemerAccess, notices: Sequence[Notice], client: httpx.Client
    ) -> Iterator[tuple[Notice, Record | None]]:
        """One by one, always from the survey of the connection."""

        def ask_for(notice: Notice) -> Record | None:
            found = _ask(access, client, notice.response_id).get("data")
            return _record(found) if isinstance(found, dict) else None

        return one_by_one(of_survey(notices, access.survey), ask_for)

    def pages(self, access: AlchemerAccess, client: httpx.Client, *, since: datetime | None, cursor: str | None) -> Page:
        """A hundred responses; with `since` those submitted after it."""
        page = position(cursor) or 1
        query: dict[str, Any] = {"page": page, "resultsperpage": PAGE}
        if since is not None:
            query |= {
                "filter[field][0]": "date_submitted",
                "filter[operator][0]": ">=",
                "filter[value][0]": since.astimezone(_NEW_YORK).strftime("%Y-%m-%d %H:%M:%S"),
            }
        with must_exist():
            answer = _ask(access, client, **query)
        onward = str(page + 1) if page < (whole_number(answer.get("total_pages")) or 0) else None
        return Page([_record(each) for each in objects(answer, "data")], onward, whole_number(answer.get("total_count")))

    def read_record(self, raw: bytes) -> Submission:
        """The response as the webhook action sends it. Raises Unreadable."""
        return read_response(read_object(raw))


def _ask(access: AlchemerAccess, client: httpx.Client, *parts: str, **query: Any) -> JsonObject:
    """One question. Alchemer may say in the body only that it refused. Raises NotThere, SlowDown, AccessRefused, PlatformAway."""
    where = address(access.base_url, "v5", "survey", access.survey, "surveyresponse", *parts)
    proof = {"api_token": access.api_token.get_secret_value(), "api_token_secret": access.api_token_secret.get_secret_value()}
    answer = ask_json(client, "GET", where, params={**proof, **query})
    if answer.get("result_ok") is not False:
        return answer
    match whole_number(answer.get("code")):
        case 404:
            raise NotThere
        case 401 | 403:
            raise AccessRefused("Alchemer does not accept the key and its secret")
        case 429:
            raise SlowDown(CACHED_SECONDS)
        case _:
            raise PlatformAway("Alchemer could not answer")


def _record(response: JsonObject) -> Record:
    """Without the address, the place and the browser of the respondent."""
    kept = {name: value for name, value in response.items() if name not in _ABOUT_PEOPLE}
    return record(response.get("id"), kept)


_ABOUT_PEOPLE = frozenset(
    {"ip_address", "user_agent", "referer", "longitude", "latitude", "country", "city", "region", "postal", "dma"}
)
