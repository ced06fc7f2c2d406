"""Senders that sign the raw body, and nothing else, with HMAC-SHA256 in base64: there is no time in it and so no end to a replay.

A delivery is known again by the sender's id of it, which stands in the body.
"""

import base64
import hmac
import secrets as randomness
from collections.abc import Sequence
from datetime import datetime

import orjson

from assent_survey.domain.submission import Identity, Refused, Unreadable
from assent_survey.platforms.face import Headers, KeepsWholeBody, Proof, body_digest, identifier, matches_any

LEAST_CHARACTERS = 16


class SignedBody(KeepsWholeBody):
    """The secret is ours, or given: it is typed into the form's webhook settings."""

    makes_secret = False
    proof: Proof = "signature"
    signature_header: str
    prefix = ""
    """What stands before the base64."""
    delivery_id: str
    """The body's key of the delivery's id."""

    def new_secret(self) -> str:
        """256 random bits, in digits that a command line does not take for an option."""
        return randomness.token_hex(32)

    def check_secret(self, secret: str) -> None:
        """Raises ValueError for a secret that could be guessed."""
        if len(secret) < LEAST_CHARACTERS:
            raise ValueError(f"the secret is shorter than {LEAST_CHARACTERS} characters")

    def verify(self, raw: bytes, headers: Headers, secrets: Sequence[str], now: datetime) -> Identity:  # noqa: ARG002 - no time is signed
        """Raises Refused."""
        given = headers.get(self.signature_header, "")
        if not given:
            raise Refused("unsigned", f"{self.signature_header} is not there")
        if not given.startswith(self.prefix):
            raise Refused("malformed_signature", f"{self.signature_header} does not begin with {self.prefix}")
        if not matches_any(given.removeprefix(self.prefix).encode(), [_signature(secret, raw) for secret in secrets]):
            raise Refused("wrong_signature", "the signature was not made with a secret of this connection")
        return Identity(self._delivery(raw))

    def sign(self, raw: bytes, secret: str, *, delivery: str, at: datetime) -> dict[str, str]:  # noqa: ARG002 - both are in the body
        """The one header."""
        return {"content-type": "application/json", self.signature_header: self.prefix + _signature(secret, raw).decode()}

    def _delivery(self, raw: bytes) -> str:
        """The delivery's id; a signed body without one is known by its digest, and found unreadable when it is parsed under the rules."""
        try:
            return identifier(orjson.loads(raw), self.delivery_id)
        except (orjson.JSONDecodeError, AttributeError, Unreadable):
            return body_digest(raw)


def _signature(secret: str, raw: bytes) -> bytes:
    return base64.b64encode(hmac.digest(secret.encode(), raw, "sha256"))
