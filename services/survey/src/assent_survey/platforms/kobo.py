"""KoboToolbox REST Services: unsigned; proved by a secret in a header of our naming, or by the Basic password.

The body is the submission as flat `group/question` keys; what Kobo adds begins with an underscore, `meta/` or `formhub/`. Only new
submissions are ever sent, never edits, and a retried body is read afresh and may differ: the submission's root uuid names the
response and arrival orders its states. Source: kobotoolbox/kpi, kobo/apps/hook, of 2026-08.
"""

import base64
import binascii
import secrets as randomness
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from assent_survey.domain.submission import Identity, Refused, Submission, Unreadable, Value, split_values
from assent_survey.platforms.face import Headers, KeepsWholeBody, Proof, body_digest, is_identifier, matches_any, read_object

SECRET_HEADER = "x-webhook-secret"  # noqa: S105 - a header's name; not `x-assent-…`, which the gateway keeps for itself
_ADDED = ("_", "meta/", "formhub/")
_ADDED_NAMES = frozenset({"start", "end", "today", "deviceid", "username", "phonenumber"})


class Kobo(KeepsWholeBody):
    """The secret is ours: a custom header of the REST service, or its Basic password with any user name."""

    name = "kobo"
    makes_secret = False
    proof: Proof = "secret_header"
    kept_headers = frozenset({"content-type", "user-agent"})

    def new_secret(self) -> str:
        """256 random bits, in digits that a command line does not take for an option."""
        return randomness.token_hex(32)

    def check_secret(self, secret: str) -> None:
        """Raises ValueError for a secret that could be guessed or cannot be a header's value."""
        if len(secret) < 16 or not secret.isascii() or not secret.isprintable() or secret != secret.strip():
            raise ValueError("the secret is not at least 16 printable ASCII characters")

    def verify(self, raw: bytes, headers: Headers, secrets: Sequence[str], now: datetime) -> Identity:  # noqa: ARG002 - no time is sent
        """Raises Refused."""
        given = headers.get(SECRET_HEADER, "").encode() or _basic_password(headers.get("authorization", ""))
        if not given:
            raise Refused("unsigned", f"neither the header {SECRET_HEADER} nor a Basic password is there")
        if not matches_any(given, [secret.encode() for secret in secrets]):
            raise Refused("wrong_signature", "the secret is not one of this connection")
        return Identity(body_digest(raw))

    def parse(self, raw: bytes, headers: Headers) -> Submission | None:  # noqa: ARG002 - JSON needs no content type
        """Answers by `group/question`; what Kobo adds is facts."""
        body = read_object(raw)
        answers = {name: value for name, value in body.items() if not _is_added(name)}
        fields, nested = split_values(answers)
        return Submission(
            response_id=_root_uuid(body),
            fields=fields,
            finished=True,
            submitted_at=_utc(body.get("_submission_time")),
            facts=_facts(body),
            nested=nested,
            separator=" ",
        )

    def sign(self, raw: bytes, secret: str, *, delivery: str, at: datetime) -> dict[str, str]:  # noqa: ARG002 - nothing is signed
        """The secret header."""
        return {"content-type": "application/json", SECRET_HEADER: secret}


def _basic_password(authorization: str) -> bytes:
    scheme, _, credentials = authorization.partition(" ")
    if scheme.lower() != "basic":
        return b""
    try:
        return base64.b64decode(credentials.strip(), validate=True).partition(b":")[2]
    except binascii.Error as error:
        raise Refused("malformed_signature", "the Basic credentials are not base64") from error


def _is_added(name: str) -> bool:
    return name.startswith(_ADDED) or name in _ADDED_NAMES


def _facts(body: dict[str, Any]) -> dict[str, Value]:
    """What Kobo adds and a mapping may point to; not its lists of attachments, tags and places."""
    return {name: str(value) for name, value in body.items() if _is_added(name) and isinstance(value, str | int) and value != ""}


def _root_uuid(body: dict[str, Any]) -> str:
    """The id that stays the same when the submission is edited."""
    for name in ("meta/rootUuid", "_uuid", "meta/instanceID"):
        found = body.get(name)
        if isinstance(found, str) and is_identifier(found):
            return found.removeprefix("uuid:")
    raise Unreadable("the body has neither meta/rootUuid nor _uuid; send the whole submission as JSON")


def _utc(text: object) -> datetime | None:
    """Kobo's time of submission has no zone and is UTC."""
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
