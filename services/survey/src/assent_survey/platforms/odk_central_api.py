"""ODK Central's OData feed of a form's submissions, and its audit log for those that were deleted.

Fields are named as in the XML, `group/question`; OData writes an underscore for every other sign in a name. What was reviewed or edited
shows as `updatedAt`. Encrypted submissions hold no answers. The audit log is for administrators only: who may not read it learns of
deletions from the feed, where Central 2024.3 and later list them.
Source: ODK Central API, OData endpoints and server audit logs (docs.getodk.org/central-api), of 2026-08.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar
from urllib.parse import parse_qs, urlsplit

import httpx
from pydantic import Field

from assent_survey.domain.submission import Notice, Submission, Unreadable, Value
from assent_survey.platforms.asking import JsonObject, address, ask_json, ask_list, must_exist, objects, record, whole_number
from assent_survey.platforms.face import identifier, is_identifier, moment, part, read_object
from assent_survey.platforms.source import (
    Access,
    AccessRefused,
    BaseUrl,
    NotThere,
    Pace,
    Page,
    PlatformAway,
    Record,
    ThingId,
    Token,
)
from assent_survey.platforms.xform_instance import Instance, plain_id, submission_of

PAGE = 250
AUDITS = 500
_FACTS = ("reviewState", "submitterId", "edits", "formVersion", "deviceId")


class OdkCentralAccess(Access):
    """A user of Central who may see the form's submissions (Project Viewer), with the password; Central has no longer-lived tokens."""

    base_url: BaseUrl
    email: Annotated[str, Field(min_length=3, max_length=254)]
    password: Token
    project: Annotated[int, Field(ge=1)]
    form: ThingId


class OdkCentralApi:
    """Pages by Central's own cursor, which names a submission and not a place."""

    access: ClassVar[type[Access]] = OdkCentralAccess
    pace: ClassVar[Pace] = Pace(a_minute=60)
    at_once: ClassVar[int] = 10
    lists_everything: ClassVar[bool] = True

    def fetch(
        self, access: OdkCentralAccess, notices: Sequence[Notice], client: httpx.Client
    ) -> Iterator[tuple[Notice, Record | None]]:
        """One by one, with and without the `uuid:` before the id."""
        for notice in notices:
            yield notice, _one(access, client, f"uuid:{notice.response_id}") or _one(access, client, notice.response_id)

    def pages(self, access: OdkCentralAccess, client: httpx.Client, *, since: datetime | None, cursor: str | None) -> Page:
        """Up to 250 submissions; with `since` those made, edited or reviewed after it, and, with the last page, those deleted."""
        query: dict[str, Any] = {"$top": PAGE, "$expand": "*", "$count": "true", "$wkt": "true"}
        if since is not None:
            query["$filter"] = f"__system/submissionDate gt {_utc(since)} or __system/updatedAt gt {_utc(since)}"
        if cursor is not None:
            query["$skiptoken"] = cursor
        with must_exist():
            answer = ask_json(client, "GET", _feed(access), params=query, auth=_credentials(access))
        onward = _skiptoken(answer.get("@odata.nextLink"))
        deleted = list(_deleted(access, client, since)) if since is not None and onward is None else []
        records = [_record(each) for each in objects(answer, "value")]
        return Page(records, onward, whole_number(answer.get("@odata.count")), deleted)

    def read_record(self, raw: bytes) -> Submission:
        """The submission as its XML says, named by its first instance. Raises Unreadable."""
        row = read_object(raw)
        system = part(row, "__system")
        if str(system.get("status")).lower() == "notdecrypted":
            raise Unreadable("the form is encrypted, so nobody but the holder of its key can read the answers")
        fields: dict[str, str] = {}
        nested: list[str] = []
        for path, text in _leaves(row, ""):
            if text is None:
                nested.append(path)
            else:
                fields[path] = text
        response_id, version = plain_id(identifier(row, "__id")), system.get("formVersion")
        if not is_identifier(response_id):
            raise Unreadable("the submission has no id")
        instance = Instance(
            None, version if isinstance(version, str) and version else None, response_id, None, fields, tuple(nested)
        )
        facts: dict[str, Value] = {name: str(system[name]) for name in _FACTS if system.get(name) not in (None, "")}
        submitted = moment(system.get("submissionDate"))
        return replace(
            submission_of(instance, facts=facts), submitted_at=submitted, updated_at=moment(system.get("updatedAt")) or submitted
        )


def _feed(access: OdkCentralAccess, table: str = "Submissions") -> str:
    return address(access.base_url, "v1", "projects", str(access.project), "forms", f"{access.form}.svc", table)


def _credentials(access: OdkCentralAccess) -> tuple[str, str]:
    return access.email, access.password.get_secret_value()


def _one(access: OdkCentralAccess, client: httpx.Client, instance: str) -> Record | None:
    quoted = instance.replace("'", "''")
    try:
        answer = ask_json(
            client,
            "GET",
            _feed(access, f"Submissions('{quoted}')"),
            params={"$expand": "*", "$wkt": "true"},
            auth=_credentials(access),
        )
    except NotThere:
        return None
    return next((_record(each) for each in objects(answer, "value")), None)


def _deleted(access: OdkCentralAccess, client: httpx.Client, since: datetime) -> Iterator[str]:
    """Ids of submissions that were deleted after a moment; the log also names those of other forms, which are nobody's here."""
    try:
        yield from _audited(access, client, since)
    except (AccessRefused, NotThere):
        yield from _shown_as_deleted(access, client, since)


def _shown_as_deleted(access: OdkCentralAccess, client: httpx.Client, since: datetime) -> Iterator[str]:
    """Nothing where Central is older than 2024.3 and does not know the filter."""
    query = {"$filter": f"__system/deletedAt gt {_utc(since)}"}
    try:
        answer = ask_json(client, "GET", _feed(access), params=query, auth=_credentials(access))
    except PlatformAway as away:
        if away.status not in (400, 501):
            raise
    else:
        yield from (plain_id(str(each.get("__id"))) for each in objects(answer, "value"))


def _audited(access: OdkCentralAccess, client: httpx.Client, since: datetime) -> Iterator[str]:
    offset, more = 0, True
    while more:
        query: dict[str, Any] = {"action": "submission.delete", "start": _utc(since), "limit": AUDITS, "offset": offset}
        entries = ask_list(client, "GET", address(access.base_url, "v1", "audits"), params=query, auth=_credentials(access))
        for entry in entries:
            details = entry.get("details")
            if isinstance(details, dict) and isinstance(details.get("instanceId"), str):
                yield plain_id(details["instanceId"])
        offset, more = offset + AUDITS, len(entries) >= AUDITS


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _skiptoken(link: object) -> str | None:
    found = parse_qs(urlsplit(str(link)).query).get("$skiptoken") if link else None
    return found[0] if found else None


def _record(row: JsonObject) -> Record:
    system = row.get("__system")
    known = system if isinstance(system, dict) else {}
    return record(plain_id(str(row.get("__id"))), row, moment(known.get("updatedAt")) or moment(known.get("submissionDate")))


def _leaves(row: JsonObject, path: str) -> Iterator[tuple[str, str | None]]:
    """Each question with its text, as the XML has it, and each repeat with None."""
    for name, value in row.items():
        if name in ("__id", "__system") or "@odata." in name:
            continue
        place = f"{path}/{name}" if path else name
        match value:
            case dict():
                yield from _leaves(value, place)
            case list():
                yield place, None
            case float():
                yield place, f"{value:.15g}"
            case _:
                yield place, "" if value is None else str(value)
