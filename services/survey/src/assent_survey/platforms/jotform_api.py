"""Jotform's API: a submission by its id, which confirms a webhook that proves nothing, and all submissions of a form.

Times are in the time zone of the account. An edit shows as `updated_at`; asking for new ones shows new ones only.
Source: api.jotform.com/docs, `/form/{id}/submissions` and `/submission/{id}`.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

import httpx
import orjson

from assent_survey.domain.submission import Notice
from assent_survey.platforms.asking import JsonObject, address, ask_json, must_exist, objects, one_by_one, record
from assent_survey.platforms.face import moment
from assent_survey.platforms.source import Access, AccessRefused, BaseUrl, Pace, Page, Record, ThingId, TimeZone, Token

PAGE = 500
_SENT_EMPTY = frozenset({"control_textbox", "control_textarea", "control_number", "control_dropdown", "control_spinner"})
"""What a browser sends even when nothing was entered; of radio buttons and checkboxes it then sends nothing."""
_DELETED = "DELETED"


class JotformAccess(Access):
    """An API key with Read Access, the host (`eu-api`, `hipaa-api` or an own domain for some accounts), the form."""

    base_url: BaseUrl = "https://api.jotform.com"
    api_key: Token
    form: ThingId
    time_zone: TimeZone = "America/New_York"


class JotformApi:
    """Pages from the newest submission back, each beginning below the last id of the one before."""

    access: ClassVar[type[Access]] = JotformAccess
    pace: ClassVar[Pace] = Pace(a_minute=60, a_day=1000)
    at_once: ClassVar[int] = 10
    lists_everything: ClassVar[bool] = True

    def fetch(
        self, access: JotformAccess, notices: Sequence[Notice], client: httpx.Client
    ) -> Iterator[tuple[Notice, Record | None]]:
        """One by one; a submission of another form is none of ours."""

        def ask_for(notice: Notice) -> Record | None:
            where = address(access.base_url, "submission", notice.response_id)
            submission = _content(ask_json(client, "GET", where, headers=_headers(access)))
            ours = submission.get("form_id") == access.form and submission.get("status") != _DELETED
            return _record(submission, access) if ours else None

        return one_by_one(notices, ask_for)

    def pages(self, access: JotformAccess, client: httpx.Client, *, since: datetime | None, cursor: str | None) -> Page:
        """Up to 500 submissions; with `since` those made after it."""
        wanted: dict[str, str] = {}
        if since is not None:
            wanted["created_at:gt"] = since.astimezone(ZoneInfo(access.time_zone)).strftime("%Y-%m-%d %H:%M:%S")
        if cursor is not None:
            wanted["id:lt"] = cursor
        query: dict[str, Any] = {"limit": PAGE, "orderby": "id"}
        if wanted:
            query["filter"] = orjson.dumps(wanted).decode()
        where = address(access.base_url, "form", access.form, "submissions")
        with must_exist():
            listed = list(objects(ask_json(client, "GET", where, params=query, headers=_headers(access)), "content"))
        living = [_record(each, access) for each in listed if each.get("status") != _DELETED]
        deleted = [str(each.get("id")) for each in listed if each.get("status") == _DELETED]
        return Page(living, str(listed[-1].get("id")) if len(listed) >= PAGE else None, deleted=deleted)


def _headers(access: JotformAccess) -> dict[str, str]:
    return {"apikey": access.api_key.get_secret_value()}


def _content(answer: JsonObject) -> JsonObject:
    """The submission in an answer. Raises AccessRefused where Jotform shows none, as it does to who may not see it."""
    content = answer.get("content")
    if not isinstance(content, dict):
        raise AccessRefused("Jotform shows no submission to this key")
    return content


def _record(submission: JsonObject, access: JotformAccess) -> Record:
    """The submission without the address that it came from, its times with their zone beside it."""
    kept = {name: value for name, value in submission.items() if name != "ip"}
    times = {name: _in_zone(submission.get(name), access) for name in ("created_at", "updated_at")}
    return record(submission.get("id"), {"submission": kept, **times}, moment(times["updated_at"] or times["created_at"]))


def _in_zone(text: object, access: JotformAccess) -> str | None:
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return found.replace(tzinfo=ZoneInfo(access.time_zone)).isoformat()


def as_sent(answer: JsonObject) -> Iterator[Any]:
    """The answer as a browser sends it to the webhook; nothing where it sends nothing."""
    match answer.get("answer"):
        case None:
            if str(answer.get("type")) in _SENT_EMPTY:
                yield ""
        case dict() as parts if parts and all(str(each).isdigit() for each in parts):
            yield list(parts.values())
        case dict() as parts:
            yield {name: value for name, value in parts.items() if name != "datetime"}
        case given:
            yield given
