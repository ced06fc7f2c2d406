"""Connections, quarantine and replay: secrets shown once, what waits for a secret or a mapping, and what is bounded."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text, update
from sqlmodel import Session
from tests.survey.house import HOME, House, make_tables, settings_for
from tests.survey.senders import SENDERS, Said

from assent_kit.database import Database
from assent_kit.engines import write_engine
from assent_kit.tables import now
from assent_survey.platforms import PLATFORMS
from assent_survey.service import apply_deliveries
from assent_survey.service.keys import Keys
from assent_survey.store.deliveries import pending_ids
from assent_survey.store.tables import Delivery


async def test_a_secret_that_we_make_is_shown_once(any_house: House) -> None:
    house = any_house
    wanted = {"platform": "typeform", "collection": await house.collection(), "mapping": SENDERS["typeform"].mapping}
    key = {"Idempotency-Key": "k1"}
    made = await house.client.post(f"{HOME}/connections", json=wanted, headers=key)
    assert made.status_code == 201
    assert len(made.json()["secret"]) > 40
    assert made.json()["hook"] == f"http://127.0.0.1:8000/v1/hooks/{made.json()['id']}"
    again = await house.client.post(f"{HOME}/connections", json=wanted, headers=key)
    assert (again.status_code, again.json()["code"]) == (409, "secret_already_shown")
    shown = await house.client.get(made.headers["location"])
    assert "secret" not in shown.json()
    assert made.json()["secret"] not in shown.text + house.everything()
    rotated = await house.client.post(f"{made.headers['location']}/rotate", headers={"Idempotency-Key": "k2"})
    assert rotated.json()["secret"] not in (made.json()["secret"], None)
    repeat = await house.client.post(f"{made.headers['location']}/rotate", headers={"Idempotency-Key": "k2"})
    assert (repeat.status_code, repeat.json()["code"]) == (409, "secret_already_shown")
    assert [each["ends_at"] is None for each in rotated.json()["secrets"]] == [True, False]


async def test_secrets_that_were_seen_are_ended_at_once(any_house: House) -> None:
    hook = await any_house.hook("typeform")
    at = f"{HOME}/connections/{hook.id}"

    async def answered(secret: str, delivery: str) -> int:
        return (await hook.send_raw(SENDERS["typeform"].body(Said(response=delivery), delivery), secret=secret)).status_code

    second = (await any_house.client.post(f"{at}/rotate")).json()["secret"]
    assert [await answered(secret, f"a{n}") for n, secret in enumerate((hook.secret, second))] == [200, 200]
    rotated = await any_house.client.post(f"{at}/rotate", params={"overlap_hours": 0})
    assert len(rotated.json()["secrets"]) == 1
    third = rotated.json()["secret"]
    assert [await answered(secret, f"b{n}") for n, secret in enumerate((hook.secret, second, third))] == [401, 401, 200]
    given = PLATFORMS["typeform"].new_secret()
    assert len((await any_house.client.put(f"{at}/secret", json={"secret": given})).json()["secrets"]) == 2
    again = await any_house.client.put(f"{at}/secret", json={"secret": given}, params={"overlap_hours": 0})
    assert len(again.json()["secrets"]) == 1
    assert [await answered(secret, f"c{n}") for n, secret in enumerate((third, given))] == [401, 200]
    bad = await any_house.client.post(f"{at}/rotate", params={"overlap_hours": -1})
    assert (bad.status_code, bad.json()["errors"][0]["pointer"]) == (422, "?overlap_hours")


async def test_a_secret_that_is_given_is_not_shown(house: House) -> None:
    secret = PLATFORMS["standard_webhooks"].new_secret()
    hook = {"platform": "standard_webhooks", "collection": await house.collection(), "mapping": {}, "secret": secret}
    made = await house.client.post(f"{HOME}/connections", json=hook)
    assert made.status_code == 201
    assert "secret" not in made.json()
    assert not made.json()["awaits_secret"]
    bad = await house.client.post(f"{HOME}/connections", json={**hook, "secret": "whsec_short"})
    assert (bad.status_code, bad.json()["errors"][0]["pointer"]) == (422, "/secret")


async def test_until_the_platforms_secret_is_set_deliveries_wait(any_house: House) -> None:
    house = any_house
    wanted = {"platform": "formbricks", "collection": await house.collection(), "mapping": SENDERS["formbricks"].mapping}
    made = await house.client.post(f"{HOME}/connections", json=wanted)
    assert made.json()["awaits_secret"]
    assert (await house.client.post(f"{made.headers['location']}/rotate")).json()["code"] == "secret_is_the_platforms"
    platform = PLATFORMS["formbricks"]
    secret, forged = platform.new_secret(), platform.new_secret()
    hook = f"/v1/hooks/{made.json()['id']}"
    for number, signer in enumerate((secret, forged)):
        raw = SENDERS["formbricks"].body(Said(response=f"r{number}"))
        signed = platform.sign(raw, signer, delivery=f"msg_{number}", at=now())
        assert (await house.platform.post(hook, content=raw, headers=signed)).status_code == 200
    house.work()
    assert [each["reason"] for each in await house.deliveries(state="quarantined")] == ["secret_not_set"] * 2
    assert (await house.client.get(made.headers["location"])).json()["quarantined"] == {"secret_not_set": 2}
    put = await house.client.put(f"{made.headers['location']}/secret", json={"secret": secret})
    assert (put.status_code, put.json()["awaits_secret"]) == (200, False)
    house.work()
    assert [(each["state"], each["reason"]) for each in await house.deliveries()] == [
        ("applied", None),
        ("quarantined", "wrong_signature"),
    ]
    assert len(await house.responses()) == 1


async def test_a_better_mapping_is_tried_on_what_was_unmapped(any_house: House) -> None:
    house = any_house
    hook = await house.hook("kobo", mapping={"items": {"agreed": {"field": "elsewhere", "codes": {"Yes": "yes"}}}})
    await hook.send(Said())
    house.work()
    (waiting,) = await house.deliveries()
    assert (waiting["state"], waiting["reason"]) == ("quarantined", "unmapped")
    address = f"{HOME}/connections/{hook.id}"
    etag = (await house.client.get(address)).headers["etag"]
    changed = await house.client.patch(address, json={"mapping": SENDERS["kobo"].mapping}, headers={"If-Match": etag})
    assert changed.status_code == 200
    house.work()
    (response,) = await house.responses()
    assert response["answers"]["link_records"] == "unacceptable"


async def test_a_replay_codes_an_applied_delivery_anew(house: House) -> None:
    mapping: dict[str, Any] = {**SENDERS["typeform"].mapping, "items": {}}
    mapping["items"]["agreed"] = SENDERS["typeform"].mapping["items"]["agreed"]
    hook = await house.hook("typeform", mapping=mapping)
    taken = await hook.send(Said())
    house.work()
    address = f"{HOME}/connections/{hook.id}"
    await house.client.patch(address, json={"mapping": SENDERS["typeform"].mapping}, headers={"If-Match": "*"})
    replayed = await house.client.post(f"{HOME}/deliveries/{taken.json()['delivery']}/replay")
    assert (replayed.status_code, replayed.json()["state"]) == (202, "verified")
    house.work()
    (response,) = await house.responses()
    assert (response["version"], response["answers"]["link_records"]) == (2, "unacceptable")


async def test_a_mapping_that_does_not_fit_is_refused(house: House) -> None:
    wanted: dict[str, Any] = {
        "platform": "kobo",
        "collection": await house.collection(),
        "mapping": {"items": {"agreed": {"field": "f", "codes": {"Y": "y"}}}},
    }
    answer = await house.client.post(f"{HOME}/connections", json=wanted)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/mapping/items/agreed/codes/Y")
    wanted["mapping"]["items"]["agreed"] = {"field": "f", "own_words": "something"}
    answer = await house.client.post(f"{HOME}/connections", json=wanted)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/mapping/items/agreed/own_words")
    unknown = await house.client.post(f"{HOME}/connections", json={**wanted, "platform": "carrier_pigeon"})
    assert (unknown.status_code, unknown.json()["errors"][0]["pointer"]) == (422, "/platform")


@pytest.mark.parametrize("platform", list(SENDERS))
async def test_a_steward_can_vouch_for_an_unsigned_delivery(house: House, platform: str) -> None:
    hook = await house.hook(platform)
    raw = SENDERS[platform].body(Said())
    assert (await house.platform.post(hook.address, content=raw)).status_code == 401
    (waiting,) = await house.deliveries()
    replay = f"{HOME}/deliveries/{waiting['id']}/replay"
    await house.client.post(replay)
    house.work()
    assert [each["state"] for each in await house.deliveries()] == ["quarantined"]
    vouch = {"accept_unverified": True}
    assert (await house.client.post(replay, json=vouch, headers=house.as_role("researcher"))).status_code == 403
    assert (await house.client.post(replay, json=vouch)).status_code == 202
    house.work()
    (applied,) = await house.deliveries()
    assert (applied["state"], applied["accepted_by"]) == ("applied", "tester")
    assert len(await house.responses()) == 1


async def test_quarantine_is_bounded_for_each_connection(build: Callable[..., House]) -> None:
    house = build(survey_quarantine_limit=2)
    hook = await house.hook("typeform")
    for number in range(4):
        answer = await hook.send_raw(b"{}", secret="another secret " + str(number))
        assert (answer.status_code, answer.json()["code"]) == (401, "signature_wrong")
    assert len(await house.deliveries()) == 2
    wanted = {"platform": "formbricks", "collection": await house.collection(), "mapping": {}}
    made = await house.client.post(f"{HOME}/connections", json=wanted)
    statuses = [(await house.platform.post(f"/v1/hooks/{made.json()['id']}", content=b"{}")).status_code for _ in range(3)]
    assert statuses == [200, 200, 503]


async def test_too_much_that_is_unmapped_is_refused_at_the_door(build: Callable[..., House]) -> None:
    house = build(survey_quarantine_limit=2)
    hook = await house.hook("kobo", mapping={"ignore": ["nothing of theirs"]})
    for number in range(2):
        await hook.send(Said(response=f"r{number}"))
    house.work()
    await house.client.patch(f"{HOME}/connections/{hook.id}", json={"mapping": {}}, headers={"If-Match": "*"})
    house.work()
    answer = await hook.send(Said(response="r3"))
    assert (answer.status_code, answer.json()["code"]) == (503, "quarantine_full")
    assert len(await house.deliveries()) == 2


async def test_what_is_kept_apart_is_deleted_in_time(house: House) -> None:
    hook = await house.hook("typeform")
    await hook.send_raw(b"{}", secret="another secret, long")
    await hook.send(Said())
    house.work()
    house.purge()
    assert len(await house.deliveries()) == 2
    long_ago = now() - timedelta(days=31)
    house.database.write_blocking(lambda session: session.connection().execute(update(Delivery).values(received_at=long_ago)))
    house.purge()
    assert [each["state"] for each in await house.deliveries()] == ["applied"]


async def test_a_deleted_connection_is_gone(house: House) -> None:
    hook = await house.hook("typeform")
    address = f"{HOME}/connections/{hook.id}"
    assert (await house.client.delete(address)).status_code == 428
    assert (await house.client.delete(address, headers={"If-Match": '"99"'})).status_code == 412
    assert (await house.client.delete(address, headers={"If-Match": "*"})).status_code == 204
    gone = await hook.send(Said())
    assert (gone.status_code, gone.json()["code"]) == (410, "connection_gone")
    assert (await house.platform.get(hook.address)).status_code == 410
    assert (await house.client.get(address)).status_code == 410
    assert (await house.get("/connections"))["items"] == []
    assert hook.secret not in house.everything()


async def test_what_arrives_after_the_close_is_kept_apart(house: House) -> None:
    collection = await house.collection()
    hook = await house.hook("typeform", collection)
    await hook.send(Said(response="in time"))
    await house.client.post(f"{HOME}/collections/{collection}/close")
    await hook.send(Said(response="late"))
    house.work()
    assert len(await house.responses()) == 1
    assert [(each["state"], each["reason"]) for each in await house.deliveries()] == [
        ("applied", None),
        ("quarantined", "collection_closed"),
    ]
    wanted = {"platform": "kobo", "collection": collection, "mapping": {}}
    assert (await house.client.post(f"{HOME}/connections", json=wanted)).json()["code"] == "collection_closed"


async def test_bodies_are_for_stewards_and_lists_are_filtered(house: House) -> None:
    hook = await house.hook("typeform")
    taken = await hook.send(Said(words="a secret thought"))
    house.work()
    address = f"{HOME}/deliveries/{taken.json()['delivery']}"
    assert "a secret thought" in (await house.client.get(address)).json()["body"]
    assert "typeform-signature" in (await house.client.get(address)).json()["headers"]
    assert "body" not in (await house.client.get(address, headers=house.as_role("researcher"))).json()
    assert len(await house.deliveries(connection=hook.id, state="applied")) == 1
    assert await house.deliveries(state="dead") == []
    assert (await house.client.get(f"{HOME}/deliveries?state=lost")).status_code == 422


async def test_one_delivery_that_cannot_be_applied_does_not_hold_up_the_rest(
    any_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = any_house
    hook = await house.hook("typeform")
    for name in ("good", "bad", "better"):
        await hook.send(Said(response=name))
    change = apply_deliveries._change

    def fail(row: Any, *arguments: Any, **options: Any) -> Any:
        if b'"token": "bad"' in row.body:
            raise RuntimeError("a defect of ours")
        return change(row, *arguments, **options)

    monkeypatch.setattr(apply_deliveries, "_change", fail)
    house.work()
    assert [(each["state"], each["reason"], each["attempts"]) for each in await house.deliveries()] == [
        ("applied", None, 0),
        ("dead", "failed", 5),
        ("applied", None, 0),
    ]
    monkeypatch.undo()
    (dead,) = await house.deliveries(state="dead")
    await house.client.post(f"{HOME}/deliveries/{dead['id']}/replay")
    house.work()
    assert len(await house.responses()) == 3


async def test_a_proof_on_which_we_break_is_refused_and_never_taken_for_verified(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    hook = await house.hook("typeform")
    monkeypatch.setattr(type(PLATFORMS["typeform"]), "verify", lambda *_: 1 / 0)
    answer = await hook.send(Said())
    assert (answer.status_code, answer.json()["code"]) == (401, "signature_malformed")
    replayed = await house.client.post(f"{HOME}/deliveries/replay", json={"state": "quarantined"})
    assert replayed.json() == {"replayed": 1, "verified_first": 1}
    house.work()
    assert [(each["state"], each["reason"]) for each in await house.deliveries()] == [("quarantined", "malformed_signature")]
    monkeypatch.undo()
    await house.client.post(f"{HOME}/deliveries/replay", json={"state": "quarantined"})
    house.work()
    assert len(await house.responses()) == 1


@pytest.mark.postgres
async def test_a_change_of_a_connection_waits_for_the_deliveries_that_are_read_by_it(new_database: Callable[[], str]) -> None:
    """So that what they are held for is tried again: the change finds them held."""
    url = new_database()
    make_tables(url)
    database = Database(url)
    house = House(settings_for(url), database)
    async with house.client, house.platform:
        hook = await house.hook("typeform")
        assert (await hook.send(Said())).status_code == 200
    beside = write_engine(url, lanes=1)

    def free() -> int:
        with beside.begin() as other:
            wanted = "SELECT id FROM connection WHERE id = :id FOR UPDATE SKIP LOCKED"
            return len(other.execute(text(wanted), {"id": hook.id}).all())

    def reading(session: Session) -> int:
        apply_deliveries.apply_deliveries(session, pending_ids(session, 10), keys=Keys.of(house.settings))
        return free()

    assert (database.write_blocking(reading), free()) == (0, 1)
    beside.dispose()
    database.close()
