"""Every platform under the same rules: what is accepted, what is refused, and what a delivery does to a response."""

import gzip
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from tests.survey.house import HOME, House
from tests.survey.senders import SENDERS, Said

from assent_kit.lane import LaneClosed
from assent_kit.tables import now
from assent_survey.platforms import PLATFORMS
from assent_survey.platforms.face import PATH_SECRET
from assent_survey.problems import REFUSALS

STANDARD = [name for name, sender in SENDERS.items() if sender.proof_header == "webhook-signature"]
PARTIAL = [name for name, sender in SENDERS.items() if sender.sends_partials]
every_platform = pytest.mark.parametrize("platform", list(SENDERS))


@every_platform
async def test_a_signed_delivery_becomes_a_coded_response(any_house: House, platform: str) -> None:
    house = any_house
    hook = await house.hook(platform)
    taken = await hook.send(Said(link_records="If checked"))
    assert taken.status_code == 200, taken.text
    house.work()
    (response,) = await house.responses()
    assert response["answers"] == {"agreed": "yes", "link_records": "with_check", "lone_parent": "yes"}
    assert response["groups"] == {"lone_parent": "lone"}
    assert (response["weight"], response["stratum"], response["cluster"]) == (1.25, "north", None)
    assert (response["consented"], response["complete"], response["test"]) == (True, True, False)
    (delivery,) = await house.deliveries()
    assert (delivery["state"], delivery["id"], delivery["unmapped"]) == ("applied", taken.json()["delivery"], [])
    assert delivery["ordered_by"] == ("updated_at" if SENDERS[platform].orders_edits else "arrival")
    (event,) = house.events()
    assert event["type"] == "assent.survey.response.received.v1"
    assert event["state"]["answers"] == response["answers"]
    assert event["state"]["respondent"] == response["respondent"]


@every_platform
async def test_no_name_and_no_words_of_a_respondent_reach_an_event(house: House, platform: str) -> None:
    hook = await house.hook(platform)
    await hook.send(Said(respondent="jane.roe@example.org", words="I live in Elm Street", link_records="something unforeseen"))
    house.work()
    (event,) = house.events()
    said = json.dumps(event)
    assert "jane" not in said
    assert "Elm" not in said
    assert "unforeseen" not in said
    (delivery,) = await house.deliveries()
    assert [(each["item"], each["why"]) for each in delivery["unmapped"]] == [("link_records", "the mapping has no such code")]
    assert "unforeseen" not in json.dumps(delivery)


FORGERIES = (None, "v9,AAAA", "v1,%%%", "", "v1,sha256=é")  # no proof, a wrong prefix, no base64, an empty one, no ASCII


@every_platform
async def test_a_forged_proof_is_refused_and_quarantined(house: House, platform: str) -> None:
    hook = await house.hook(platform)
    for forgery in FORGERIES:
        _is_refused(await hook.forge(SENDERS[platform].body(Said()), forgery))
    house.work()
    assert await house.responses() == []
    assert [each["state"] for each in await house.deliveries()] == ["quarantined"] * len(FORGERIES)


@every_platform
async def test_another_secret_or_another_body_is_refused(house: House, platform: str) -> None:
    hook = await house.hook(platform)
    raw = SENDERS[platform].body(Said())
    _is_refused(await hook.send_raw(raw, secret=PLATFORMS[platform].new_secret()))
    if PLATFORMS[platform].proof == "signature":  # the others prove the sender only
        signed = PLATFORMS[platform].sign(raw, hook.secret, delivery="msg_1", at=now())
        _is_refused(await house.platform.post(hook.address, content=raw.replace(b"No", b"Fi"), headers=signed))
    house.work()
    assert await house.responses() == []


def _is_refused(answer: Any) -> None:
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["code"] in ("delivery_unsigned", "signature_malformed", "signature_wrong")
    assert problem["remedy"]


@pytest.mark.parametrize("platform", STANDARD)
@pytest.mark.parametrize("seconds", [-310, 310])  # the very second is tried on the vectors, where no clock runs
async def test_a_stale_timestamp_is_refused(house: House, platform: str, seconds: int) -> None:
    hook = await house.hook(platform)
    late = await hook.send(Said(), at=now() + timedelta(seconds=seconds))
    assert (late.status_code, late.json()["code"]) == (401, "timestamp_stale")
    assert (await hook.send(Said(), at=now() + timedelta(seconds=seconds * 0.9))).status_code == 200


@every_platform
async def test_the_same_delivery_twice_is_one_response(any_house: House, platform: str) -> None:
    house = any_house
    hook = await house.hook(platform)
    for _ in range(2):
        assert (await hook.send(Said(), delivery="msg_same")).status_code == 200
    house.work()
    assert (await hook.send(Said(), delivery="msg_same")).status_code == 200
    house.work()
    (response,) = await house.responses()
    assert response["version"] == 1
    assert [(each["state"], each["reason"]) for each in await house.deliveries()] == [
        ("applied", None),
        ("duplicate", "same_delivery"),
        ("duplicate", "same_delivery"),
    ]
    assert len(house.events()) == 1


@every_platform
async def test_new_content_is_a_new_version(any_house: House, platform: str) -> None:
    house = any_house
    hook = await house.hook(platform)
    await hook.send(Said(link_records="No"))
    house.work()
    await hook.send(Said(link_records="Fine", minute=1))
    house.work()
    (response,) = await house.responses()
    assert (response["version"], response["answers"]["link_records"]) == (2, "acceptable")
    versions = (await house.get(f"/responses/{response['id']}/versions"))["items"]
    assert [each["answers"]["link_records"] for each in versions] == ["unacceptable", "acceptable"]
    assert [event["version"] for event in house.events()] == [1, 2]
    assert house.events()[-1]["type"] == "assent.survey.response.corrected.v1"


@every_platform
async def test_a_retry_with_a_changed_body_is_not_lost(house: House, platform: str) -> None:
    hook = await house.hook(platform)
    await hook.send(Said(link_records="No"), delivery="msg_same")
    await hook.send(Said(link_records="Fine", minute=1), delivery="msg_same")
    house.work()
    (response,) = await house.responses()
    assert response["answers"]["link_records"] == "acceptable"


@pytest.mark.parametrize("platform", PARTIAL)
async def test_a_late_partial_never_unfinishes(house: House, platform: str) -> None:
    hook = await house.hook(platform)
    await hook.send(Said(link_records="Fine", minute=5))
    await hook.send(Said(link_records=None, finished=False, minute=1))
    house.work()
    (response,) = await house.responses()
    assert (response["complete"], response["answers"]["link_records"]) == (True, "acceptable")
    assert [(each["state"], each["reason"]) for each in await house.deliveries()] == [("applied", None), ("applied", "superseded")]


@pytest.mark.parametrize("platform", [name for name in PARTIAL if SENDERS[name].orders_edits])
@pytest.mark.parametrize("finished", [False, True])
async def test_an_older_state_that_does_not_say_who_answers_leaves_them(any_house: House, platform: str, *, finished: bool) -> None:
    """A respondent may be told on a later page only, or in a field that a save on the way leaves out."""
    house = any_house
    hook = await house.hook(platform)
    await hook.send(Said(link_records="Fine", finished=not finished, minute=5))
    house.work()
    (before,) = await house.responses()
    await hook.send(Said(respondent="", link_records=None, finished=finished, minute=1))
    house.work()
    (after,) = await house.responses()
    assert (after["respondent"], after["complete"]) == (before["respondent"], True)
    assert after["answers"]["link_records"] == "acceptable"
    assert [each["state"] for each in await house.deliveries()] == ["applied", "applied"]


@pytest.mark.parametrize("platform", [name for name in PARTIAL if SENDERS[name].orders_edits])
async def test_an_older_finish_still_finishes(house: House, platform: str) -> None:
    hook = await house.hook(platform)
    await hook.send(Said(link_records="Fine", finished=False, minute=5))
    house.work()
    assert [each["complete"] for each in await house.responses()] == [False]
    await hook.send(Said(link_records="No", finished=True, minute=1))
    house.work()
    (response,) = await house.responses()
    assert (response["complete"], response["answers"]["link_records"]) == (True, "acceptable")


@pytest.mark.parametrize("platform", [name for name in SENDERS if not PLATFORMS[name].makes_secret])
async def test_two_secrets_are_good_while_they_overlap(house: House, platform: str) -> None:
    hook = await house.hook(platform)
    rotated = await house.client.post(f"{HOME}/connections/{hook.id}/rotate")
    assert rotated.status_code == 200
    new = rotated.json()["secret"]
    for number, secret in enumerate((hook.secret, new)):
        raw = SENDERS[platform].body(Said(response=f"before{number}"), f"e{number}")
        assert (await hook.send_raw(raw, secret=secret, delivery=f"msg_{number}")).status_code == 200
    newest = (await house.client.post(f"{HOME}/connections/{hook.id}/rotate?overlap_hours=0")).json()["secret"]
    for ended in (hook.secret, new):
        assert (await hook.send_raw(SENDERS[platform].body(Said()), secret=ended)).status_code == 401
    assert (await hook.send_raw(SENDERS[platform].body(Said()), secret=newest)).status_code == 200
    house.work()
    assert len(await house.responses()) == 3


@every_platform
async def test_letters_of_every_script_and_a_large_body(house: House, platform: str) -> None:
    hook = await house.hook(platform)
    await hook.send(Said(words="Łódź, 東京, ‏العربية‏, 👩‍👧", respondent="Ægir"))
    await hook.send(Said(response="large", respondent="other", words="x" * 1_000_000))
    house.work()
    large, small = sorted(await house.responses(), key=lambda each: each["received_at"], reverse=True)
    assert "東京" in (await house.get(f"/responses/{small['id']}"))["texts"]["own_words"]
    assert len((await house.get(f"/responses/{large['id']}"))["texts"]["own_words"]) == 1_000_000


@every_platform
async def test_a_body_over_the_limit_is_413(build: Callable[..., House], platform: str) -> None:
    house = build(survey_hook_bytes=64 * 1024)
    hook = await house.hook(platform)
    answer = await hook.send(Said(words="x" * 70_000))
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert await house.deliveries() == []


BAD_BODIES = {
    "not JSON": b"<submission/>",
    "no object": b"[1]",
    "empty": b"",
    "repeated keys": b'{"event_type": "form_response", "event_type": "form_response"}',
    "NaN": b'{"data": NaN}',
    "deep": b'{"a":' * 500 + b"1" + b"}" * 500,
    "lone surrogate": rb'{"_uuid": "\ud800"}',
    "NUL": rb'{"_uuid": "a\u0000b"}',
    "not UTF-8": b'{"_uuid": "\xff"}',
    "another layout": b'{"data": {"id": [5], "answers": [], "data": []}, "form_response": 1}',
}


@every_platform
async def test_a_signed_body_that_cannot_be_read_is_kept_and_dead(any_house: House, platform: str) -> None:
    house = any_house
    hook = await house.hook(platform)
    answers = [await hook.send_raw(body, delivery=f"msg_{number}") for number, body in enumerate(BAD_BODIES.values())]
    house.work()
    deliveries = await house.deliveries()
    proved = [answer.status_code == 200 for answer in answers]
    assert all(proved) or PLATFORMS[platform].proof == "body_secret"  # a body that cannot be read cannot prove anything
    assert len(deliveries) == len(answers)
    for delivery, genuine in zip(deliveries, proved, strict=True):
        assert (delivery["state"], delivery["reason"]) == (("dead", "unreadable") if genuine else ("quarantined", "unsigned"))
        assert delivery["detail"]
    assert await house.responses() == []


@every_platform
async def test_when_the_database_is_away_it_is_503(house: House, platform: str, monkeypatch: pytest.MonkeyPatch) -> None:
    hook = await house.hook(platform)
    assert (await hook.send(Said())).status_code == 200

    def away(*_: object) -> None:
        raise LaneClosed

    monkeypatch.setattr(house.database._waiting, "put", away)
    answer = await hook.send(Said(response="r2"))
    assert (answer.status_code, answer.json()["code"], answer.headers["retry-after"]) == (503, "unavailable", "2")
    monkeypatch.setattr(house.database, "write_bulk", lambda *_: 1 / 0)
    assert (await hook.send(Said(response="r2"))).status_code == 503


@every_platform
async def test_platforms_may_look_before_they_send(house: House, platform: str) -> None:
    hook = await house.hook(platform)
    assert (await house.platform.head(hook.address)).status_code == 200
    assert (await house.platform.get(hook.address)).status_code == 200
    unknown = await house.platform.get("/v1/hooks/con_unknown")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "not_found")


@every_platform
async def test_an_address_with_a_slash_at_its_end_is_the_same(house: House, platform: str) -> None:
    """A 404 or a redirect would lose the delivery, and have some platforms switch the webhook off."""
    hook = await house.hook(platform)
    raw = SENDERS[platform].sealed(SENDERS[platform].body(Said()), hook.secret)
    headers = PLATFORMS[platform].sign(raw, hook.secret, delivery="msg_1", at=now())
    secret = headers.pop(PATH_SECRET, None)
    address = f"{hook.address}/{secret}/" if secret else f"{hook.address}/"
    assert (await house.platform.head(address)).status_code == 200
    assert (await house.platform.get(address)).status_code == 200
    _is_refused(await house.platform.post(f"{hook.address}/", content=raw + b"{", headers={}))
    assert (await house.platform.post(address, content=raw, headers=headers)).status_code == 200
    house.work()
    assert len(await house.responses()) == 1
    assert (await house.platform.post("/v1/hooks/con_unknown/", content=raw)).status_code == 404
    await house.client.delete(f"{HOME}/connections/{hook.id}", headers={"If-Match": "*"})
    assert (await house.platform.post(address, content=raw, headers=headers)).status_code == 410


@every_platform
async def test_spaces_around_a_header_are_none_of_its_value(house: House, platform: str) -> None:
    hook = await house.hook(platform)
    raw = SENDERS[platform].sealed(SENDERS[platform].body(Said()), hook.secret)
    signed = PLATFORMS[platform].sign(raw, hook.secret, delivery="msg_1", at=now())
    spaced = {name: value if name == PATH_SECRET else f" {value}\t " for name, value in signed.items()}
    assert (await hook.post(raw, spaced)).status_code == 200


@pytest.mark.parametrize("platform", [name for name, sender in SENDERS.items() if sender.body(Said()).startswith(b"{")])
async def test_a_byte_order_mark_is_passed_over(house: House, platform: str) -> None:
    hook = await house.hook(platform)
    raw = b"\xef\xbb\xbf" + SENDERS[platform].sealed(SENDERS[platform].body(Said()), hook.secret)
    signed = PLATFORMS[platform].sign(raw, hook.secret, delivery="msg_1", at=now())
    assert (await hook.post(raw, signed)).status_code == 200
    house.work()
    assert [each["answers"]["link_records"] for each in await house.responses()] == ["unacceptable"]


async def test_a_compressed_body_is_told_from_garbage(house: House) -> None:
    hook = await house.hook("typeform")
    await hook.send_raw(gzip.compress(SENDERS["typeform"].body(Said())))
    house.work()
    (delivery,) = await house.deliveries()
    assert (delivery["state"], "compressed" in delivery["detail"]) == ("dead", True)


@every_platform
async def test_whoever_finds_a_delivery_kept_apart_is_told_what_to_do(house: House, platform: str) -> None:
    hook = await house.hook(platform, mapping={})
    await hook.forge(SENDERS[platform].body(Said()), "wrong")
    await hook.send(Said())
    await hook.send_raw(SENDERS[platform].garbled(SENDERS[platform].body(Said()), "Jane Roe"))
    house.work()
    told = {each["reason"]: each["detail"] for each in await house.deliveries()}
    assert told.pop("unmapped").endswith("change it, and this is tried again")
    expected = f"docs/platforms/{platform}.md says what is expected"
    assert told.pop("unreadable", expected).endswith(expected)  # LimeSurvey's proof is in the body, and was not found
    (refused,) = told
    assert told[refused].endswith(REFUSALS[refused].remedy)


async def test_alchemer_may_deliver_by_get(house: House) -> None:
    hook = await house.hook("alchemer", mapping={"items": {"agreed": {"field": "agreed", "codes": {"Yes": "yes"}}}})
    chosen = {"response_id": "r1", "status": "Complete", "answer_agreed": "Yes"}
    assert (await house.platform.get(hook.address, params={"looks": "only"})).status_code == 200
    forged = await house.platform.get(f"{hook.address}/{'f' * 64}", params=chosen)
    assert (forged.status_code, forged.json()["code"]) == (401, "signature_wrong")
    sent = [await house.platform.get(f"{hook.address}/{hook.secret}", params=chosen) for _ in range(2)]
    assert [answer.status_code for answer in sent] == [200, 200]
    house.work()
    [response] = await house.responses()
    assert response["answers"]["agreed"] == "yes"
    assert sorted(each["state"] for each in await house.deliveries()) == ["applied", "duplicate", "quarantined"]


@pytest.mark.parametrize("platform", [name for name, sender in SENDERS.items() if sender.other_bodies(Said())])
async def test_every_form_of_a_body_says_the_same(house: House, platform: str) -> None:
    hook = await house.hook(platform)
    bodies = [SENDERS[platform].body(Said()), *SENDERS[platform].other_bodies(Said())]
    for number, raw in enumerate(bodies):
        assert (await hook.send_raw(raw, delivery=f"msg_{number}")).status_code == 200
    house.work()
    (response,) = await house.responses()
    assert (response["version"], response["answers"]["link_records"]) == (1, "unacceptable")
    assert [each["reason"] for each in await house.deliveries()] == [None] + ["same_content"] * (len(bodies) - 1)


async def test_neither_token_nor_participant_of_limesurvey_is_kept(house: House) -> None:
    hook = await house.hook("limesurvey")
    said = json.loads(SENDERS["limesurvey"].body(Said()))
    person = {"firstname": "Jane", "lastname": "Roe", "email": "jane.roe@example.org"}
    raw = json.dumps({**said, "participant": person}).encode()
    assert (await hook.send_raw(raw)).status_code == 200
    assert (await hook.send_raw(raw, secret="another secret of somebody")).status_code == 401
    house.work()
    kept = house.everything()
    for trace in (hook.secret, "another secret", "firstname", "jane.roe@example.org"):
        assert trace not in kept
    assert len(await house.responses()) == 1


async def test_an_address_that_jotform_repeats_is_kept_without_its_secret(house: House) -> None:
    hook = await house.hook("jotform")
    repeated = f'Content-Disposition: form-data; name="webhookURL"\r\n\r\nhttps://assent.example{hook.address}/'
    for secret, status in ((hook.secret, 200), ("a secret that was guessed".replace(" ", "-"), 401)):
        raw = f"--made-by-us\r\n{repeated}{secret}\r\n".encode() + SENDERS["jotform"].body(Said())
        assert (await hook.send_raw(raw, secret=secret)).status_code == status
    house.work()
    assert len(await house.responses()) == 1
    kept = house.everything()
    assert "webhookURL" in kept
    assert hook.secret not in kept
    assert "was-guessed" not in kept


async def test_basic_password_works_for_kobo(house: House) -> None:
    hook = await house.hook("kobo")
    raw = SENDERS["kobo"].body(Said())
    good = await house.platform.post(hook.address, content=raw, auth=("anyone", hook.secret))
    bad = await house.platform.post(hook.address, content=raw, auth=("anyone", "guess"))
    assert (good.status_code, bad.status_code) == (200, 401)


@every_platform
async def test_no_secret_and_no_address_of_a_sender_is_kept(house: House, platform: str) -> None:
    hook = await house.hook(platform)
    private = {"cookie": "session=abc", "x-forwarded-for": "203.0.113.9", "authorization": "Basic c2VjcmV0OnNlY3JldA=="}
    await hook.send(Said(), **private)
    house.work()
    kept = house.everything()
    assert hook.secret not in kept
    assert "session=abc" not in kept
    assert "203.0.113.9" not in kept
    assert "c2VjcmV0OnNlY3JldA" not in kept


async def test_a_long_name_of_a_forms_version_is_cut(any_house: House) -> None:
    hook = await any_house.hook("surveyjs")
    said = json.loads(SENDERS["surveyjs"].body(Said()))
    assert (await hook.send_raw(json.dumps({**said, "formVersion": "v" * 5000}).encode())).status_code == 200
    any_house.work()
    (response,) = await any_house.responses()
    assert response["form_version"] == "v" * 200


async def test_a_field_with_an_endless_name_is_reported_by_its_beginning(house: House) -> None:
    hook = await house.hook("standard_webhooks")
    await hook.send(Said(extra={"x" * 100_000: "y"}))
    house.work()
    (delivery,) = await house.deliveries()
    assert [each["field"] for each in delivery["unmapped"]] == ["x" * 500]


async def test_a_test_of_the_address_holds_no_response(house: House) -> None:
    hook = await house.hook("formbricks")
    assert (await hook.send_raw(b'{"webhookId": "w1", "event": "testEndpoint"}')).status_code == 200
    house.work()
    assert [(each["state"], each["reason"]) for each in await house.deliveries()] == [("applied", "endpoint_test")]
    assert await house.responses() == []


@pytest.mark.parametrize("platform", [name for name, sender in SENDERS.items() if not sender.orders_edits])
async def test_a_late_retry_of_what_was_a_duplicate_changes_nothing(house: House, platform: str) -> None:
    hook = await house.hook(platform)
    first, edited = Said(link_records="No"), Said(link_records="Fine", minute=1)
    await hook.send(first, delivery="msg_1")
    await hook.send(first, delivery="msg_2")
    await hook.send(edited, delivery="msg_3")
    house.work()
    await hook.send(first, delivery="msg_2")
    house.work()
    (response,) = await house.responses()
    assert (response["version"], response["answers"]["link_records"]) == (2, "acceptable")
