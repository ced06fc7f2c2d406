"""Withdrawal: nothing of the respondent stays, nothing brings them back, and the receipt says what is beyond reach."""

from pathlib import Path
from typing import Any

import pytest
from tests.survey.house import HOME, House
from tests.survey.senders import SENDERS, Said

from assent_survey.platforms import PLATFORMS

NAME = "jane.roe@example.org"
WORDS = "Elm Street, the blue door"
HERS = Said(response="hers", respondent=NAME, words=WORDS)
every_platform = pytest.mark.parametrize("platform", list(SENDERS))


async def withdraw(house: House, **who: str) -> Any:
    answer = await house.client.post(f"{HOME}/withdrawals", json=who)
    assert answer.status_code == 201, answer.text
    return answer.json()


def nothing_of_hers(house: House) -> None:
    kept = house.everything()
    for trace in (NAME, WORDS, "hers"):
        assert trace not in kept
    if house.settings.uses_sqlite:
        folder = Path(house.settings.database_url.removeprefix("sqlite:///")).parent
        for file in folder.iterdir():
            for trace in (NAME, WORDS):
                assert trace.encode() not in file.read_bytes(), file.name


@every_platform
async def test_everything_of_a_respondent_goes_and_nothing_of_others(any_house: House, platform: str) -> None:
    house = any_house
    collection = await house.collection()
    hook = await house.hook(platform, collection)
    for minute, said in enumerate(("No", "Fine")):
        await hook.send(Said(response="hers", respondent=NAME, words=WORDS, link_records=said, minute=minute))
    await hook.send(Said(response="other", respondent="somebody else"))
    house.work()
    (response,) = [each for each in await house.responses() if each["version"] == 2]
    receipt = await withdraw(house, collection=collection, respondent=NAME)
    assert receipt["removed"] == {"responses": 1, "versions": 2, "deliveries": 2, "events_waiting": 1, "exports": 0}
    nothing_of_hers(house)
    assert [each["respondent"] for each in await house.responses()] != []
    assert len(await house.responses()) == len(await house.deliveries()) == 1
    assert (await house.client.get(f"{HOME}/responses/{response['id']}")).status_code == 404
    events = [event for event in house.events() if event["key"] == response["id"]]
    assert [(event["type"], event["version"], event["state"]) for event in events] == [
        ("assent.survey.respondent.withdrawn.v1", 3, None)
    ]


@every_platform
async def test_neither_a_late_delivery_nor_a_replay_brings_anyone_back(any_house: House, platform: str) -> None:
    house = any_house
    collection = await house.collection()
    hook = await house.hook(platform, collection)
    await hook.send(HERS, delivery="msg_1")
    house.work()
    await withdraw(house, collection=collection, respondent=NAME)
    before = len(house.events())
    await hook.send(HERS, delivery="msg_1")
    await hook.send(Said(response="hers", respondent=NAME, words=WORDS, link_records="Fine", minute=9))
    await hook.send(Said(response="new one", respondent=NAME, words=WORDS))
    house.work()
    assert await house.responses() == []
    assert {(each["state"], each["reason"]) for each in await house.deliveries()} == {("dead", "withdrawn")}
    for each in await house.deliveries():
        assert (await house.client.post(f"{HOME}/deliveries/{each['id']}/replay")).json()["code"] == "not_replayable"
    assert len(house.events()) == before
    nothing_of_hers(house)


@every_platform
async def test_deliveries_that_wait_or_were_kept_apart_go_too(any_house: House, platform: str) -> None:
    house = any_house
    collection = await house.collection()
    hook = await house.hook(platform, collection)
    raw = SENDERS[platform].body(HERS)
    assert (await hook.send_raw(raw, secret=PLATFORMS[platform].new_secret())).status_code == 401
    assert (await hook.send_raw(SENDERS[platform].garbled(raw, NAME))).status_code == 200  # cannot be read
    house.work()
    await hook.send(HERS)  # waits for the worker
    await hook.send(Said(response="other", respondent="somebody else"))
    receipt = await withdraw(house, collection=collection, respondent=NAME)
    assert receipt["removed"]["deliveries"] == 3
    nothing_of_hers(house)
    house.work()
    assert len(await house.responses()) == 1


async def test_a_forged_or_unmapped_delivery_after_the_withdrawal_is_not_kept(house: House) -> None:
    collection = await house.collection()
    hook = await house.hook("typeform", collection)
    await withdraw(house, collection=collection, respondent=NAME)
    assert (await hook.send_raw(SENDERS["typeform"].body(HERS), secret="some other secret")).status_code == 401
    await house.client.post(f"{HOME}/collections/{collection}/close")
    await hook.send(HERS)
    house.work()
    nothing_of_hers(house)


async def test_a_changed_mapping_still_finds_what_was_kept_apart(house: House) -> None:
    collection = await house.collection()
    mapping = {**SENDERS["typeform"].mapping, "respondent": None}
    hook = await house.hook("typeform", collection, mapping=mapping)
    await hook.send_raw(SENDERS["typeform"].body(HERS), secret="some other secret")
    await house.client.patch(
        f"{HOME}/connections/{hook.id}", json={"mapping": SENDERS["typeform"].mapping}, headers={"If-Match": "*"}
    )
    assert (await withdraw(house, collection=collection, respondent=NAME))["removed"]["deliveries"] == 1
    nothing_of_hers(house)


async def test_a_code_withdraws_its_respondent(any_house: House) -> None:
    house = any_house
    collection = await house.collection()
    codes = []
    for respondent in (NAME, "somebody else"):
        made = await house.client.post(
            f"{HOME}/responses",
            json={"collection": collection, "respondent": respondent, "answers": {"agreed": "yes", "own_words": WORDS}},
        )
        codes.append(made.json()["withdrawal_code"])
    receipt = await withdraw(house, withdrawal_code=codes[0].lower())
    assert receipt["removed"]["responses"] == 1
    assert len(await house.responses()) == 1
    again = await house.client.post(f"{HOME}/withdrawals", json={"withdrawal_code": codes[0]})
    assert (again.status_code, again.json()["code"]) == (404, "unknown_withdrawal_code")
    back = await house.client.post(f"{HOME}/responses", json={"collection": collection, "respondent": NAME, "answers": {}})
    assert (back.status_code, back.json()["code"]) == (409, "respondent_withdrawn")
    await withdraw(house, withdrawal_code=codes[1])
    nothing_of_hers(house)


async def test_a_repeat_gives_the_same_receipt(house: House) -> None:
    collection = await house.collection()
    wanted = {"collection": collection, "respondent": NAME}
    first = await house.client.post(f"{HOME}/withdrawals", json=wanted, headers={"Idempotency-Key": "k"})
    again = await house.client.post(f"{HOME}/withdrawals", json=wanted, headers={"Idempotency-Key": "k"})
    assert (again.status_code, again.json()) == (201, first.json())
    assert (await house.client.get(first.headers["location"])).json() == first.json()


async def test_the_receipt_names_what_is_beyond_reach(any_house: House) -> None:
    house = any_house
    receipt = await withdraw(house, collection=await house.collection(), respondent=NAME)
    beyond = " ".join(each["where"] for each in receipt["beyond_reach"])
    assert "backups" in beyond
    if not house.settings.uses_sqlite:
        assert "dead tuples" in beyond
        assert "write-ahead log" in beyond
    assert all(each["by"] >= receipt["at"] for each in receipt["reaches"] + receipt["beyond_reach"])
    assert "event log" in " ".join(each["where"] for each in receipt["reaches"])


async def test_the_receipt_says_that_released_figures_stay_and_are_repeated(house: House) -> None:
    receipt = await withdraw(house, collection=await house.collection(), respondent=NAME)
    assert receipt["stays"].startswith("figures that were released before")
    assert "repeat them until at least ten people" in receipt["stays"]


@pytest.mark.parametrize("body", [{}, {"respondent": "x"}, {"collection": "col_1"}, {"withdrawal_code": "x", "respondent": "y"}])
async def test_half_a_request_is_refused(house: House, body: dict[str, str]) -> None:
    refused = await house.client.post(f"{HOME}/withdrawals", json=body)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_request")


async def test_only_stewards_withdraw_and_only_in_their_study(house: House) -> None:
    collection = await house.collection()
    who = {"collection": collection, "respondent": NAME}
    researcher = house.as_role("researcher")
    assert (await house.client.post(f"{HOME}/withdrawals", json=who, headers=researcher)).status_code == 403
    other = house.as_role("owner", study="stu_b")
    assert (await house.client.post("/v1/studies/stu_b/withdrawals", json=who, headers=other)).status_code == 404


async def test_a_short_name_withdraws_nobody_else(house: House) -> None:
    collection = await house.collection()
    hook = await house.hook("standard_webhooks", collection)
    for number in range(3):
        await hook.send(Said(response=str(number), respondent=str(number)))
    await withdraw(house, collection=collection, respondent="1")
    house.work()
    assert len(await house.responses()) == 2


async def test_waiting_events_of_others_stay(house: House) -> None:
    collection = await house.collection()
    hook = await house.hook("kobo", collection)
    await hook.send(HERS)
    await hook.send(Said(response="other", respondent="somebody else"))
    house.work()
    await withdraw(house, collection=collection, respondent=NAME)
    kinds = [event["type"].split(".")[-2] for event in house.events()]
    assert sorted(kinds) == ["received", "withdrawn"]


@pytest.mark.parametrize("named_first", [True, False])
@pytest.mark.parametrize("later", [None, "somebody else"])
async def test_a_response_is_withdrawn_under_every_name_that_it_came_with(
    any_house: House, later: str | None, named_first: bool
) -> None:
    """An edit may lose the hidden field, and deliveries may come in any order: it is theirs all the same."""
    house = any_house
    collection = await house.collection()
    hook = await house.hook("standard_webhooks", collection)
    states = [
        Said(response="hers", respondent=NAME, words=WORDS, minute=0),
        Said(response="hers", respondent=later, words=WORDS, minute=1),
    ]
    for said in states if named_first else reversed(states):
        await hook.send(said)
        house.work()
    await hook.send(Said(response="other", respondent="somebody else"))
    house.work()
    assert (await withdraw(house, collection=collection, respondent=NAME))["removed"]["responses"] == 1
    assert len(await house.responses()) == 1
    await hook.send(Said(response="hers", respondent=later, words=WORDS, minute=2))
    house.work()
    nothing_of_hers(house)


async def test_a_response_that_names_nobody_yet_goes_when_it_names_somebody_who_withdrew(any_house: House) -> None:
    house = any_house
    collection = await house.collection()
    hook = await house.hook("standard_webhooks", collection)
    await withdraw(house, collection=collection, respondent=NAME)
    await hook.send(Said(response="hers", respondent=None, words=WORDS, finished=False))
    house.work()
    assert len(await house.responses()) == 1
    await hook.send(Said(response="hers", respondent=NAME, words=WORDS, minute=1))
    await hook.send(Said(response="hers", respondent=None, words=WORDS, minute=2))
    house.work()
    assert await house.responses() == []
    nothing_of_hers(house)


async def test_what_waits_or_is_kept_apart_tells_whose_an_unnamed_response_is(any_house: House) -> None:
    house = any_house
    collection = await house.collection()
    hook = await house.hook("standard_webhooks", collection)
    await hook.send(Said(response="hers", respondent=None, words=WORDS))
    await hook.send(Said(response="other", respondent=None))
    house.work()
    await hook.send(Said(response="hers", respondent=NAME, words=WORDS, minute=1))  # waits for the worker
    forged = SENDERS["standard_webhooks"].body(Said(response="other", respondent=NAME))
    await hook.send_raw(forged, secret=PLATFORMS["standard_webhooks"].new_secret())  # says nothing about anybody else
    assert (await withdraw(house, collection=collection, respondent=NAME))["removed"]["responses"] == 1
    house.work()
    assert len(await house.responses()) == 1
    nothing_of_hers(house)


async def test_a_submission_that_was_edited_under_another_name_is_withdrawn_too(any_house: House) -> None:
    house = any_house
    collection = await house.collection()

    async def submit(respondent: str | None, external_id: str) -> Any:
        said = {"collection": collection, "external_id": external_id, "answers": {"agreed": "yes", "own_words": WORDS}}
        return await house.client.post(f"{HOME}/responses", json={**said, "respondent": respondent})

    first = await submit(NAME, "hers")
    assert (await submit(None, "hers")).json()["id"] == first.json()["id"]
    shown = await house.client.get(f"{HOME}/responses/{first.json()['id']}")
    assert shown.json()["version"] == 2
    assert (await withdraw(house, collection=collection, respondent=NAME))["removed"] == {
        "responses": 1, "versions": 2, "deliveries": 0, "events_waiting": 2, "exports": 0,
    }  # fmt: skip
    nothing_of_hers(house)
    assert (await submit("somebody else", "another's")).status_code == 201
    assert (await submit(NAME, "another's")).status_code == 409  # mistyped
    assert (await submit(None, "unnamed")).status_code == 201
    refused = await submit(NAME, "unnamed")
    assert (refused.status_code, refused.json()["code"]) == (409, "respondent_withdrawn")
    assert len(await house.responses()) == 1
