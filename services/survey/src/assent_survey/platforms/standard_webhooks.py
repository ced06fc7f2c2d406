"""Standard Webhooks 1.0.0: senders that sign `id.timestamp.body`, such as one's own form.

Signatures are `v1` (HMAC-SHA256 with a shared `whsec_` secret) or `v1a` (ed25519, where we are given the sender's public `whpk_` key).
The specification leaves the body to the sender beyond `{type, timestamp, data}`; we read
`data: {id, answers: {field: value}, respondent?, finished?, submitted_at?, updated_at?, version?, form_version?, test?}`.
Signatures are computed here and not by the reference library, which knows no v1a, takes one secret and lets malformed input escape as
other errors. Source: github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md.
"""

import base64
import binascii
import hmac
import secrets as randomness
from collections.abc import Sequence
from datetime import datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from assent_survey.domain.submission import Identity, Refused, Submission, Unreadable, split_values
from assent_survey.platforms.face import (
    Headers,
    KeepsWholeBody,
    Proof,
    identifier,
    is_identifier,
    matches_any,
    moment,
    part,
    read_object,
)

PREFIX = "whsec_"
PUBLIC_PREFIX = "whpk_"
PRIVATE_PREFIX = "whsk_"
TOLERANCE_SECONDS = 300
ED25519_BYTES = 32

_READ = frozenset({"id", "answers", "finished", "submitted_at", "updated_at", "version", "form_version", "test"})


class StandardWebhooks(KeepsWholeBody):
    """Any sender that follows the specification."""

    name = "standard_webhooks"
    makes_secret = False
    proof: Proof = "signature"
    kept_headers = frozenset({"content-type", "user-agent", "webhook-id", "webhook-timestamp", "webhook-signature"})

    def new_secret(self) -> str:
        """256 random bits."""
        return PREFIX + base64.b64encode(randomness.token_bytes(32)).decode()

    def check_secret(self, secret: str) -> None:
        """Raises ValueError unless it is `whsec_` and the base64 of 24 to 64 bytes, or `whpk_` and that of an ed25519 public key."""
        if secret.startswith(PRIVATE_PREFIX):
            raise ValueError("whsk_ is the sender's private key, to be shown to nobody: give its public key, whpk_")
        try:
            size = len(_key(secret))
        except ValueError as error:  # binascii.Error is one
            raise ValueError("what follows whsec_ or whpk_ is not base64") from error
        if secret.startswith(PUBLIC_PREFIX) and size != ED25519_BYTES:
            raise ValueError(f"the public key has {size} bytes; one of ed25519 has {ED25519_BYTES}")
        if not 24 <= size <= 64:
            raise ValueError(f"the secret has {size} bytes; the specification asks for 24 to 64")

    def verify(self, raw: bytes, headers: Headers, secrets: Sequence[str], now: datetime) -> Identity:
        """Any valid signature of the list passes; unknown versions are passed over. Raises Refused."""
        delivery, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
        given = headers.get("webhook-signature", "")
        if not (delivery and stamp and given):
            raise Refused("unsigned", "webhook-id, webhook-timestamp or webhook-signature is not there")
        if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 12) or "." in delivery or not is_identifier(delivery):
            raise Refused("malformed_signature", "webhook-timestamp is not a number of seconds, or webhook-id is no id")
        proofs = [(version, proof) for version, _, proof in (text.partition(",") for text in given.split())]
        if not {"v1", "v1a"} & {version for version, _ in proofs}:
            raise Refused("malformed_signature", "webhook-signature holds neither a v1 nor a v1a signature")
        signed = f"{delivery}.{stamp}.".encode() + raw
        if not (_shared_proves(proofs, signed, secrets) or _public_proves(proofs, signed, secrets)):
            raise Refused("wrong_signature", "no signature of the list was made with a secret of this connection")
        if abs(now.timestamp() - int(stamp)) > TOLERANCE_SECONDS:
            raise Refused("stale_timestamp", f"webhook-timestamp is more than {TOLERANCE_SECONDS} s from now")
        return Identity(delivery)

    def parse(self, raw: bytes, headers: Headers) -> Submission | None:  # noqa: ARG002 - JSON needs no content type
        """Read the layout above; without `updated_at` or `version` the event's own `timestamp` puts deliveries in order."""
        body = read_object(raw)
        data = part(body, "data")
        fields, nested = split_values(part(data, "answers"))
        facts, _ = split_values({name: value for name, value in data.items() if name not in _READ})
        form_version = data.get("form_version")
        return Submission(
            response_id=identifier(data, "id"),
            fields=fields,
            finished=data.get("finished", True) is True,
            submitted_at=moment(data.get("submitted_at")),
            updated_at=moment(data.get("updated_at")) or moment(body.get("timestamp")),
            version=whole_version(data.get("version")),
            facts=facts,
            nested=nested,
            test=data.get("test") is True,
            form_version=str(form_version) if isinstance(form_version, str | int) and form_version != "" else None,
        )

    def sign(self, raw: bytes, secret: str, *, delivery: str, at: datetime) -> dict[str, str]:
        """`webhook-id`, `webhook-timestamp` and one signature: `v1`, or `v1a` with a private key (`whsk_`)."""
        stamp = str(int(at.timestamp()))
        signed = f"{delivery}.{stamp}.".encode() + raw
        if secret.startswith(PRIVATE_PREFIX):
            private = Ed25519PrivateKey.from_private_bytes(_key(secret)[:ED25519_BYTES])  # some append the public half
            signature = "v1a," + base64.b64encode(private.sign(signed)).decode()
        else:
            signature = "v1," + _signature(secret, signed).decode()
        return {
            "content-type": "application/json",
            "webhook-id": delivery,
            "webhook-timestamp": stamp,
            "webhook-signature": signature,
        }


def whole_version(given: object) -> int | None:
    """A sender's version of a response; None where there is none. Raises Unreadable."""
    if given is not None and (not isinstance(given, int) or isinstance(given, bool) or not 0 <= given < 2**53):
        raise Unreadable("the version of the response is not a whole number")
    return given


def _key(secret: str) -> bytes:
    for prefix in (PREFIX, PUBLIC_PREFIX, PRIVATE_PREFIX):
        if secret.startswith(prefix):
            return base64.b64decode(secret.removeprefix(prefix), validate=True)
    return base64.b64decode(secret, validate=True)


def _shared_proves(proofs: Sequence[tuple[str, str]], signed: bytes, secrets: Sequence[str]) -> bool:
    expected = [_signature(secret, signed) for secret in secrets if not secret.startswith(PUBLIC_PREFIX)]
    return any(matches_any(proof.encode(), expected) for version, proof in proofs if version == "v1")


def _public_proves(proofs: Sequence[tuple[str, str]], signed: bytes, secrets: Sequence[str]) -> bool:
    keys = [Ed25519PublicKey.from_public_bytes(_key(secret)) for secret in secrets if secret.startswith(PUBLIC_PREFIX)]
    return any(_made_by(key, proof, signed) for version, proof in proofs if version == "v1a" for key in keys)


def _made_by(key: Ed25519PublicKey, proof: str, signed: bytes) -> bool:
    try:
        key.verify(base64.b64decode(proof.encode(), validate=True), signed)
    except (InvalidSignature, binascii.Error):
        return False
    return True


def _signature(secret: str, signed: bytes) -> bytes:
    return base64.b64encode(hmac.digest(_key(secret), signed, "sha256"))
