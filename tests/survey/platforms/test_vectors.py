"""Signatures against golden vectors."""

import base64
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assent_survey.domain.submission import Refused, Submission
from assent_survey.platforms import PLATFORMS

NOW = datetime(2026, 9, 1, 12, 0, tzinfo=UTC)


# The first is in the reference library's own tests; the inputs of the others are in Formbricks' own tests.
SIGNED = {
    "reference library": (
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1614265330,
        b'{"test": 2432232314}',
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    ),
    "Formbricks, test": (
        "whsec_dGVzdC1zZWNyZXQtMzItYnl0ZXMtZXhhY3RseSEhIQ==",
        "msg_test123",
        1704547200,
        b'{"event":"test"}',
        "v1,TFCWfbO69VgEBuLyALDMqnx94oDWHeF2v7MxUu4c8uE=",
    ),
    "Formbricks, verify": (
        "whsec_dGVzdC1zZWNyZXQtMzItYnl0ZXMtZXhhY3RseSEhIQ==",
        "msg_verify",
        1704547200,
        b'{"event":"verify"}',
        "v1,jIP7sjVnYHOozwG6e6VOmNjgKqSLTTc+4MJfyooG8nI=",
    ),
}


class Signed(NamedTuple):
    """A body that a platform signs, and what is in it."""

    secret: str
    raw: bytes
    size: int
    header: str
    signature: str
    delivery: str
    response: str


# Bodies in the vendors' own layout, signatures computed apart from our code.
BODIES = {
    "typeform": Signed(
        "typeform_test_secret",
        b'{"event_id":"LtWXD3crgy","event_type":"form_response","form_response":{"form_id":"lT4Z3j",'
        b'"token":"a3a12ec67a1365927098a606107fac15","landed_at":"2018-01-18T18:07:02Z","submitted_at":"2018-01-18T18:17:02Z",'
        b'"definition":{"id":"lT4Z3j","title":"Webhooks example","fields":[]},"answers":[]}}',
        288,
        "typeform-signature",
        "sha256=wIqTjxJFFxw+6+pgSW7iiivQ4vA/OFjzYOjTgMaoils=",
        "LtWXD3crgy",
        "a3a12ec67a1365927098a606107fac15",
    ),
    "tally": Signed(
        "tally-secret",
        b'{"eventId":"8514703f-010f-401d-abf7-80a46b7498bb","eventType":"FORM_RESPONSE","createdAt":"2023-10-02T18:07:01.854Z",'
        b'"data":{"responseId":"jyqVba","submissionId":"jyqVba","respondentId":"a2OA9q","formId":"nP9995","formName":"TEST",'
        b'"createdAt":"2023-10-02T18:07:01.000Z","fields":[{"key":"question_rjkPRl","label":"short answer","type":"INPUT_TEXT",'
        b'"value":"Test 1540 1"}]}}',
        373,
        "tally-signature",
        "/FtxCy9R49NzMAu3xW+O1rHBgPR8sgPmtUtb4YVuEEs=",
        "8514703f-010f-401d-abf7-80a46b7498bb",
        "jyqVba",
    ),
}


@pytest.mark.parametrize("vector", list(SIGNED))
@pytest.mark.parametrize("name", ["standard_webhooks", "formbricks"])
def test_standard_webhooks_vectors(vector: str, name: str) -> None:
    secret, delivery, stamp, raw, signature = SIGNED[vector]
    platform, at = PLATFORMS[name], datetime.fromtimestamp(stamp, UTC)
    assert platform.sign(raw, secret, delivery=delivery, at=at)["webhook-signature"] == signature
    headers = {"webhook-id": delivery, "webhook-timestamp": str(stamp), "webhook-signature": signature}
    assert platform.verify(raw, headers, [secret], at).delivery == delivery
    several = {**headers, "webhook-signature": f"v1,bm9wZQ==  v2,unknown v1a,also v1a,bm9wZQ==\t{signature}"}
    assert platform.verify(raw, several, [platform.new_secret(), secret], at).delivery == delivery
    flipped = {**headers, "webhook-signature": signature[:-2] + "A="}
    assert _refusal(name, raw, flipped, secret, at) == "wrong_signature"


@pytest.mark.parametrize(("seconds", "reason"), [(-301, "stale_timestamp"), (-300, None), (300, None), (301, "stale_timestamp")])
def test_standard_webhooks_tolerance(seconds: int, reason: str | None) -> None:
    secret, delivery, stamp, raw, signature = SIGNED["reference library"]
    headers = {"webhook-id": delivery, "webhook-timestamp": str(stamp), "webhook-signature": signature}
    at = datetime.fromtimestamp(stamp, UTC) + timedelta(seconds=seconds)
    assert _refusal("standard_webhooks", raw, headers, secret, at) == reason


@pytest.mark.parametrize("broken", [{"webhook-timestamp": "1e9"}, {"webhook-timestamp": "9" * 30}, {"webhook-id": "a.b"}])
def test_standard_webhooks_malformed_headers(broken: dict[str, str]) -> None:
    secret, delivery, stamp, raw, signature = SIGNED["reference library"]
    headers = {"webhook-id": delivery, "webhook-timestamp": str(stamp), "webhook-signature": signature, **broken}
    assert _refusal("standard_webhooks", raw, headers, secret, datetime.fromtimestamp(stamp, UTC)) == "malformed_signature"


@pytest.mark.parametrize("name", list(BODIES))
def test_vectors_of_signed_bodies(name: str) -> None:
    secret, raw, size, header, signature, delivery, response = BODIES[name]
    assert len(raw) == size
    platform = PLATFORMS[name]
    assert platform.sign(raw, secret, delivery="", at=NOW)[header] == signature
    headers = {header: signature}
    assert platform.verify(raw, headers, ["another secret", secret], NOW).delivery == delivery
    submission = platform.parse(raw, {})
    assert isinstance(submission, Submission)
    assert (submission.response_id, submission.finished) == (response, True)
    assert _refusal(name, raw + b" ", headers, secret, NOW) == "wrong_signature"
    assert _refusal(name, raw, {header: signature[:-3] + "AA="}, secret, NOW) == "wrong_signature"


# RFC 8032, section 7.1, test 1: a private key and its public one.
PRIVATE = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
PUBLIC = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")


@pytest.mark.parametrize("appended", [b"", PUBLIC])
def test_standard_webhooks_with_public_keys(appended: bytes) -> None:
    platform, raw = PLATFORMS["standard_webhooks"], b'{"test": 2432232314}'
    public = "whpk_" + base64.b64encode(PUBLIC).decode()
    other = "whpk_" + base64.b64encode(Ed25519PrivateKey.generate().public_key().public_bytes_raw()).decode()
    platform.check_secret(public)
    headers = platform.sign(raw, "whsk_" + base64.b64encode(PRIVATE + appended).decode(), delivery="msg_1", at=NOW)
    signature = Ed25519PrivateKey.from_private_bytes(PRIVATE).sign(f"msg_1.{int(NOW.timestamp())}.".encode() + raw)
    assert headers["webhook-signature"] == "v1a," + base64.b64encode(signature).decode()
    assert platform.verify(raw, headers, [platform.new_secret(), other, public], NOW).delivery == "msg_1"
    assert _refusal("standard_webhooks", raw, headers, other, NOW) == "wrong_signature"
    assert _refusal("standard_webhooks", raw + b" ", headers, public, NOW) == "wrong_signature"
    assert _refusal("standard_webhooks", raw, headers, platform.new_secret(), NOW) == "wrong_signature"


def test_a_shared_secret_signs_no_v1a_and_a_public_key_no_v1() -> None:
    platform, raw, secret = PLATFORMS["standard_webhooks"], b"{}", "whsec_" + base64.b64encode(PUBLIC).decode()
    headers = platform.sign(raw, secret, delivery="msg_1", at=NOW)
    assert _refusal("standard_webhooks", raw, headers, "whpk_" + secret.removeprefix("whsec_"), NOW) == "wrong_signature"
    renamed = {**headers, "webhook-signature": headers["webhook-signature"].replace("v1,", "v1a,")}
    assert _refusal("standard_webhooks", raw, renamed, secret, NOW) == "wrong_signature"


def test_an_unsigned_hook_of_formbricks_is_told_what_to_do() -> None:
    with pytest.raises(Refused, match="make it anew"):
        PLATFORMS["formbricks"].verify(b"{}", {"webhook-id": "m", "webhook-timestamp": "1"}, ["whsec_"], NOW)


@pytest.mark.parametrize(
    "secret",
    ["whsec_%%%", "whsec_" + base64.b64encode(b"x" * 65).decode(), "whpk_" + base64.b64encode(b"x" * 31).decode(), "whsk_AA=="],
)
def test_a_secret_that_is_none_is_refused(secret: str) -> None:
    with pytest.raises(ValueError, match=r"base64|24 to 64|one of ed25519 has 32|private key"):
        PLATFORMS["standard_webhooks"].check_secret(secret)


def _refusal(name: str, raw: bytes, headers: dict[str, str], secret: str, at: datetime) -> str | None:
    try:
        PLATFORMS[name].verify(raw, headers, [secret], at)
    except Refused as refused:
        return refused.reason
    return None
