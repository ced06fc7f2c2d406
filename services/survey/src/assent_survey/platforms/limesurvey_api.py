"""LimeSurvey's RemoteControl 2 through `citric`: rows of responses, unfinished ones too, with the labels of their options.

It knows neither a time of change nor a filter by time, so every reconciliation looks at everything. It answers by question code, and
some plugins send columns such as `123456X12X34`: those are aliases. Token and rights are those of a login.
Source: manual.limesurvey.org, RemoteControl 2 API; citric 2.3.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated, Any, ClassVar

import httpx
import requests
from citric import Client
from citric.exceptions import LimeSurveyError, LimeSurveyStatusError, ResponseMismatchError
from pydantic import Field

from assent_survey.domain.submission import Notice
from assent_survey.platforms.asking import JsonObject, must_exist, position, record, whole_number
from assent_survey.platforms.source import Access, AccessRefused, BaseUrl, Pace, Page, PlatformAway, Record, Token
from assent_survey.platforms.through_client import session_through

PAGE = 200
_REMOTE = "/index.php/admin/remotecontrol"
_TWO_SCALES = "1"
_NOT_KEPT = frozenset({"ipaddr", "refurl"})


class LimeSurveyAccess(Access):
    """A login with the rights View and Export on the survey's responses; the address of LimeSurvey or of its RemoteControl."""

    base_url: BaseUrl
    username: Annotated[str, Field(min_length=1, max_length=200)]
    password: Token
    survey: Annotated[int, Field(ge=1)]

    @property
    def remote(self) -> str:
        """The address of RemoteControl 2."""
        base = self.base_url.rstrip("/")
        return base if base.endswith("remotecontrol") else base + _REMOTE


class LimeSurveyApi:
    """Pages by response number."""

    access: ClassVar[type[Access]] = LimeSurveyAccess
    pace: ClassVar[Pace] = Pace(a_minute=60)
    at_once: ClassVar[int] = 50
    lists_everything: ClassVar[bool] = True

    def fetch(
        self, access: LimeSurveyAccess, notices: Sequence[Notice], client: httpx.Client
    ) -> Iterator[tuple[Notice, Record | None]]:
        """All that lie between the first and the last number, in one answer."""
        numbers = {notice.response_id: _number(notice, access) for notice in notices}
        wanted = [number for number in numbers.values() if number is not None]
        with _asking(access, client) as asking:
            found = {each.response_id: each for each in asking.records(min(wanted), max(wanted))} if wanted else {}
        for notice in notices:
            yield notice, found.get(notice.response_id)

    def pages(self, access: LimeSurveyAccess, client: httpx.Client, *, since: datetime | None, cursor: str | None) -> Page:  # noqa: ARG002 - it cannot tell
        """Up to 200 responses; the cursor is the number of the last of them."""
        with _asking(access, client) as asking:
            numbers = asking.numbers(position(cursor) + 1)
            now = numbers[:PAGE]
            records = list(asking.records(now[0], now[-1])) if now else []
        return Page(records, str(now[-1]) if len(numbers) > PAGE else None)


class _Asking:
    """One survey while it is asked, logged in."""

    def __init__(self, remote: Client, survey: int) -> None:
        self._remote, self._survey = remote, survey

    def numbers(self, begin: int) -> list[int]:
        """The numbers of responses from one on, in order."""
        found = (whole_number(row.get("id")) for row in self._rows(from_response_id=begin, fields=["id"]))
        return sorted(number for number in found if number is not None and number >= begin)

    def records(self, first: int, last: int) -> Iterator[Record]:
        """Rows by code, each with the labels of its options and the other names of its columns."""
        between: dict[str, Any] = {"from_response_id": first, "to_response_id": last}
        rows = self._rows(**between)
        labels = {str(row.get("id")): row for row in self._rows(**between, response_type="long")} if rows else {}
        columns = _columns(self._remote.get_fieldmap(self._survey)) if rows else {}
        for row in rows:
            number = str(row.get("id"))
            kept = {name: value for name, value in row.items() if name not in _NOT_KEPT}
            answered = {name: label for name, label in labels.get(number, {}).items() if kept.get(name) not in (None, "", label)}
            content = {
                "survey": str(self._survey),
                "respondId": number,
                "submitDate": row.get("submitdate"),
                "token": row.get("token"),
                "response": kept,
                "response_pretty": answered,
                "aliases": {column: code for column, code in columns.items() if kept.get(code) is not None and code != column},
            }
            yield record(f"{self._survey}/{number}", content)

    def _rows(self, **wanted: Any) -> list[JsonObject]:
        try:
            rows = self._remote.export_responses_dict(self._survey, completion_status="all", heading_type="code", **wanted)
        except LimeSurveyStatusError as status:
            if str(status).startswith("No Data"):
                return []
            raise
        return [_unwrapped(row) for row in rows]


@contextmanager
def _asking(access: LimeSurveyAccess, client: httpx.Client) -> Iterator[_Asking]:
    """Log in, and out again. Raises AccessRefused, PlatformAway, SlowDown."""
    session = session_through(client)
    try:
        with (
            must_exist(),
            Client(access.remote, access.username, access.password.get_secret_value(), requests_session=session) as remote,
        ):
            yield _Asking(remote, access.survey)
    except LimeSurveyStatusError as error:
        raise _meaning(str(error)) from error
    except (
        LimeSurveyError,
        ResponseMismatchError,
        requests.RequestException,
        ValueError,
        LookupError,
        TypeError,
        AttributeError,
    ) as error:
        raise PlatformAway("RemoteControl did not answer as it is documented; is its JSON-RPC interface enabled?") from error


def _meaning(status: str) -> Exception:
    """LimeSurvey says only in words what went wrong."""
    if any(word in status.lower() for word in ("password", "permission", "session key", "login")):
        return AccessRefused("LimeSurvey does not accept the login, or not for this survey")
    return PlatformAway("LimeSurvey could not answer")


def _number(notice: Notice, access: LimeSurveyAccess) -> int | None:
    survey, _, number = notice.response_id.partition("/")
    return whole_number(number) if survey == str(access.survey) else None


def _columns(field_map: JsonObject) -> dict[str, str]:
    """The question code of each stored column, `code[subquestion]` where it has parts, with `[1]` or `[2]` where it has two scales."""
    found = {}
    for column, described in field_map.items():
        if isinstance(described, dict) and described.get("title"):
            part, scale = described.get("aid"), whole_number(described.get("scale_id"))
            heading = f"{described['title']}[{part}]" if part else str(described["title"])
            found[column] = f"{heading}[{scale + 1}]" if described.get("type") == _TWO_SCALES and scale is not None else heading
    return found


def _unwrapped(row: JsonObject) -> JsonObject:
    """Older versions wrap each row in an object of its own, under its number."""
    inside = next(iter(row.values())) if len(row) == 1 else None
    return inside if isinstance(inside, dict) else row
