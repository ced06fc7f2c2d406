"""The one face of every platform, and the few steps that several of them share.

A platform knows how its deliveries are proved and how its body is laid out; one that can be asked for responses is a `Source` too
(`source`). It knows nothing of connections, instruments or storage.
"""

import hashlib
import hmac
import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, Protocol

from assent_kit import json_rules
from assent_kit.problems import MalformedJson
from assent_survey.domain.submission import Identity, Notice, Refused, Submission, Unreadable

logger = logging.getLogger(__name__)

Headers = Mapping[str, str]

PATH_SECRET = ":secret"  # noqa: S105 - a name
"""Stands among the headers for the last part of an address `/v1/hooks/{connection}/{secret}`: no client can send such a header."""

Proof = Literal["signature", "secret_header", "body_secret", "path_secret"]
"""How a sender is known: it signs the body, or sends a secret in a header, in the body, or in the address."""

LONGEST_ID = 256
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_BEFORE = BYTE_ORDER_MARK + b" \t\r\n"
_GZIP = b"\x1f\x8b"


class Platform(Protocol):
    """What the rest of the service asks of a platform. Header names are lower-case."""

    name: str
    makes_secret: bool
    """Whether the platform makes the secret; else we do."""
    proof: Proof
    """With `path_secret` the address that we show ends in the secret, and is told but once."""
    kept_headers: frozenset[str]
    """The headers that a raw delivery keeps: what a later verification needs, and never a secret."""

    def new_secret(self) -> str:
        """A fresh secret of the form that the platform expects."""

    def check_secret(self, secret: str) -> None:
        """Raises ValueError, with what is wrong, for a secret that the platform could not have made."""

    def verify(self, raw: bytes, headers: Headers, secrets: Sequence[str], now: datetime) -> Identity:
        """Prove that the delivery comes from a holder of one of `secrets`. Raises Refused."""

    def parse(self, raw: bytes, headers: Headers) -> Submission | Notice | None:
        """What the delivery says; None for a test of the endpoint that holds no response. Raises Unreadable.

        `headers` are those that were kept, such as the content type.
        """

    def keepable(self, raw: bytes, headers: Headers) -> bytes:
        """The body as it may be kept: the very bytes, unless they hold the secret."""

    def sign(self, raw: bytes, secret: str, *, delivery: str, at: datetime) -> dict[str, str]:
        """The headers with which the platform would send this body."""


def prove(platform: Platform, raw: bytes, headers: Headers, secrets: Sequence[str], now: datetime) -> Identity:
    """What `verify` answers. A forgery on which it breaks is refused like any other, so that it never counts as verified.

    Raises Refused.
    """
    try:
        return platform.verify(raw, headers, secrets, now)
    except Refused:
        raise
    except Exception as error:
        logger.exception("a proof could not be judged", extra={"platform": platform.name})
        raise Refused("malformed_signature", "the proof could not be judged") from error


class KeepsWholeBody:
    """A platform whose bodies hold no secret of the connection."""

    def keepable(self, raw: bytes, headers: Headers) -> bytes:  # noqa: ARG002 - the face's
        """The very bytes."""
        return raw


def matches_any(proof: bytes, expected: Sequence[bytes]) -> bool:
    """Whether the proof equals one of the expected ones; each comparison takes the same time wherever they differ."""
    return any(hmac.compare_digest(proof, each) for each in expected)


def body_digest(raw: bytes) -> str:
    """The identity of a delivery whose sender gives it none."""
    return "sha256:" + hashlib.sha256(raw).hexdigest()


def begins(raw: bytes, sign: bytes) -> bool:
    """Whether this is the body's first sign, behind a byte order mark and white space: `{` for JSON, `<` for XML."""
    return raw.lstrip(_BEFORE).startswith(sign)


def read_object(raw: bytes) -> dict[str, Any]:
    """The body as a JSON object under the rules that every body keeps; some senders put a byte order mark before. Raises Unreadable."""
    try:
        body = json_rules.parse(raw.removeprefix(BYTE_ORDER_MARK))
    except MalformedJson as error:
        if raw.startswith(_GZIP):
            raise Unreadable("the body is compressed; have it sent as it is, without Content-Encoding") from error
        raise Unreadable(f"the body is not acceptable JSON: {error.detail}") from error
    if not isinstance(body, dict):
        raise Unreadable("the body is not a JSON object")
    return body


def part(body: dict[str, Any], name: str) -> dict[str, Any]:
    """An object inside the body. Raises Unreadable when it is not there."""
    found = body.get(name)
    if not isinstance(found, dict):
        raise Unreadable(f"the body has no object {name!r}")
    return found


def identifier(body: dict[str, Any], name: str) -> str:
    """An id inside the body, text or a whole number. Raises Unreadable when it is absent, empty or anything else."""
    found = body.get(name)
    if isinstance(found, bool) or not isinstance(found, str | int) or not is_identifier(text := str(found)):
        raise Unreadable(f"the body has no id {name!r}")
    return text


def is_identifier(text: str) -> bool:
    """Whether it can name something: short, and without control characters."""
    return 0 < len(text) <= LONGEST_ID and text.isprintable()


def moment(text: object) -> datetime | None:
    """A time with its zone; None for anything else."""
    if not isinstance(text, str):
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None
