"""Standard Webhooks 1.0.0: senders that sign `id.timestamp.body`, such as one's own form.

The specification leaves the body to the sender beyond `{type, timestamp, data}`; we read
`data: {id, answers: {field: value}, respondent?, finished?, submitted_at?, updated_at?, version?, test?}`.
The signature is computed here and not by the reference library, which takes one secret and lets malformed input escape as other errors.
Source: github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md.
"""

import base64
import binascii
import hmac
import secrets as randomness
from collections.abc import Sequence
from datetime import datetime

from assent_survey.domain.submission import Identity, Refused, Submission, Unreadable, split_values
from assent_survey.platforms.face import Headers, KeepsWholeBody, Proof, identifier, is_identifier, matches_any, moment, part, read_object

PREFIX = "whsec_"
TOLERANCE_SECONDS = 300

_READ = frozenset({"id", "answers", "finished", "submitted_at", "updated_at", "version", "test"})


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
        """Raises ValueError unless it is `whsec_` and the base64 of 24 to 64 bytes."""
        try:
            size = len(_key(secret))
        except binascii.Error as error:
            raise ValueError("what follows whsec_ is not base64") from error
        if not 24 <= size <= 64:
            raise ValueError(f"the secret has {size} bytes; the specification asks for 24 to 64")

    def verify(self, raw: bytes, headers: Headers, secrets: Sequence[str], now: datetime) -> Identity:
        """Any valid `v1` signature of the list passes; unknown versions are passed over. Raises Refused."""
        delivery, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
        given = headers.get("webhook-signature", "")
        if not (delivery and stamp and given):
            raise Refused("unsigned", "webhook-id, webhook-timestamp or webhook-signature is not there")
        if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 12) or "." in delivery or not is_identifier(delivery):
            raise Refused("malformed_signature", "webhook-timestamp is not a number of seconds, or webhook-id is no id")
        proofs = [text.removeprefix("v1,").encode() for text in given.split(" ") if text.startswith("v1,")]
        if not proofs:
            raise Refused("malformed_signature", "webhook-signature holds no v1 signature")
        signed = f"{delivery}.{stamp}.".encode() + raw
        expected = [_signature(secret, signed) for secret in secrets]
        if not any(matches_any(proof, expected) for proof in proofs):
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
        version = data.get("version")
        if version is not None and (not isinstance(version, int) or isinstance(version, bool) or not 0 <= version < 2**53):
            raise Unreadable("data.version is not a whole number")
        return Submission(
            response_id=identifier(data, "id"),
            fields=fields,
            finished=data.get("finished", True) is True,
            submitted_at=moment(data.get("submitted_at")),
            updated_at=moment(data.get("updated_at")) or moment(body.get("timestamp")),
            version=version,
            facts=facts,
            nested=nested,
            test=data.get("test") is True,
        )

    def sign(self, raw: bytes, secret: str, *, delivery: str, at: datetime) -> dict[str, str]:
        """`webhook-id`, `webhook-timestamp` and one `v1` signature."""
        stamp = str(int(at.timestamp()))
        signature = _signature(secret, f"{delivery}.{stamp}.".encode() + raw).decode()
        return {
            "content-type": "application/json",
            "webhook-id": delivery,
            "webhook-timestamp": stamp,
            "webhook-signature": f"v1,{signature}",
        }


def _key(secret: str) -> bytes:
    return base64.b64decode(secret.removeprefix(PREFIX), validate=True)


def _signature(secret: str, signed: bytes) -> bytes:
    return base64.b64encode(hmac.digest(_key(secret), signed, "sha256"))
