"""KoboToolbox REST Services, JSON or XML: unsigned; proved by a secret in a header of our naming, or by the Basic password.

The body is the submission as flat `group/question` keys, or the XForms instance that says the same; what Kobo adds begins with an
underscore, `meta/` or `formhub/`. A payload template may wrap the JSON in an object of its own. Only new submissions are ever sent,
never edits, and a retried body is read afresh and may differ: the submission's root uuid names the response and arrival orders its
states. Source: kobotoolbox/kpi, kobo/apps/hook, of 2026-08.
"""

from datetime import UTC, datetime
from typing import Any

from assent_survey.domain.submission import Submission, Unreadable, Value, split_values
from assent_survey.platforms.face import Headers, begins, is_identifier, read_object
from assent_survey.platforms.kobo_api import KoboApi
from assent_survey.platforms.shared_secret import SharedSecret
from assent_survey.platforms.xform_instance import is_metadata, plain_id, read_instance

_ADDED = ("_", "formhub/")
_IDS = ("meta/rootUuid", "_uuid", "meta/instanceID")


class Kobo(KoboApi, SharedSecret):
    """The secret is a custom header of the REST service, or its Basic password with any user name."""

    name = "kobo"

    def parse(self, raw: bytes, headers: Headers) -> Submission:  # noqa: ARG002 - XML is known by its first character
        """Answers by `group/question`; what Kobo adds is facts."""
        if begins(raw, b"<"):
            instance = read_instance(raw)
            return _submission(instance.fields, instance.nested)
        return _submission(_unwrapped(read_object(raw)), ())

    def read_record(self, raw: bytes) -> Submission:
        """The submission as the REST service sends it. Raises Unreadable."""
        return self.parse(raw, {})

    def content_type(self, raw: bytes) -> str:
        """As the REST service is set."""
        return "application/xml" if raw.startswith(b"<") else "application/json"


def _submission(body: dict[str, Any], repeats: tuple[str, ...]) -> Submission:
    fields, nested = split_values({name: value for name, value in body.items() if not _is_added(name)})
    version = body.get("__version__")
    return Submission(
        response_id=_root_uuid(body),
        fields=fields,
        finished=True,
        submitted_at=_utc(body.get("_submission_time")),
        facts=_facts(body),
        nested=nested + repeats,
        separator=" ",
        form_version=version if isinstance(version, str) and version else None,
    )


def _unwrapped(body: dict[str, Any]) -> dict[str, Any]:
    """The submission inside the object that a payload template such as `{"fields": %SUBMISSION%}` puts around it."""
    if any(name in body for name in _IDS):
        return body
    inside = [value for value in body.values() if isinstance(value, dict) and any(name in value for name in _IDS)]
    return inside[0] if len(inside) == 1 else body


def _is_added(name: str) -> bool:
    return name.startswith(_ADDED) or is_metadata(name)


def _facts(body: dict[str, Any]) -> dict[str, Value]:
    """What Kobo adds and a mapping may point to; not its lists of attachments, tags and places."""
    return {name: str(value) for name, value in body.items() if _is_added(name) and isinstance(value, str | int) and value != ""}


def _root_uuid(body: dict[str, Any]) -> str:
    """The id that stays the same when the submission is edited."""
    for name in _IDS:
        found = body.get(name)
        if isinstance(found, str) and is_identifier(plain_id(found)):
            return plain_id(found)
    raise Unreadable("the body has none of meta/rootUuid, _uuid and meta/instanceID; send the whole submission")


def _utc(text: object) -> datetime | None:
    """Kobo's time of submission has no zone and is UTC."""
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
