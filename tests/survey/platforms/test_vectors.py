"""Signatures against golden vectors, and every platform's face under the same hard rules."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.survey.senders import SENDERS, Said

from assent_survey.domain.submission import Refused, Unreadable
from assent_survey.platforms import PLATFORMS
from assent_survey.platforms.typeform import Typeform

every_platform = pytest.mark.parametrize("name", list(PLATFORMS))
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
TYPEFORM_BODY = (
    b'{"event_id":"LtWXD3crgy","event_type":"form_response","form_response":{"form_id":"lT4Z3j",'
    b'"token":"a3a12ec67a1365927098a606107fac15","landed_at":"2018-01-18T18:07:02Z","submitted_at":"2018-01-18T18:17:02Z",'
    b'"definition":{"id":"lT4Z3j","title":"Webhooks example","fields":[]},"answers":[]}}'
)
TYPEFORM_SIGNATURE = "sha256=wIqTjxJFFxw+6+pgSW7iiivQ4vA/OFjzYOjTgMaoils="


@pytest.mark.parametrize("vector", list(SIGNED))
@pytest.mark.parametrize("name", ["standard_webhooks", "formbricks"])
def test_standard_webhooks_vectors(vector: str, name: str) -> None:
    secret, delivery, stamp, raw, signature = SIGNED[vector]
    platform, at = PLATFORMS[name], datetime.fromtimestamp(stamp, UTC)
    assert platform.sign(raw, secret, delivery=delivery, at=at)["webhook-signature"] == signature
    headers = {"webhook-id": delivery, "webhook-timestamp": str(stamp), "webhook-signature": signature}
    assert platform.verify(raw, headers, [secret], at).delivery == delivery
    several = {**headers, "webhook-signature": f"v1,bm9wZQ== v2,unknown v1a,also {signature}"}
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


def test_typeform_vector() -> None:
    assert len(TYPEFORM_BODY) == 288
    platform = Typeform()
    assert platform.sign(TYPEFORM_BODY, "typeform_test_secret", delivery="", at=NOW)["typeform-signature"] == TYPEFORM_SIGNATURE
    headers = {"typeform-signature": TYPEFORM_SIGNATURE}
    assert platform.verify(TYPEFORM_BODY, headers, ["typeform_test_secret"], NOW).delivery == "LtWXD3crgy"
    submission = platform.parse(TYPEFORM_BODY)
    assert submission is not None
    assert (submission.response_id, submission.finished, submission.fields) == ("a3a12ec67a1365927098a606107fac15", True, {})
    assert _refusal("typeform", TYPEFORM_BODY + b" ", headers, "typeform_test_secret", NOW) == "wrong_signature"


@every_platform
def test_what_is_signed_is_verified_and_nothing_else(name: str) -> None:
    platform, raw = PLATFORMS[name], SENDERS[name].body(Said())
    secret, other = platform.new_secret(), platform.new_secret()
    platform.check_secret(secret)
    headers = platform.sign(raw, secret, delivery="msg_1", at=NOW)
    identity = platform.verify(raw, headers, [secret], NOW)
    assert platform.verify(raw, headers, [other, secret], NOW) == identity
    assert _refusal(name, raw, headers, other, NOW) == "wrong_signature"
    assert _refusal(name, raw, {}, secret, NOW) == "unsigned"
    assert not any(secret in headers.get(kept, "") for kept in platform.kept_headers)


@every_platform
def test_a_guessable_secret_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"secret|base64"):
        PLATFORMS[name].check_secret("whsec_short")


@pytest.mark.parametrize("secret", ["whsec_%%%", "whsec_" + base64.b64encode(b"x" * 65).decode()])
def test_a_secret_that_is_none_is_refused(secret: str) -> None:
    with pytest.raises(ValueError, match=r"base64|24 to 64"):
        PLATFORMS["standard_webhooks"].check_secret(secret)


@every_platform
@given(raw=st.binary(max_size=200))
def test_any_bytes_are_read_or_unreadable(name: str, raw: bytes) -> None:
    try:
        PLATFORMS[name].parse(raw)
    except Unreadable as unreadable:
        assert str(unreadable)  # noqa: PT017 - the reason is shown to people


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@every_platform
@given(data=st.data())
def test_any_value_in_the_place_of_another_is_read_or_unreadable(name: str, data: st.DataObject) -> None:
    body = json.loads(SENDERS[name].body(Said()))
    place = body
    while isinstance(place, dict) and place:
        key = data.draw(st.sampled_from(sorted(place)))
        if not isinstance(place[key], dict) or not place[key] or data.draw(st.booleans()):
            place[key] = data.draw(JSON)
            break
        place = place[key]
    try:
        submission = PLATFORMS[name].parse(json.dumps(body).encode())
    except Unreadable:
        return
    assert submission is None or submission.response_id


@every_platform
@given(header=st.text(alphabet=st.characters(max_codepoint=255), max_size=80))
def test_any_header_is_refused_and_never_an_error(name: str, header: str) -> None:
    platform, raw = PLATFORMS[name], SENDERS[name].body(Said())
    secret = platform.new_secret()
    signed = platform.sign(raw, secret, delivery="msg_1", at=NOW)
    for changed in set(signed) - {"content-type"} | {"authorization"}:
        headers = {**signed, changed: header}
        if signed.get(changed) != header and changed != "webhook-id":
            assert _refusal(name, raw, headers, secret, NOW) in (
                None,
                "unsigned",
                "malformed_signature",
                "wrong_signature",
                "stale_timestamp",
            )


def _refusal(name: str, raw: bytes, headers: dict[str, str], secret: str, at: datetime) -> str | None:
    try:
        PLATFORMS[name].verify(raw, headers, [secret], at)
    except Refused as refused:
        return refused.reason
    return None
