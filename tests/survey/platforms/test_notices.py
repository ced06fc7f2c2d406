"""The platforms whose webhooks carry ids only: signatures against golden vectors, and what their notices say."""

import json
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent_survey.domain.submission import Notice, Refused, Unreadable
from assent_survey.platforms import PLATFORMS
from assent_survey.platforms.face import PATH_SECRET
from assent_survey.platforms.qualtrics import signed_form

NOW = datetime(2026, 9, 1, 12, 0, tzinfo=UTC)
FORM = {"content-type": "application/x-www-form-urlencoded"}
every_notifier = pytest.mark.parametrize("name", ["surveymonkey", "qualtrics", "redcap"])

# The first's inputs are a public package's tests, the second's the vendor's documentation; both computed by us.
SURVEYMONKEY = [
    ("api-key&secret", b'{"event_type":"my.type"}', "CXQhfIqH/7nKhNyZiQub6niPHm8="),
    (
        "test_client_id&test_client_secret",
        b'{"name":"My Webhook","filter_type":"survey","filter_id":"123456789","event_type":"response_completed",'
        b'"event_id":"123456789","object_type":"response","object_id":"123456","event_datetime":"2016-01-01T21:56:31.182613+00:00",'
        b'"resources":{"respondent_id":"123456789","recipient_id":"123456789","collector_id":"123456789","survey_id":"123456789",'
        b'"user_id":"123456789"}}',
        "FR117Ql62AzBrC2t3KnKKCX6JvA=",
    ),
]
# From the tests of kyma-incubator/connector-tools, qualtrics-event-gw (Apache-2.0).
QUALTRICS_KEY = "kyma4ever"
QUALTRICS_MESSAGE = (
    '{"Status":"Complete","SurveyID":"SV_1AmkKSDmoZ4XlQx","ResponseID":"R_0B7IcnXszjEUHLP",'
    '"CompletedDate":"2019-06-25 07:58:25","BrandID":"sapdevelopment"}'
)
QUALTRICS_HMAC = (
    "c2c585a404c239aa3063b462cc33551d3ed3ed2de0899f58d456fc0ef7ebef6f"
    "3c3af44957989bd0592603e41edde9528f7d9ed09ee128bf719aa12f46e5c598"
)
SAVED = {
    "redcap_url": "https://redcap.example.org/",
    "project_id": "12",
    "username": "[survey respondent]",
    "record": "A-7 / 1",
    "instrument": "views",
    "redcap_event_name": "wave_1_arm_1",
    "views_complete": "2",
}


def refusal(name: str, raw: bytes, headers: dict[str, str], secret: str) -> str | None:
    """Why a delivery is refused, if it is."""
    try:
        PLATFORMS[name].verify(raw, headers, [secret], NOW)
    except Refused as refused:
        return refused.reason
    return None


@pytest.mark.parametrize(("key", "raw", "signature"), SURVEYMONKEY)
def test_surveymonkey_vectors(key: str, raw: bytes, signature: str) -> None:
    platform = PLATFORMS["surveymonkey"]
    assert platform.sign(raw, key, delivery="", at=NOW)["sm-signature"] == signature
    assert platform.verify(raw, {"sm-signature": signature}, ["another&secret-of-another", key], NOW).delivery
    assert refusal("surveymonkey", raw + b" ", {"sm-signature": signature}, key) == "wrong_signature"
    assert refusal("surveymonkey", raw, {"sm-signature": "+" + signature[1:]}, key) == "wrong_signature"
    assert refusal("surveymonkey", raw, {}, key) == "unsigned"


def test_surveymonkey_is_known_by_its_event_id() -> None:
    key, raw, signature = SURVEYMONKEY[1]
    assert PLATFORMS["surveymonkey"].verify(raw, {"sm-signature": signature}, [key], NOW).delivery == "123456789"


def test_a_surveymonkey_key_has_two_halves() -> None:
    for wrong in ("only-a-client-secret-of-some-length", "&a-secret-without-a-client", "client&short"):
        with pytest.raises(ValueError, match="client_id&client_secret"):
            PLATFORMS["surveymonkey"].check_secret(wrong)


@pytest.mark.parametrize(
    ("event", "happening"),
    [
        ("response_created", "changed"),
        ("response_updated", "changed"),
        ("response_completed", "changed"),
        ("response_disqualified", "changed"),
        ("response_overquota", "changed"),
        ("response_deleted", "deleted"),
    ],
)
def test_surveymonkey_events(event: str, happening: str) -> None:
    body = {**json.loads(SURVEYMONKEY[1][1]), "event_type": event}
    notice = PLATFORMS["surveymonkey"].parse(json.dumps(body).encode(), {})
    assert isinstance(notice, Notice)
    assert (notice.response_id, notice.happening) == ("123456", happening)
    assert notice.address == {"survey": "123456789", "collector": "123456789", "at": "2016-01-01T21:56:31.182613+00:00"}


def test_surveymonkey_events_of_surveys_are_nothing_and_unknown_ones_unreadable() -> None:
    assert PLATFORMS["surveymonkey"].parse(b'{"event_type": "survey_updated", "object_id": "1"}', {}) is None
    with pytest.raises(Unreadable):
        PLATFORMS["surveymonkey"].parse(b'{"event_type": "answer_liked", "object_id": "1"}', {})


def test_qualtrics_vector() -> None:
    raw = urlencode({"Topic": "b.surveyengine.completedResponse.SV_1", "HMAC": QUALTRICS_HMAC, "MSG": QUALTRICS_MESSAGE}).encode()
    assert raw == signed_form(QUALTRICS_MESSAGE, QUALTRICS_KEY, topic="b.surveyengine.completedResponse.SV_1")
    assert refusal("qualtrics", raw, FORM, QUALTRICS_KEY) is None
    assert refusal("qualtrics", raw.replace(b"HMAC=c2", b"HMAC=C2"), FORM, QUALTRICS_KEY) is None
    assert refusal("qualtrics", raw, FORM, "another key") == "wrong_signature"
    assert refusal("qualtrics", raw.replace(b"R_0B7", b"R_0B8"), FORM, QUALTRICS_KEY) == "wrong_signature"
    notice = PLATFORMS["qualtrics"].parse(raw, FORM)
    assert notice == Notice("R_0B7IcnXszjEUHLP", address={"survey": "SV_1AmkKSDmoZ4XlQx"})


def test_qualtrics_second_vector() -> None:
    """Of this one the source shows the beginning and the end of the HMAC."""
    message = QUALTRICS_MESSAGE.replace("R_0B7IcnXszjEUHLP", "R_1l9mcVuXubb4aGm")
    proof = dict(parse_qsl(signed_form(message, QUALTRICS_KEY).decode()))["HMAC"]
    assert len(proof) == 128


def test_what_stands_beside_a_signed_message_is_not_read() -> None:
    forged = signed_form(QUALTRICS_MESSAGE, QUALTRICS_KEY) + b"&ResponseID=R_forged&SurveyID=SV_forged"
    notice = PLATFORMS["qualtrics"].parse(forged, FORM)
    assert isinstance(notice, Notice)
    assert notice.response_id == "R_0B7IcnXszjEUHLP"


def test_a_wrong_hmac_is_refused_even_beside_the_secret() -> None:
    raw = urlencode({"HMAC": "0" * 128, "MSG": QUALTRICS_MESSAGE}).encode()
    assert refusal("qualtrics", raw, {**FORM, "x-webhook-secret": QUALTRICS_KEY}, QUALTRICS_KEY) == "wrong_signature"


@pytest.mark.parametrize("kind", ["application/json", "Application/JSON; charset=UTF-8", "text/plain", "", None])
def test_a_web_service_task_sends_ids_and_the_secret_in_a_header(kind: str | None) -> None:
    """JSON is known by its first sign, because whoever sets up the task chooses the content type."""
    ids = {"SurveyID": "SV_1", "ResponseID": "R_1", "Status": "Complete"}
    raw = urlencode(ids).encode() if kind is None else json.dumps(ids).encode()
    headers = FORM if kind is None else {"content-type": kind}
    assert refusal("qualtrics", raw, headers, QUALTRICS_KEY) == "unsigned"
    assert refusal("qualtrics", raw, {**headers, "x-webhook-secret": "wrong"}, QUALTRICS_KEY) == "wrong_signature"
    assert refusal("qualtrics", raw, {**headers, "x-webhook-secret": QUALTRICS_KEY}, QUALTRICS_KEY) is None
    assert PLATFORMS["qualtrics"].parse(raw, headers) == Notice("R_1", address={"survey": "SV_1"})


def test_redcap_is_known_by_its_address_only() -> None:
    raw, secret = urlencode(SAVED).encode(), PLATFORMS["redcap"].new_secret()
    assert PLATFORMS["redcap"].proof == "path_secret"
    assert refusal("redcap", raw, {**FORM, PATH_SECRET: secret}, secret) is None
    assert refusal("redcap", raw, {**FORM, PATH_SECRET: secret[::-1]}, secret) == "wrong_signature"
    assert refusal("redcap", raw, FORM, secret) == "unsigned"


def test_two_saves_that_say_the_same_are_two_deliveries() -> None:
    raw, secret = urlencode(SAVED).encode(), PLATFORMS["redcap"].new_secret()
    headers = {**FORM, PATH_SECRET: secret}
    first, again = (PLATFORMS["redcap"].verify(raw, headers, [secret], at) for at in (NOW, NOW + timedelta(seconds=1)))
    assert first != again
    assert len(first.delivery) < 300


def test_redcap_notices_name_project_record_event_instrument_and_instance() -> None:
    notice = PLATFORMS["redcap"].parse(urlencode(SAVED).encode(), FORM)
    assert isinstance(notice, Notice)
    assert notice.response_id == "12/A-7%20%2F%201/wave_1_arm_1/views/"
    assert notice.address == {"project": "12", "record": "A-7 / 1", "event": "wave_1_arm_1", "instrument": "views"}
    repeated = {**SAVED, "redcap_repeat_instrument": "visits", "redcap_repeat_instance": "3"}
    again = PLATFORMS["redcap"].parse(urlencode(repeated).encode(), FORM)
    assert isinstance(again, Notice)
    assert again.response_id == "12/A-7%20%2F%201/wave_1_arm_1/visits/3"


@pytest.mark.parametrize("missing", ["project_id", "record", "instrument"])
def test_a_save_of_nothing_is_unreadable(missing: str) -> None:
    raw = urlencode({name: value for name, value in SAVED.items() if name != missing}).encode()
    with pytest.raises(Unreadable, match="Data Entry Trigger"):
        PLATFORMS["redcap"].parse(raw, FORM)


@every_notifier
@given(raw=st.binary(max_size=200), kind=st.sampled_from(["", "application/json", "application/x-www-form-urlencoded"]))
def test_any_bytes_are_read_or_unreadable_and_never_genuine(name: str, raw: bytes, kind: str) -> None:
    headers = {"content-type": kind}
    assert refusal(name, raw, headers, PLATFORMS[name].new_secret()) in ("unsigned", "malformed_signature", "wrong_signature")
    try:
        notice = PLATFORMS[name].parse(raw, headers)
    except Unreadable as unreadable:
        assert str(unreadable)  # noqa: PT017 - the reason is shown to people
    else:
        assert notice is None or isinstance(notice, Notice)


@every_notifier
def test_what_is_signed_is_verified_and_nothing_else(name: str) -> None:
    platform = PLATFORMS[name]
    secret, other = platform.new_secret(), platform.new_secret()
    assert secret != other
    platform.check_secret(secret)
    raw = {"surveymonkey": SURVEYMONKEY[1][1], "qualtrics": b"ResponseID=R_1", "redcap": urlencode(SAVED).encode()}[name]
    headers = platform.sign(raw, secret, delivery="", at=NOW)
    assert platform.verify(raw, headers, [other, secret], NOW) == platform.verify(raw, headers, [secret], NOW)
    assert refusal(name, raw, headers, other) == "wrong_signature"
    assert not any(secret in headers.get(kept, "") for kept in platform.kept_headers)
