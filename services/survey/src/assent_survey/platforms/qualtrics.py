"""Qualtrics: event subscriptions, form-encoded and signed by HMAC-SHA512; they carry ids only and the answers are fetched.

The form field `HMAC` is the hex HMAC of the decoded value of `MSG`, whose key is the subscription's `sharedKey`. Only what is in `MSG` is
signed, so only that is read. Who is not brand administrator uses a workflow with a Web Service task instead: it sends the ids as form
fields or JSON, and the secret in a header. There is neither an id of the delivery nor a time.
Source: Qualtrics API, event subscriptions; kyma-incubator/connector-tools, qualtrics-event-gw (the vectors).
"""

import hmac
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from assent_survey.domain.submission import Identity, Notice, Refused, Submission, Unreadable
from assent_survey.platforms.face import Headers, Proof, begins, body_digest, identifier, matches_any, read_object
from assent_survey.platforms.form_bodies import URLENCODED, read_form
from assent_survey.platforms.qualtrics_api import QualtricsApi
from assent_survey.platforms.shared_secret import SharedSecret


class Qualtrics(QualtricsApi, SharedSecret):
    """The secret is given as `sharedKey` when the subscription is made, or sent along by the Web Service task."""

    name = "qualtrics"
    proof: Proof = "signature"

    def verify(self, raw: bytes, headers: Headers, secrets: Sequence[str], now: datetime) -> Identity:
        """A body with an HMAC is judged by it alone, whatever else is sent. Raises Refused."""
        try:
            form = {} if begins(raw, b"{") else read_form(raw, headers)
        except Unreadable as error:
            raise Refused("malformed_signature", str(error)) from error
        if not form.get("HMAC"):
            return super().verify(raw, headers, secrets, now)
        proof = form["HMAC"].lower().encode()
        if not matches_any(proof, [_signature(secret, form.get("MSG", "")).encode() for secret in secrets]):
            raise Refused("wrong_signature", "the HMAC was not made with the secret of this connection")
        return Identity(body_digest(raw))

    def parse(self, raw: bytes, headers: Headers) -> Submission | Notice | None:
        """Which response was completed. Raises Unreadable."""
        said = _said(raw, headers)
        survey = said.get("SurveyID")
        return Notice(identifier(said, "ResponseID"), address={"survey": survey} if isinstance(survey, str) and survey else {})

    def content_type(self, raw: bytes) -> str:
        """A Web Service task may send either."""
        return "application/json" if raw.startswith(b"{") else URLENCODED


def signed_form(message: str, secret: str, *, topic: str = "") -> bytes:
    """The body that an event subscription sends."""
    return urlencode({"Topic": topic, "HMAC": _signature(secret, message), "MSG": message}).encode()


def _signature(secret: str, message: str) -> str:
    return hmac.digest(secret.encode(), message.encode(), "sha512").hex()


def _said(raw: bytes, headers: Headers) -> dict[str, Any]:
    """The message; where there is none, the form fields or the JSON of a Web Service task."""
    if begins(raw, b"{"):
        return read_object(raw)
    form = read_form(raw, headers)
    return read_object(form["MSG"].encode()) if "MSG" in form else dict(form)
