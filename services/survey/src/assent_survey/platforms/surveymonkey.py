"""SurveyMonkey: the webhook carries ids only, signed by HMAC-SHA1 with the key `client_id&client_secret`; the answers are fetched.

The secret of a connection is that key, as the app's page shows its two halves. No time is signed, so a delivery is known again by its
`event_id`. `response_updated` comes once for each page of the survey.
Source: github.com/SurveyMonkey/public_api_docs, includes/_webhooks.md.
"""

import base64
import hmac
import secrets as randomness
from collections.abc import Sequence
from datetime import datetime

import orjson

from assent_survey.domain.submission import Happening, Identity, Notice, Refused, Submission, Unreadable
from assent_survey.platforms.face import Headers, KeepsWholeBody, Proof, body_digest, identifier, matches_any, read_object
from assent_survey.platforms.surveymonkey_api import SurveyMonkeyApi

_HAPPENINGS: dict[str, Happening] = {
    "response_created": "changed",
    "response_updated": "changed",
    "response_completed": "changed",
    "response_disqualified": "changed",
    "response_overquota": "changed",
    "response_deleted": "deleted",
}
_NOT_OF_RESPONSES = ("survey_", "collector_", "app_")


class SurveyMonkey(SurveyMonkeyApi, KeepsWholeBody):
    """The secret is SurveyMonkey's: one for all webhooks of an app."""

    name = "surveymonkey"
    makes_secret = True
    proof: Proof = "signature"
    kept_headers = frozenset({"content-type", "user-agent", "sm-signature"})

    def new_secret(self) -> str:
        """A secret of the form that an app has; only tests need one."""
        return f"{randomness.token_hex(11)}&{randomness.token_hex(32)}"

    def check_secret(self, secret: str) -> None:
        """Raises ValueError unless it is `client_id&client_secret`."""
        client, _, key = secret.partition("&")
        if not client or len(key) < 16:
            raise ValueError("the secret is not of the form client_id&client_secret, both as the app's page shows them")

    def verify(self, raw: bytes, headers: Headers, secrets: Sequence[str], now: datetime) -> Identity:  # noqa: ARG002 - no time is signed
        """Raises Refused."""
        given = headers.get("sm-signature", "")
        if not given:
            raise Refused("unsigned", "Sm-Signature is not there")
        if not matches_any(given.encode(), [_signature(secret, raw) for secret in secrets]):
            raise Refused("wrong_signature", "the signature was not made with client_id&client_secret of this connection")
        return Identity(_event_id(raw))

    def parse(self, raw: bytes, headers: Headers) -> Submission | Notice | None:  # noqa: ARG002 - JSON needs no content type
        """Which response was made, changed or deleted; None for an event that is of no response."""
        body = read_object(raw)
        event = str(body.get("event_type"))
        if event.startswith(_NOT_OF_RESPONSES):
            return None
        happening = _HAPPENINGS.get(event)
        if happening is None:
            raise Unreadable("the event is none that SurveyMonkey sends of responses")
        resources = body.get("resources")
        named = resources if isinstance(resources, dict) else {}
        found = {"survey": named.get("survey_id"), "collector": named.get("collector_id"), "at": body.get("event_datetime")}
        address = {name: value for name, value in found.items() if isinstance(value, str) and value}
        return Notice(identifier(body, "object_id"), happening, address)

    def sign(self, raw: bytes, secret: str, *, delivery: str, at: datetime) -> dict[str, str]:  # noqa: ARG002 - both are in the body
        """`Sm-Apikey` and `Sm-Signature`."""
        signature = _signature(secret, raw).decode()
        return {"content-type": "application/json", "sm-apikey": secret.partition("&")[0], "sm-signature": signature}


def _signature(secret: str, raw: bytes) -> bytes:
    return base64.b64encode(hmac.digest(secret.encode(), raw, "sha1"))


def _event_id(raw: bytes) -> str:
    """The delivery's id; a signed body without one is known by its digest."""
    try:
        return identifier(orjson.loads(raw), "event_id")
    except (orjson.JSONDecodeError, AttributeError, Unreadable):
        return body_digest(raw)
