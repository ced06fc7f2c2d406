"""Senders that sign nothing and are known by a secret that they send along: in a header, as a Basic password, or in the address.

It proves who sends, not what was sent, and does not stop a replay: over TLS only, and compared by content when it comes again.
"""

import base64
import binascii
import re
import secrets as randomness
from collections.abc import Sequence
from datetime import datetime

from assent_survey.domain.submission import Identity, Refused
from assent_survey.platforms.face import PATH_SECRET, Headers, Proof, body_digest, matches_any

SECRET_HEADER = "x-webhook-secret"  # noqa: S105 - a header's name; not `x-assent-…`, which the gateway keeps for itself
LEAST_CHARACTERS = 16
BLOTTED = b"(secret)"
_IN_AN_ADDRESS = re.compile(r"[A-Za-z0-9_~-]+")


class SharedSecret:
    """The secret is ours, or given. Where it is sent is the sender's choice; `proof` is what we suggest."""

    makes_secret = False
    proof: Proof = "secret_header"
    secret_header = SECRET_HEADER
    kept_headers = frozenset({"content-type", "user-agent"})

    def new_secret(self) -> str:
        """256 random bits, in digits that a command line does not take for an option."""
        return randomness.token_hex(32)

    def check_secret(self, secret: str) -> None:
        """Raises ValueError for a secret that could be guessed, or cannot be sent."""
        if len(secret) < LEAST_CHARACTERS or not secret.isascii() or not secret.isprintable() or secret != secret.strip():
            raise ValueError(f"the secret is not at least {LEAST_CHARACTERS} printable ASCII characters")
        if self.proof == "path_secret" and not _IN_AN_ADDRESS.fullmatch(secret):
            raise ValueError("the secret is part of an address: only letters, digits and - _ ~ are good in it")

    def verify(self, raw: bytes, headers: Headers, secrets: Sequence[str], now: datetime) -> Identity:  # noqa: ARG002 - no time is sent
        """Raises Refused."""
        given = self._given(headers)
        if not given:
            where = f"neither the header {self.secret_header}, nor a Basic password, nor an address that ends in the secret"
            raise Refused("unsigned", f"{where} is there")
        if not matches_any(given.encode(), [secret.encode() for secret in secrets]):
            raise Refused("wrong_signature", "the secret is not one of this connection")
        return Identity(body_digest(raw))

    def keepable(self, raw: bytes, headers: Headers) -> bytes:
        """The very bytes, unless what was sent as the secret stands in them too: some platforms repeat the address that they call."""
        try:
            given = self._given(headers)
        except Refused:
            return raw
        return raw.replace(given.encode(), BLOTTED) if len(given) >= LEAST_CHARACTERS else raw

    def sign(self, raw: bytes, secret: str, *, delivery: str, at: datetime) -> dict[str, str]:  # noqa: ARG002 - nothing is signed
        """The secret, where `proof` says."""
        where = PATH_SECRET if self.proof == "path_secret" else self.secret_header
        return {"content-type": self.content_type(raw), where: secret}

    def _given(self, headers: Headers) -> str:
        return headers.get(self.secret_header) or headers.get(PATH_SECRET) or _basic_password(headers.get("authorization", ""))

    def content_type(self, raw: bytes) -> str:  # noqa: ARG002 - others look into it
        """The content type with which the platform would send this body."""
        return "application/json"


def _basic_password(authorization: str) -> str:
    """The password of Basic credentials, whoever the user. Raises Refused for what is not base64."""
    scheme, _, credentials = authorization.partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(credentials.strip(), validate=True).partition(b":")[2].decode("latin-1")
    except (binascii.Error, ValueError) as error:  # ValueError: not ASCII
        raise Refused("malformed_signature", "the Basic credentials are not base64") from error
