"""How sources ask and what they make of the answer: addresses from parts, JSON, records. What each platform is asked is its own file's."""

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from urllib.parse import quote

import httpx
import orjson

from assent_survey.domain.submission import Notice
from assent_survey.platforms.source import AccessRefused, NotThere, PlatformAway, Record, ask

JsonObject = dict[str, Any]


def address(base_url: str, *parts: str) -> str:
    """`base_url` and these parts as one address. No part leaves its place, whatever it holds. Raises NotThere for one that would."""
    if any(part in ("", ".", "..") for part in parts):
        raise NotThere
    return "/".join([base_url.rstrip("/"), *(quote(part, safe="") for part in parts)])


def ask_json(client: httpx.Client, method: str, url: str, **arguments: Any) -> JsonObject:
    """The JSON object that a platform answers. Raises NotThere, SlowDown, AccessRefused, PlatformAway."""
    return json_object(ask(client, method, url, **arguments).content)


def ask_list(client: httpx.Client, method: str, url: str, **arguments: Any) -> list[JsonObject]:
    """The objects of the JSON list that a platform answers. Raises NotThere, SlowDown, AccessRefused, PlatformAway."""
    found = _json(ask(client, method, url, **arguments).content)
    if not isinstance(found, list):
        raise PlatformAway("the platform's answer is not a JSON list")
    return [each for each in found if isinstance(each, dict)]


@contextmanager
def must_exist() -> Iterator[None]:
    """What is asked for is what the operator has named: a platform that does not have it will not have it later either."""
    try:
        yield
    except NotThere as error:
        raise AccessRefused("the platform has nothing of this name, or does not show it to this token") from error


def json_object(content: bytes) -> JsonObject:
    """A JSON object that a platform gave. Raises PlatformAway."""
    found = _json(content)
    if not isinstance(found, dict):
        raise PlatformAway("the platform's answer is not a JSON object")
    return found


def record(response_id: object, content: JsonObject, updated_at: datetime | None = None) -> Record:
    """A record of one response out of an answer that held several, or that was put together from several answers."""
    return Record(str(response_id), json.dumps(content, separators=(",", ":")).encode(), updated_at)


def of_survey(notices: Iterable[Notice], survey: str) -> list[Notice]:
    """The notices that may be about this survey; the others were sent to the wrong connection, and are passed over."""
    return [notice for notice in notices if notice.address.get("survey", survey) == survey]


def one_by_one(notices: Iterable[Notice], ask: Callable[[Notice], Record | None]) -> Iterator[tuple[Notice, Record | None]]:
    """What `ask` gives for each notice; None also for one that the platform does not have (yet)."""
    for notice in notices:
        try:
            found = ask(notice)
        except NotThere:
            found = None
        yield notice, found


def objects(given: object, name: str) -> Iterator[JsonObject]:
    """The objects of the list under a name; nothing where there is no such list."""
    found = given.get(name) if isinstance(given, dict) else None
    yield from (each for each in (found if isinstance(found, list) else []) if isinstance(each, dict))


def whole_number(given: object) -> int | None:
    """A count that a platform tells, if it is one."""
    match given:
        case bool():
            return None
        case int():
            return given
        case str() if given.isascii() and given.isdigit() and len(given) < 16:
            return int(given)
        case _:
            return None


def position(cursor: str | None) -> int:
    """The number in a cursor that counts; 0 for the beginning."""
    return whole_number(cursor) or 0


def _json(content: bytes) -> object:
    """What strict JSON refuses, such as half an emoji in somebody's words, is let through: its record alone is unreadable, not a page."""
    try:
        found: object = orjson.loads(content)
    except orjson.JSONDecodeError:
        try:
            found = json.loads(content)
        except (ValueError, RecursionError) as error:
            raise PlatformAway("the platform's answer is not JSON") from error
    return found
