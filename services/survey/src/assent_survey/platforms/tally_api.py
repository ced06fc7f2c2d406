"""Tally's API: submissions of a form, partial ones included, each beside the questions that name its answers.

It answers newest first, and counts its pages. Tally does not document how it gives the answers of a choice: texts are taken for options.
Source: developers.tally.so, "Listing submissions" and "Fetching form submissions".
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar

import httpx

from assent_survey.domain.submission import Notice, Submission, Value, as_value
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
from assent_survey.platforms.face import identifier, moment, part, read_object
from assent_survey.platforms.source import Access, BaseUrl, Pace, Page, Record, ThingId, Token

_PREFIX = "question_"
_HIDDEN = "HIDDEN_FIELDS"


class TallyAccess(Access):
    """An API key, which may do all that its owner may, and the form."""

    base_url: BaseUrl = "https://api.tally.so"
    api_key: Token
    form: ThingId


class TallyApi:
    """Pages from the newest submission back."""

    access: ClassVar[type[Access]] = TallyAccess
    pace: ClassVar[Pace] = Pace(a_minute=60)
    at_once: ClassVar[int] = 10
    lists_everything: ClassVar[bool] = True

    def fetch(self, access: TallyAccess, notices: Sequence[Notice], client: httpx.Client) -> Iterator[tuple[Notice, Record | None]]:
        """One by one."""

        def ask_for(notice: Notice) -> Record | None:
            answer = ask_json(client, "GET", _where(access, notice.response_id), headers=_headers(access))
            found = answer.get("submission")
            return _record(found, answer) if isinstance(found, dict) else None

        return one_by_one(notices, ask_for)

    def pages(self, access: TallyAccess, client: httpx.Client, *, since: datetime | None, cursor: str | None) -> Page:
        """As many as Tally gives at once; with `since` those submitted after it."""
        page = position(cursor) or 1
        query: dict[str, Any] = {"page": page, "filter": "all"}
        if since is not None:
            query["startDate"] = since.astimezone(UTC).isoformat().replace("+00:00", "Z")
        with must_exist():
            answer = ask_json(client, "GET", _where(access), params=query, headers=_headers(access))
        records = [_record(each, answer) for each in objects(answer, "submissions")]
        totals = answer.get("totalNumberOfSubmissionsPerFilter")
        total = whole_number(totals.get("all")) if isinstance(totals, dict) else None
        return Page(records, str(page + 1) if answer.get("hasMore") is True and records else None, total)

    def read_record(self, raw: bytes) -> Submission:
        """Answers by the key of the webhook, `question_` and the question's id, its title being an alias. Raises Unreadable."""
        content = read_object(raw)
        submission = part(content, "submission")
        questions = {str(each.get("id")): each for each in objects(content, "questions")}
        titles = Counter(str(each.get("title")) for each in questions.values())
        fields: dict[str, Value] = {}
        facts: dict[str, Value] = {}
        aliases: dict[str, str] = {}
        nested: list[str] = []
        for response in objects(submission, "responses"):
            question = questions.get(identifier(response, "questionId"), {})
            key, title = f"{_PREFIX}{response['questionId']}", str(question.get("title") or "")
            try:
                value = as_value(response.get("answer"))
            except TypeError:
                nested.append(key)
                continue
            if question.get("type") == _HIDDEN:
                facts[f"hidden.{title}"] = value
                continue
            fields[key] = value
            if title and titles[title] == 1:
                aliases[title] = key
        return Submission(
            response_id=identifier(submission, "id"),
            fields=fields,
            finished=submission.get("isCompleted") is True,
            submitted_at=moment(submission.get("submittedAt")),
            facts={
                **facts,
                **{name: submission[name] for name in ("respondentId", "formId") if isinstance(submission.get(name), str)},
            },
            nested=tuple(nested),
            aliases={alias: name for alias, name in aliases.items() if alias not in fields},
        )


def _where(access: TallyAccess, *parts: str) -> str:
    return address(access.base_url, "forms", access.form, "submissions", *parts)


def _headers(access: TallyAccess) -> dict[str, str]:
    return {"authorization": f"Bearer {access.api_key.get_secret_value()}"}


def _record(submission: JsonObject, answer: JsonObject) -> Record:
    """The submission and, of the questions, those that it answers."""
    answered = {str(each.get("questionId")) for each in objects(submission, "responses")}
    kept = [
        {name: each.get(name) for name in ("id", "type", "title")}
        for each in objects(answer, "questions")
        if str(each.get("id")) in answered
    ]
    return record(submission.get("id"), {"submission": submission, "questions": kept})
