"""Every platform's face under the same hard rules, whatever its layout."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.survey.senders import SENDERS, Said

from assent_survey.domain.submission import Notice, Refused, Submission, Unreadable
from assent_survey.platforms import PLATFORMS

NOW = datetime(2026, 9, 1, 12, 0, tzinfo=UTC)
REASONS = (None, "unsigned", "malformed_signature", "wrong_signature", "stale_timestamp")
UNSIGNED = [name for name in SENDERS if PLATFORMS[name].proof != "signature"]
CONTENT_TYPES = ("", "application/json", "multipart/form-data; boundary=x", "multipart/form-data")
every_platform = pytest.mark.parametrize("name", list(SENDERS))


def _refusal(name: str, raw: bytes, headers: Mapping[str, str], secret: str) -> str | None:
    try:
        PLATFORMS[name].verify(raw, headers, [secret], NOW)
    except Refused as refused:
        return refused.reason
    return None


def _read(name: str, raw: bytes, headers: Mapping[str, str]) -> Submission | Notice | None:
    """What it says; None also for what cannot be read, which must say why."""
    try:
        return PLATFORMS[name].parse(raw, headers)
    except Unreadable as unreadable:
        assert str(unreadable)  # noqa: PT017 - the reason is shown to people
        return None


@every_platform
def test_what_is_signed_is_verified_and_nothing_else(name: str) -> None:
    platform, sender = PLATFORMS[name], SENDERS[name]
    secret, other = platform.new_secret(), platform.new_secret()
    platform.check_secret(secret)
    for body in (sender.body(Said()), *sender.other_bodies(Said())):
        raw = sender.sealed(body, secret)
        headers = platform.sign(raw, secret, delivery="msg_1", at=NOW)
        identity = platform.verify(raw, headers, [secret], NOW)
        assert platform.verify(raw, headers, [other, secret], NOW) == identity
        assert _refusal(name, raw, headers, other) == "wrong_signature"
        assert _refusal(name, body, {}, secret) == "unsigned"
        assert not any(secret in headers.get(kept, "") for kept in platform.kept_headers)


@every_platform
def test_what_is_kept_says_the_same_and_holds_no_secret(name: str) -> None:
    platform, sender = PLATFORMS[name], SENDERS[name]
    secret = platform.new_secret()
    for body in (sender.body(Said()), *sender.other_bodies(Said())):
        raw = sender.sealed(body, secret)
        headers = platform.sign(raw, secret, delivery="msg_1", at=NOW)
        kept = platform.keepable(raw, headers)
        assert secret.encode() not in kept
        kept_headers = {key: value for key, value in headers.items() if key in platform.kept_headers}
        assert platform.parse(kept, kept_headers) == platform.parse(raw, headers)
        assert platform.keepable(kept, kept_headers) == kept


@every_platform
def test_every_form_of_a_body_says_the_same_with_and_without_its_content_type(name: str) -> None:
    platform, sender = PLATFORMS[name], SENDERS[name]
    said = Said(words='Łódź & 東京 + 50 % [x] = "quoted"')
    wanted = platform.parse(sender.body(said), {})
    assert isinstance(wanted, Submission)
    for raw in (sender.body(said), *sender.other_bodies(said)):
        for headers in (platform.sign(raw, platform.new_secret(), delivery="msg_1", at=NOW), {}):
            found = platform.parse(raw, headers)
            assert isinstance(found, Submission)
            assert (found.response_id, found.said(), found.finished) == (wanted.response_id, wanted.said(), wanted.finished)


@every_platform
def test_a_guessable_secret_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"secret|base64"):
        PLATFORMS[name].check_secret("whsec_short")


@every_platform
@given(raw=st.binary(max_size=200), kind=st.sampled_from(CONTENT_TYPES))
def test_any_bytes_are_read_or_unreadable(name: str, raw: bytes, kind: str) -> None:
    for body in (raw, b"--x" + raw, b"<" + raw, b"{" + raw):
        headers = {"content-type": kind}
        _read(name, body, headers)
        assert _refusal(name, body, headers, PLATFORMS[name].new_secret()) in REASONS
        assert isinstance(PLATFORMS[name].keepable(body, headers), bytes)


@every_platform
@given(data=st.data())
def test_any_byte_in_the_place_of_another_is_read_or_unreadable(name: str, data: st.DataObject) -> None:
    sender = SENDERS[name]
    raw = bytearray(data.draw(st.sampled_from([sender.body(Said()), *sender.other_bodies(Said())])))
    for _ in range(data.draw(st.integers(1, 3))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    headers = PLATFORMS[name].sign(sender.body(Said()), "s" * 16, delivery="msg_1", at=NOW) if name in UNSIGNED else {}
    _read(name, bytes(raw), headers)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.just(10**400)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5)
    | st.sampled_from(["", "1", "[]", '[{"a": 1}]', "2026-09-01 12:00:00", "9999-12-31 23:59:59"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5) | st.sampled_from(["id", "text"]), inner, max_size=3)
    ),
    max_leaves=6,
)
WRITTEN_IN_JSON = [name for name in SENDERS if SENDERS[name].body(Said()).startswith(b"{")]


@pytest.mark.parametrize("name", WRITTEN_IN_JSON)
@given(data=st.data())
def test_any_value_in_the_place_of_another_is_read_or_unreadable(name: str, data: st.DataObject) -> None:
    body = json.loads(SENDERS[name].body(Said()))
    place = body
    while place:
        key = data.draw(st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place))))
        if not isinstance(place[key], dict | list) or not place[key] or data.draw(st.booleans()):
            place[key] = data.draw(JSON)
            break
        place = place[key]
    found = _read(name, json.dumps(body).encode(), {})
    assert found is None or found.response_id
    if isinstance(found, Submission):
        assert all(isinstance(found.text(field), str | None) for field in (*found.fields, *found.facts))
        assert set(found.aliases.values()) <= found.fields.keys() | set(found.nested)
        assert found.said()


@every_platform
@given(header=st.text(alphabet=st.characters(max_codepoint=255), max_size=80))
def test_any_header_is_refused_and_never_an_error(name: str, header: str) -> None:
    platform = PLATFORMS[name]
    secret = platform.new_secret()
    raw = SENDERS[name].sealed(SENDERS[name].body(Said()), secret)
    signed = platform.sign(raw, secret, delivery="msg_1", at=NOW)
    for changed in set(signed) | {"authorization", "content-type"}:
        if signed.get(changed) != header:
            assert _refusal(name, raw, {**signed, changed: header}, secret) in REASONS
            _read(name, raw, {**signed, changed: header})
    assert _refusal(name, SENDERS[name].body(Said()), {"authorization": header}, secret) in REASONS
