"""KoboToolbox's API, version 2: the submissions of a project as its REST service sends them, which is the only way to see an edit.

An edit changes the submission's uuid and its content and leaves the time of submission, so asking for new ones does not show edits: a
full listing does, by comparison. Source: kobotoolbox/kpi, `/api/v2/assets/{uid}/data/`, of 2026-08.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar

import httpx
import orjson

from assent_survey.domain.submission import Notice
from assent_survey.platforms.asking import JsonObject, address, ask_json, must_exist, objects, position, record, whole_number
from assent_survey.platforms.source import Access, BaseUrl, NotThere, Pace, Page, PlatformAway, Record, ThingId, Token
from assent_survey.platforms.xform_instance import plain_id

PAGE = 500
_IDS = ("meta/rootUuid", "_uuid", "meta/instanceID")


class KoboAccess(Access):
    """The API key of somebody who may view the project's submissions, the server, and the project's asset uid."""

    base_url: BaseUrl = "https://kf.kobotoolbox.org"
    token: Token
    asset: ThingId


class KoboApi:
    """Pages in the order of Kobo's own numbers, so that what comes and goes meanwhile moves nothing."""

    access: ClassVar[type[Access]] = KoboAccess
    pace: ClassVar[Pace] = Pace(a_minute=60)
    at_once: ClassVar[int] = 50
    lists_everything: ClassVar[bool] = True

    def fetch(self, access: KoboAccess, notices: Sequence[Notice], client: httpx.Client) -> Iterator[tuple[Notice, Record | None]]:
        """All in one answer, by whichever of their ids names them."""
        ids = [notice.response_id for notice in notices]
        named = [*ids, *(f"uuid:{id}" for id in ids)]
        try:
            answer = _data(access, client, {"$or": [{name: {"$in": named}} for name in _IDS]}, limit=len(notices))
        except NotThere:
            answer = {}
        found = {each.response_id: each for each in _records(answer)}
        for notice in notices:
            yield notice, found.get(notice.response_id)

    def pages(self, access: KoboAccess, client: httpx.Client, *, since: datetime | None, cursor: str | None) -> Page:
        """Up to 500 submissions; with `since` those submitted after it."""
        wanted: JsonObject = {}
        if since is not None:
            wanted["_submission_time"] = {"$gt": since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")}
        if cursor is not None:
            wanted["_id"] = {"$gt": position(cursor)}
        with must_exist():
            answer = _data(access, client, wanted, limit=PAGE)
        numbers = [number for each in objects(answer, "results") if (number := whole_number(each.get("_id"))) is not None]
        more = bool(answer.get("next")) and bool(numbers)
        return Page(list(_records(answer)), str(max(numbers)) if more else None, whole_number(answer.get("count")))


def _data(access: KoboAccess, client: httpx.Client, wanted: JsonObject, *, limit: int) -> JsonObject:
    query: dict[str, Any] = {"format": "json", "query": orjson.dumps(wanted).decode(), "sort": '{"_id":1}', "limit": limit}
    headers = {"authorization": f"Token {access.token.get_secret_value()}"}
    where = address(access.base_url, "api", "v2", "assets", access.asset, "data") + "/"
    return ask_json(client, "GET", where, params=query, headers=headers)


def _records(answer: JsonObject) -> Iterator[Record]:
    for each in objects(answer, "results"):
        names = [each[name] for name in _IDS if isinstance(each.get(name), str) and each[name]]
        if not names:
            raise PlatformAway("a submission in Kobo's answer has no id")
        yield record(plain_id(names[0]), each)
