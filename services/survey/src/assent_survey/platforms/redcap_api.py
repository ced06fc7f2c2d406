"""REDCap's API through `pycap`: the dictionary first, then the rows, without any field that the dictionary calls an identifier.

REDCap gives no time of an edit, so arrival orders records; a full listing shows what was deleted.
Source: REDCap API (content = record, metadata, project); PyCap 2.7.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated, Any, ClassVar
from zoneinfo import ZoneInfo

import httpx
from pydantic import Field, SecretStr
from redcap.project import Project
from redcap.request import RedcapError, _ContentConfig, _RCRequest

from assent_survey.domain.submission import Choice, Notice, Submission, Unreadable, Value
from assent_survey.platforms.asking import JsonObject, must_exist, record
from assent_survey.platforms.face import moment, part, read_object
from assent_survey.platforms.redcap_rows import COMPLETE, Dictionary, Place
from assent_survey.platforms.source import Access, BaseUrl, Pace, Page, PlatformAway, Record, TimeZone
from assent_survey.platforms.through_client import session_through

PAGE = 100
"""Records of REDCap that are asked for at once; each may hold several responses."""

_PLACE = ("project", "record", "event", "instrument", "instance")


class RedcapAccess(Access):
    """A token of a user with the right API Export, best with de-identified export, and the instruments that are the survey."""

    base_url: BaseUrl
    token: Annotated[SecretStr, Field(min_length=32, max_length=32)]
    instruments: tuple[Annotated[str, Field(pattern=r"^[a-z0-9_]{1,100}$")], ...] = Field(
        default=(), max_length=100, description="REDCap's names of the instruments; none means all"
    )
    time_zone: TimeZone = Field(default="UTC", description="the server's time zone, as in Europe/London")

    @property
    def api(self) -> str:
        """The address of the API, which ends in `/api/` whether or not that was entered."""
        return self.base_url.rstrip("/").removesuffix("/api") + "/api/"


class _Project(Project):
    """A project that is asked through our own client: PyCap has one session for the whole process, which follows redirects."""

    def __init__(self, access: RedcapAccess, client: httpx.Client) -> None:
        super().__init__(access.api, access.token.get_secret_value())
        self._session = session_through(client)

    def _call_api(self, payload: dict[str, Any], return_type: str, file: Any = None) -> Any:  # noqa: ARG002 - only JSON is asked for
        config = _ContentConfig(return_empty_json=False, return_bytes=False)
        request = _RCRequest(url=self.url, payload=payload, config=config, session=self._session)
        return request.execute(verify_ssl=True, return_headers=False, file=None)


class RedcapApi:
    """Reads whole records; a page is a hundred of them in the order of their names."""

    access: ClassVar[type[Access]] = RedcapAccess
    pace: ClassVar[Pace] = Pace(a_minute=60)
    at_once: ClassVar[int] = 50
    lists_everything: ClassVar[bool] = True

    def fetch(
        self, access: RedcapAccess, notices: Sequence[Notice], client: httpx.Client
    ) -> Iterator[tuple[Notice, Record | None]]:
        """All in one answer. A notice of an instrument that is not of the survey, or of another project, is passed over."""
        with _asking(access, client) as asking:
            places = [(each, Place.called(each.response_id)) for each in notices]
            ours = [(each, place.record) for each, place in places if place is not None and asking.concerns(place)]
            names = sorted({record for _, record in ours})
            found = {each.response_id: each for each in asking.records(names)} if names else {}
        for notice, _ in ours:
            yield notice, found.get(notice.response_id)

    def pages(self, access: RedcapAccess, client: httpx.Client, *, since: datetime | None, cursor: str | None) -> Page:
        """The cursor is the name of the last record of the page before."""
        with _asking(access, client) as asking:
            names = asking.names(since)
            waiting = [name for name in names if cursor is None or name > cursor]
            now = waiting[:PAGE]
            records = list(asking.records(now)) if now else []
        return Page(records, now[-1] if len(waiting) > PAGE else None)

    def read_record(self, raw: bytes) -> Submission:
        """Answers by field name, choices by code and label. Raises Unreadable."""
        content = read_object(raw)
        answers, labels = part(content, "answers"), part(content, "labels")
        place = part(content, "place")
        if not all(isinstance(place.get(name), str) for name in _PLACE):
            raise Unreadable("the record does not say where it is")
        return Submission(
            response_id=Place(**{name: place[name] for name in _PLACE}).response_id,
            fields={name: _value(answer, labels.get(name)) for name, answer in answers.items()},
            finished=content.get("complete") == COMPLETE,
            submitted_at=moment(content.get("submitted_at")),
            facts={name: place[name] for name in _PLACE if place[name]},
        )


class _Asking:
    """One project while it is asked."""

    def __init__(self, project: _Project, access: RedcapAccess) -> None:
        self._project = project
        self._zone = ZoneInfo(access.time_zone)
        self._id = str(project.export_project_info()["project_id"])
        self._dictionary = Dictionary(project.metadata, access.instruments)

    def concerns(self, place: Place) -> bool:
        """Whether it is in this project and of the survey."""
        return place.project == self._id and place.instrument in self._dictionary.instruments

    def names(self, since: datetime | None) -> list[str]:
        """The names of records that were made or changed after `since`, in order."""
        field = self._dictionary.record_field
        begin = since.astimezone(self._zone) if since else None
        rows = self._project.export_records(fields=[field], date_begin=begin)
        return sorted({str(row[field]) for row in rows if row.get(field)})

    def records(self, names: Sequence[str]) -> Iterator[Record]:
        """The responses that these records hold."""
        rows: list[JsonObject] = self._project.export_records(
            records=list(names),
            fields=self._dictionary.fields,
            event_name="unique",
            decimal_character=".",
            export_survey_fields=True,
            export_blank_for_gray_form_status=True,
        )
        for row in rows:
            for place, content in self._dictionary.responses(row, self._id, self._zone):
                yield record(place.response_id, content)


@contextmanager
def _asking(access: RedcapAccess, client: httpx.Client) -> Iterator[_Asking]:
    """Raises PlatformAway for any answer that is not what REDCap gives, beside what asking raises."""
    try:
        with must_exist():
            yield _Asking(_Project(access, client), access)
    except RedcapError as error:
        raise PlatformAway("REDCap refused the question, or did not answer in JSON") from error
    except (KeyError, TypeError, AttributeError) as error:
        raise PlatformAway("REDCap's answer is not what its documentation says") from error


def _value(answer: object, labels: object) -> Value:
    """Chosen codes have labels; anything else is as it was typed. Raises Unreadable."""
    named = labels if isinstance(labels, dict) else {}
    match answer:
        case list():
            return tuple(_choice(str(code), named) for code in answer)
        case str() if answer in named:
            return (_choice(answer, named),)
        case str():
            return answer
        case _:
            raise Unreadable("an answer of the record is neither text nor a list")


def _choice(code: str, labels: JsonObject) -> Choice:
    return (code, str(labels[code])) if code in labels else (code,)
