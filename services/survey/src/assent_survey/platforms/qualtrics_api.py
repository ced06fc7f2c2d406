"""Qualtrics' API, version 3: one response by its id, and whole surveys as an export: begun, waited for, and read from a zip file.

A response can be read some time after its event only, and an edit leaves no time that is told, so arrival orders them. Responses in
progress are a separate export under other ids and are not read: they would stand beside the finished ones as somebody else's.
Source: Qualtrics API, "Retrieve a Survey Response" and "Start Response Export"; field layout of its JSON exports.
"""

import re
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import IO, Any, ClassVar

import httpx

from assent_survey.domain.submission import Choice, Notice, Submission, Value, as_value
from assent_survey.platforms.asking import (
    JsonObject,
    address,
    ask_json,
    json_object,
    must_exist,
    of_survey,
    one_by_one,
    position,
    record,
)
from assent_survey.platforms.face import identifier, moment, part, read_object
from assent_survey.platforms.source import (
    Access,
    BaseUrl,
    NotThere,
    Pace,
    Page,
    PlatformAway,
    Record,
    SlowDown,
    ThingId,
    Token,
    streamed,
)

PAGE = 2000
LARGEST_EXPORT = 2 * 1024**3
"""Bytes of an export, unpacked. A larger one is not read: it would be no survey."""
EXPORT_SECONDS = 5.0
"""How long to leave an export alone before asking again whether it is ready."""

_QUESTION = re.compile(r"QID\d+")
_OTHERS_WORDS = re.compile(r"QID\d+_.+_TEXT")
_WRITTEN_IN = re.compile(r"(QID\d+(?:#\d+)?(?:_x?\d+)+)_TEXT")
_ABOUT_PEOPLE = re.compile(r"ipAddress|location(Latitude|Longitude)|recipient(FirstName|LastName|Email)")
_TESTS = (1, 2, 9, 17)  # preview, test, preview marked as spam, preview offline


class QualtricsAccess(Access):
    """An API token of somebody who may view the survey's responses, the brand's data center and the survey."""

    base_url: BaseUrl
    token: Token
    survey: ThingId


class QualtricsApi:
    """Reads single responses and exports."""

    access: ClassVar[type[Access]] = QualtricsAccess
    pace: ClassVar[Pace] = Pace(a_minute=60)
    at_once: ClassVar[int] = 20
    lists_everything: ClassVar[bool] = True

    def fetch(
        self, access: QualtricsAccess, notices: Sequence[Notice], client: httpx.Client
    ) -> Iterator[tuple[Notice, Record | None]]:
        """One by one, always from the survey of the connection; a response that is not readable yet is None."""

        def ask_for(notice: Notice) -> Record:
            where = self._where(access, "responses", notice.response_id)
            result = _result(ask_json(client, "GET", where, headers=_headers(access)))
            return _record(result)

        return one_by_one(of_survey(notices, access.survey), ask_for)

    def pages(self, access: QualtricsAccess, client: httpx.Client, *, since: datetime | None, cursor: str | None) -> Page:
        """The cursor walks through an export: `export:<id>` while it is being made, then `file:<id>:<line>`.

        An export that Qualtrics no longer has is made anew. Raises SlowDown while the export is not ready.
        """
        try:
            match (cursor or "").split(":"):
                case ["export", progress]:
                    return Page((), f"file:{self._ready(access, client, progress)}:0")
                case ["file", file, line]:
                    return self._read_file(access, client, file, position(line))
        except NotThere:
            pass
        with must_exist():
            return Page((), f"export:{self._begin(access, client, since)}")

    def read_record(self, raw: bytes) -> Submission:
        """Answers by the name of their export column (`QID3`, `QID4_2`, `QID5_TEXT`), embedded data as facts. Raises Unreadable."""
        result = read_object(raw)
        values = part(result, "values")
        labels = result.get("labels")
        fields, nested = _fields(values, labels if isinstance(labels, dict) else {}, result.get("displayedFields"))
        return Submission(
            response_id=identifier(result, "responseId"),
            fields=fields,
            finished=values.get("finished") in (1, "1", True),
            submitted_at=moment(values.get("recordedDate")) or moment(values.get("endDate")),
            facts=_facts(values),
            nested=nested,
            aliases={row: name for row, name in map(_row_written_in, fields) if row and row not in fields},
            test=values.get("status") in _TESTS,
        )

    def _where(self, access: QualtricsAccess, *parts: str) -> str:
        return address(access.base_url, "API", "v3", "surveys", access.survey, *parts)

    def _begin(self, access: QualtricsAccess, client: httpx.Client, since: datetime | None) -> str:
        wanted: JsonObject = {"format": "ndjson"}
        if since is not None:
            wanted["startDate"] = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        answer = ask_json(client, "POST", self._where(access, "export-responses"), json=wanted, headers=_headers(access))
        return _id_in(_result(answer), "progressId")

    def _ready(self, access: QualtricsAccess, client: httpx.Client, progress: str) -> str:
        answer = ask_json(client, "GET", self._where(access, "export-responses", progress), headers=_headers(access))
        result = _result(answer)
        match result.get("status"):
            case "complete":
                return _id_in(result, "fileId")
            case "failed":
                raise PlatformAway("Qualtrics could not make the export")
            case _:
                raise SlowDown(EXPORT_SECONDS)

    def _read_file(self, access: QualtricsAccess, client: httpx.Client, file: str, begin: int) -> Page:
        """A page out of the export. It is downloaded for each page anew, so that nothing is kept between two calls."""
        with tempfile.TemporaryFile() as kept:
            _download(client, self._where(access, "export-responses", file, "file"), _headers(access), kept)
            lines = list(islice(_lines(kept), begin, begin + PAGE + 1))
        results = [json_object(line) for line in lines[:PAGE]]
        records = [_record(result) for result in results]
        return Page(records, f"file:{file}:{begin + PAGE}" if len(lines) > PAGE else None)


def _headers(access: QualtricsAccess) -> dict[str, str]:
    return {"x-api-token": access.token.get_secret_value()}


def _result(answer: JsonObject) -> JsonObject:
    result = answer.get("result")
    if not isinstance(result, dict):
        raise PlatformAway("Qualtrics' answer has no result")
    return result


def _record(result: JsonObject) -> Record:
    """Without who it was and whence."""
    values = result.get("values")
    if isinstance(values, dict):
        result = {**result, "values": {name: value for name, value in values.items() if not _ABOUT_PEOPLE.fullmatch(name)}}
    return record(result.get("responseId"), result)


def _id_in(result: JsonObject, name: str) -> str:
    found = result.get(name)
    if not isinstance(found, str) or not re.fullmatch(r"[A-Za-z0-9_-]{1,200}", found):
        raise PlatformAway(f"Qualtrics' answer has no {name}")
    return found


def _download(client: httpx.Client, url: str, headers: dict[str, str], into: IO[bytes]) -> None:
    with streamed(client, "GET", url, headers=headers, largest=LARGEST_EXPORT) as (_, chunks):
        for chunk in chunks:
            into.write(chunk)


def _lines(kept: IO[bytes]) -> Iterator[bytes]:
    """The responses of an export, one a line. Raises PlatformAway for anything else than a zip of one file."""
    try:
        with zipfile.ZipFile(kept) as archive:
            members = archive.infolist()
            if len(members) != 1 or members[0].file_size > LARGEST_EXPORT:
                raise PlatformAway("the export is not one file of a reasonable size")
            with archive.open(members[0]) as unpacked:
                yield from (line for line in unpacked if line.strip())
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise PlatformAway("the export cannot be unpacked") from error


def _fields(values: JsonObject, labels: JsonObject, displayed: Any) -> tuple[dict[str, Value], tuple[str, ...]]:
    """Answers and, empty, what was shown and left empty. The order in which choices were shown is no answer."""
    fields: dict[str, Value] = {}
    nested: list[str] = []
    for name, value in values.items():
        if not _is_answer(name):
            continue
        try:
            fields[name] = _value(value, labels.get(name))
        except TypeError:
            nested.append(name)
    shown = [name for name in (displayed if isinstance(displayed, list) else []) if isinstance(name, str) and _is_answer(name)]
    empty: dict[str, Value] = {name: None for name in shown if name not in nested and not _OTHERS_WORDS.fullmatch(name)}
    return {**empty, **fields}, tuple(nested)


def _row_written_in(name: str) -> tuple[str, str]:
    """What is written into a row of a form or a cell of a table is `QID4_1_1_TEXT` in some exports and `QID4_1_1` in others."""
    found = _WRITTEN_IN.fullmatch(name)
    return (found[1] if found else "", name)


def _is_answer(name: str) -> bool:
    return _QUESTION.match(name) is not None and not name.endswith("_DO")


def _value(value: object, label: object) -> Value:
    """A choice has a label and is known by it too; a text or number has none. Raises TypeError for any other shape."""
    match value, label:
        case list(), list() if len(value) == len(label):
            return tuple(_choice(each, name) for each, name in zip(value, label, strict=True))
        case (str() | int(), str()) if not isinstance(value, bool):
            return (_choice(value, label),)
        case _:
            return as_value(value)


def _choice(value: object, label: object) -> Choice:
    return (str(value), str(label)) if label else (str(value),)


def _facts(values: JsonObject) -> dict[str, Value]:
    """Embedded data and what Qualtrics records of the sitting."""
    facts: dict[str, Value] = {}
    for name, value in values.items():
        if _is_answer(name) or name.startswith("QID"):
            continue
        try:
            facts[name] = as_value(value)
        except TypeError:
            continue
    return facts
