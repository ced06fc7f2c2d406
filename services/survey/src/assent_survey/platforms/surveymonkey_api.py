"""SurveyMonkey's API, version 3: responses one by one or a hundred at once, and the survey's wording of its choices.

A draft or private app may ask 120 times a minute and 500 times a day, so notices are answered together out of `responses/bulk`, and the
survey's details are asked once an hour. A record is the response as it came and, beside it, the wording of the choices that it names.
Source: github.com/SurveyMonkey/public_api_docs, includes/_responses.md, _surveys.md, _overview.md.
"""

import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any, ClassVar

import httpx

from assent_survey.domain.submission import Choice, Notice, Submission, Unreadable, Value, split_values
from assent_survey.platforms.asking import (
    JsonObject,
    address,
    ask_json,
    must_exist,
    objects,
    of_survey,
    position,
    record,
    whole_number,
)
from assent_survey.platforms.face import identifier, moment, part, read_object
from assent_survey.platforms.source import Access, BaseUrl, NotThere, Pace, Page, Record, ThingId, Token

PAGE = 100
"""The most that `responses/bulk` gives at once."""
DETAILS_SECONDS = 3600.0
_LAG = timedelta(minutes=10)  # a response is stamped before its webhook is sent, by another clock
_PREVIEWS = frozenset({"preview", "survey_preview"})
_NOT_KEPT = frozenset({"ip_address", "email_address", "first_name", "last_name", "metadata", "edit_url", "analyze_url"})
_FACTS = ("response_status", "collector_id", "recipient_id", "collection_mode", "custom_value", "custom_variables")


class SurveyMonkeyAccess(Access):
    """A token with the scopes View Surveys, View Responses and View Response Details, and the survey whose responses we may read."""

    base_url: BaseUrl = "https://api.surveymonkey.com/v3"
    token: Token
    survey: ThingId


class Wordings:
    """The wording of choices by their ids, for each survey, kept for an hour."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str, str], tuple[float, dict[str, str]]] = {}
        self._lock = Lock()

    def forget(self) -> None:
        """Ask again at the next question."""
        with self._lock:
            self._known.clear()

    def of(self, access: SurveyMonkeyAccess, client: httpx.Client) -> dict[str, str]:
        """The wording of every choice of the survey."""
        key = (access.base_url, access.survey, access.token.get_secret_value())
        with self._lock:
            asked_at, wording = self._known.get(key, (float("-inf"), {}))
        if time.monotonic() - asked_at < DETAILS_SECONDS:
            return wording
        with must_exist():
            details = ask_json(
                client, "GET", address(access.base_url, "surveys", access.survey, "details"), headers=_headers(access)
            )
        wording = dict(_worded(details))
        with self._lock:
            self._known[key] = (time.monotonic(), wording)
        return wording


class SurveyMonkeyApi:
    """Bulk reading in order of the last change; deletions come as webhooks, and show in a full listing."""

    access: ClassVar[type[Access]] = SurveyMonkeyAccess
    pace: ClassVar[Pace] = Pace(a_minute=120, a_day=500)
    at_once: ClassVar[int] = PAGE
    lists_everything: ClassVar[bool] = True

    def __init__(self) -> None:
        self.wordings = Wordings()

    def fetch(
        self, access: SurveyMonkeyAccess, notices: Sequence[Notice], client: httpx.Client
    ) -> Iterator[tuple[Notice, Record | None]]:
        """Several notices out of one bulk answer, where their times say how far back it must reach; else one by one."""
        ours = of_survey(notices, access.survey)
        wanted = {notice.response_id: notice for notice in ours}
        since = _oldest(ours)
        if len(wanted) > 1 and since is not None:
            yield from self._found_together(access, wanted, since, client)
        for response_id in list(wanted):
            yield wanted[response_id], self._one(access, response_id, client)

    def pages(self, access: SurveyMonkeyAccess, client: httpx.Client, *, since: datetime | None, cursor: str | None) -> Page:
        """A hundred responses, those first that were changed longest ago."""
        page = position(cursor) or 1
        answer = self._bulk(access, client, page, since)
        wording = self.wordings.of(access, client)
        records = [_record(response, wording) for response in objects(answer, "data")]
        links = answer.get("links")
        more = isinstance(links, dict) and "next" in links
        return Page(records, str(page + 1) if more and records else None, whole_number(answer.get("total")))

    def read_record(self, raw: bytes) -> Submission:
        """Answers by question id (`question.row.column` in a matrix), choices by id and wording. Raises Unreadable."""
        content = read_object(raw)
        response = part(content, "response")
        wording = content.get("wording")
        fields, nested = _fields(response, wording if isinstance(wording, dict) else {})
        return Submission(
            response_id=identifier(response, "id"),
            fields=fields,
            finished=response.get("response_status") == "completed",
            submitted_at=moment(response.get("date_created")),
            updated_at=moment(response.get("date_modified")),
            facts=_facts(response),
            nested=nested,
            test=str(response.get("collection_mode")) in _PREVIEWS,
        )

    def _found_together(
        self, access: SurveyMonkeyAccess, wanted: dict[str, Notice], since: datetime, client: httpx.Client
    ) -> Iterator[tuple[Notice, Record]]:
        """What bulk answers give of the wanted ones, which it takes out of `wanted`; never more answers than wanted responses."""
        cursor: str | None = None
        for _ in range(len(wanted)):
            page = self.pages(access, client, since=since, cursor=cursor)
            for found in page.records:
                if (notice := wanted.pop(found.response_id, None)) is not None:
                    yield notice, found
            cursor = page.cursor
            if cursor is None or not wanted:
                return

    def _one(self, access: SurveyMonkeyAccess, response_id: str, client: httpx.Client) -> Record | None:
        try:
            where = address(access.base_url, "surveys", access.survey, "responses", response_id, "details")
            response = ask_json(client, "GET", where, headers=_headers(access))
        except NotThere:
            return None
        return _record(response, self.wordings.of(access, client))

    def _bulk(self, access: SurveyMonkeyAccess, client: httpx.Client, page: int, since: datetime | None) -> JsonObject:
        query: dict[str, Any] = {"page": page, "per_page": PAGE, "sort_by": "date_modified", "sort_order": "ASC"}
        if since is not None:
            query["start_modified_at"] = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
        where = address(access.base_url, "surveys", access.survey, "responses", "bulk")
        with must_exist():
            return ask_json(client, "GET", where, params=query, headers=_headers(access))


def _headers(access: SurveyMonkeyAccess) -> dict[str, str]:
    return {"authorization": f"bearer {access.token.get_secret_value()}"}


def _oldest(notices: Sequence[Notice]) -> datetime | None:
    """From when on every one of these was changed; None when one does not say."""
    times = [moment(notice.address.get("at")) for notice in notices]
    known = [each for each in times if each is not None]
    return min(known) - _LAG if known and len(known) == len(times) else None


def _worded(details: JsonObject) -> Iterator[tuple[str, str]]:
    """The id and the wording of every choice of a survey, of columns of choices and of "other" too."""
    for page in objects(details, "pages"):
        for question in objects(page, "questions"):
            answers = question.get("answers")
            columns = list(objects(answers, "cols"))
            choices = [choice for owner in (answers, *columns) for choice in objects(owner, "choices")]
            other = answers.get("other") if isinstance(answers, dict) else None
            for choice in (*choices, *([other] if isinstance(other, dict) else [])):
                if isinstance(choice.get("text"), str) and choice["text"]:
                    yield str(choice.get("id")), choice["text"]


def _record(response: JsonObject, wording: dict[str, str]) -> Record:
    """Without who it was and whence, and without the address at which whoever knows it may change the answers."""
    named = {str(answer.get(key)) for _, answer in _answers(response) for key in ("choice_id", "other_id") if answer.get(key)}
    used = {id: wording[id] for id in sorted(named) if id in wording}
    kept = {name: value for name, value in response.items() if name not in _NOT_KEPT}
    return record(response.get("id"), {"response": kept, "wording": used}, moment(response.get("date_modified")))


def _answers(response: JsonObject) -> Iterator[tuple[str, JsonObject]]:
    """Every answer, with the field that it belongs to."""
    for page in objects(response, "pages"):
        for question in objects(page, "questions"):
            for answer in objects(question, "answers"):
                place = (question.get("id"), answer.get("row_id"), answer.get("col_id"))
                yield ".".join(str(each) for each in place if each), answer


def _fields(response: JsonObject, wording: JsonObject) -> tuple[dict[str, Value], tuple[str, ...]]:
    """An answer in the respondent's own words beside choices is just `other`, and the words stay in the record."""
    chosen: dict[str, tuple[Choice, ...]] = {}
    texts: dict[str, Value] = {}
    nested: list[str] = []
    for name, answer in _answers(response):
        if not name:
            raise Unreadable("a question of the response has no id")
        choice = answer.get("choice_id") or answer.get("other_id")
        if choice:
            names = (str(choice), str(wording.get(str(choice), "")), "other" if answer.get("other_id") else "")
            chosen[name] = (*chosen.get(name, ()), tuple(each for each in names if each))
        elif isinstance(answer.get("text"), str):
            texts[name] = answer["text"]
        else:
            nested.append(name)
    return {**texts, **chosen}, tuple(dict.fromkeys(nested))


def _facts(response: JsonObject) -> dict[str, Value]:
    """How it was collected and what was passed along with the link; never the recipient's name, e-mail or address."""
    return split_values({name: response[name] for name in _FACTS if response.get(name) not in (None, "", "0")})[0]
