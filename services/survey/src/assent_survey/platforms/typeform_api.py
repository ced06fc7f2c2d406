"""Typeform's Responses API: what the webhook sends, without the form itself; partial responses where the plan shows them.

The newest answers may be missing for some minutes, and an edit cannot be told: responses are as they were submitted.
Source: Typeform, Responses API, "Retrieve responses".
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar

import httpx

from assent_survey.domain.submission import Notice
from assent_survey.platforms.asking import JsonObject, address, ask_json, must_exist, objects, record, whole_number
from assent_survey.platforms.source import Access, BaseUrl, NotThere, Pace, Page, Record, ThingId, Token

PAGE = 200
_KEPT = ("token", "landed_at", "submitted_at", "hidden", "calculated", "variables", "ending", "answers")


class TypeformAccess(Access):
    """A personal access token with the scope Responses: Read, and the form."""

    base_url: BaseUrl = "https://api.typeform.com"
    token: Token
    form: ThingId


class TypeformApi:
    """Pages from the newest response back. Plans that do not show partial ones leave them out, so what is missing need not be deleted."""

    access: ClassVar[type[Access]] = TypeformAccess
    pace: ClassVar[Pace] = Pace(a_minute=60)
    at_once: ClassVar[int] = 50
    lists_everything: ClassVar[bool] = False

    def fetch(
        self, access: TypeformAccess, notices: Sequence[Notice], client: httpx.Client
    ) -> Iterator[tuple[Notice, Record | None]]:
        """All in one answer."""
        ids = ",".join(notice.response_id for notice in notices)
        try:
            answer = _ask(access, client, {"included_response_ids": ids, "page_size": len(notices)})
        except NotThere:
            answer = {}
        found = {each.response_id: each for each in map(_record, objects(answer, "items"))}
        for notice in notices:
            yield notice, found.get(notice.response_id)

    def pages(self, access: TypeformAccess, client: httpx.Client, *, since: datetime | None, cursor: str | None) -> Page:
        """Up to 200 responses; the cursor is the token of the last of them."""
        query: dict[str, Any] = {"page_size": PAGE, "response_type": "completed,partial"}
        if since is not None:
            query["since"] = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        if cursor is not None:
            query["before"] = cursor
        with must_exist():
            answer = _ask(access, client, query)
        items = list(objects(answer, "items"))
        more = len(items) >= PAGE
        return Page(
            [_record(each) for each in items],
            str(items[-1].get("token")) if more else None,
            whole_number(answer.get("total_items")),
        )


def _ask(access: TypeformAccess, client: httpx.Client, query: dict[str, Any]) -> JsonObject:
    headers = {"authorization": f"Bearer {access.token.get_secret_value()}"}
    return ask_json(client, "GET", address(access.base_url, "forms", access.form, "responses"), params=query, headers=headers)


def _record(item: JsonObject) -> Record:
    """The item as an event of the webhook, without what Typeform notes of browser and network."""
    response = {name: item[name] for name in _KEPT if item.get(name) is not None}
    kind = "form_response_partial" if item.get("response_type") == "partial" else "form_response"
    return record(item.get("token"), {"event_type": kind, "form_response": response})
