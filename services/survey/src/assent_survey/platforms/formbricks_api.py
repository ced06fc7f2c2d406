"""Formbricks' management API, version 2: responses as the webhook gives them, also those that were made by the API and sent no webhook.

Source: formbricks/formbricks, `/api/v2/management/responses`, of 2026-08.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar

import httpx

from assent_survey.domain.submission import Notice
from assent_survey.platforms.asking import (
    JsonObject,
    address,
    ask_json,
    must_exist,
    objects,
    one_by_one,
    position,
    record,
    whole_number,
)
from assent_survey.platforms.face import moment
from assent_survey.platforms.source import Access, BaseUrl, Pace, Page, Record, ThingId, Token

PAGE = 100
OVERLAP = 10
"""Pages are counted from the beginning, and what is deleted meanwhile moves them; so each begins a little before the end of the last."""


class FormbricksAccess(Access):
    """An API key with the right to read the survey's environment, the server, and the survey."""

    base_url: BaseUrl = "https://app.formbricks.com"
    api_key: Token
    survey: ThingId


class FormbricksApi:
    """Pages from the oldest response on."""

    access: ClassVar[type[Access]] = FormbricksAccess
    pace: ClassVar[Pace] = Pace(a_minute=60)
    at_once: ClassVar[int] = 10
    lists_everything: ClassVar[bool] = True

    def fetch(
        self, access: FormbricksAccess, notices: Sequence[Notice], client: httpx.Client
    ) -> Iterator[tuple[Notice, Record | None]]:
        """One by one; a response to another survey is none of ours."""

        def ask_for(notice: Notice) -> Record | None:
            response = ask_json(client, "GET", _where(access, notice.response_id), headers=_headers(access)).get("data")
            given = response if isinstance(response, dict) else {}
            return _record(given) if given.get("surveyId") == access.survey else None

        return one_by_one(notices, ask_for)

    def pages(self, access: FormbricksAccess, client: httpx.Client, *, since: datetime | None, cursor: str | None) -> Page:
        """A hundred responses; with `since` those made or changed after it.

        The cursor is where to begin, and the ids of the last ones before, which are met again.
        """
        begin, _, ids = (cursor or "").partition(":")
        skip, met = position(begin), set(ids.split(","))
        query: dict[str, Any] = {"surveyId": access.survey, "limit": PAGE, "skip": skip, "sortBy": "createdAt", "order": "asc"}
        if since is not None:
            query |= {"startDate": since.astimezone(UTC).isoformat().replace("+00:00", "Z"), "filterDateField": "updatedAt"}
        with must_exist():
            answer = ask_json(client, "GET", _where(access), params=query, headers=_headers(access))
        records = [_record(each) for each in objects(answer, "data")]
        meta = answer.get("meta")
        total = whole_number(meta.get("total")) if isinstance(meta, dict) else None
        more = len(records) >= PAGE and (total is None or skip + len(records) < total)
        last = ",".join(each.response_id for each in records[-OVERLAP:])
        onward = f"{skip + PAGE - OVERLAP}:{last}" if more else None
        return Page([each for each in records if each.response_id not in met], onward, total)


def _where(access: FormbricksAccess, *parts: str) -> str:
    return address(access.base_url, "api", "v2", "management", "responses", *parts)


def _headers(access: FormbricksAccess) -> dict[str, str]:
    return {"x-api-key": access.api_key.get_secret_value()}


def _record(response: JsonObject) -> Record:
    """The contact is named as the webhook names it."""
    contact = response.get("contactId")
    known = {**response, "contact": {"id": contact}} if contact and "contact" not in response else response
    return record(response.get("id"), known, moment(response.get("updatedAt")))
