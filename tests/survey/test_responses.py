"""Direct submission, consent, and who may read what."""

from typing import Any

import pytest
from tests.survey.house import HOME, House
from tests.survey.senders import SENDERS, Said

ANSWERS = {"agreed": "yes", "link_records": "with_check", "lone_parent": "no", "own_words": "because", "design_weight": 0.5}


async def submit(house: House, collection: str, **changes: Any) -> Any:
    wanted = {"collection": collection, "respondent": "p1", "answers": ANSWERS, **changes}
    return await house.client.post(f"{HOME}/responses", json=wanted)


async def test_a_direct_submission_gives_a_code_once(any_house: House) -> None:
    house = any_house
    collection = await house.collection()
    wanted = {"collection": collection, "respondent": "p1", "answers": ANSWERS}
    made = await house.client.post(f"{HOME}/responses", json=wanted, headers={"Idempotency-Key": "k"})
    assert made.status_code == 201, made.text
    body = made.json()
    assert body["answers"] == {"agreed": "yes", "link_records": "with_check", "lone_parent": "no"}
    assert (body["groups"], body["weight"], body["texts"]) == ({"lone_parent": "couple"}, 0.5, {"own_words": "because"})
    assert body["withdrawal_code"].count("-") == 5
    again = await house.client.post(f"{HOME}/responses", json=wanted, headers={"Idempotency-Key": "k"})
    assert (again.status_code, again.json()["code"]) == (409, "secret_already_shown")
    shown = await house.client.get(made.headers["location"])
    assert "withdrawal_code" not in shown.json()
    assert body["withdrawal_code"] not in house.everything()
    (event,) = house.events()
    assert "because" not in str(event)
    assert "p1" not in str(event["state"])


async def test_the_same_external_id_is_a_new_version(house: House) -> None:
    collection = await house.collection()
    first = await submit(house, collection, external_id="form-1")
    second = await submit(house, collection, external_id="form-1", answers={**ANSWERS, "link_records": "dont_know"})
    assert second.headers["location"] == first.headers["location"]
    assert (second.json()["version"], second.json()["withdrawal_code"]) == (2, None)
    assert second.json()["missing"] == {"link_records": "dont_know"}
    assert [event["version"] for event in house.events()] == [1, 2]


@pytest.mark.parametrize(
    ("answers", "pointer"),
    [
        ({"agreed": "perhaps"}, "/answers/agreed"),
        ({"unheard_of": "yes"}, "/answers/unheard_of"),
        ({"un/heard~of": "yes"}, "/answers/un~1heard~0of"),
        ({"agreed": {"nested": 1}}, "/answers/agreed"),
        ({"design_weight": "heavy"}, "/answers/design_weight"),
    ],
)
async def test_answers_that_the_instrument_does_not_know_are_refused(house: House, answers: dict[str, Any], pointer: str) -> None:
    refused = await submit(house, await house.collection(), answers=answers)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, pointer)
    assert await house.responses() == []
    assert house.events() == []


async def test_a_closed_collection_takes_nothing(house: House) -> None:
    collection = await house.collection()
    await house.client.post(f"{HOME}/collections/{collection}/close")
    assert (await submit(house, collection)).json()["code"] == "collection_closed"


async def test_without_consent_no_answer_leaves_the_service(house: House) -> None:
    await submit(house, await house.collection(), answers={**ANSWERS, "agreed": "no"})
    (event,) = house.events()
    assert not event["state"]["consented"]
    assert (event["state"]["answers"], event["state"]["missing"], event["state"]["groups"]) == ({}, {}, {})
    assert event["state"]["weight"] is None


async def test_a_break_off_is_told_from_what_was_not_asked(house: House) -> None:
    made = await submit(house, await house.collection(), answers={"link_records": "acceptable"}, complete=False, test=True)
    assert made.json()["missing"] == {"agreed": "not_asked", "lone_parent": "break_off"}
    assert (made.json()["complete"], made.json()["test"]) == (False, True)


async def test_who_may_read_what(house: House) -> None:
    collection = await house.collection()
    made = await submit(house, collection)
    analyst = house.as_role("analyst")
    seen = await house.client.get(made.headers["location"], headers=analyst)
    assert (seen.status_code, seen.json()["texts"]) == (200, {})
    assert (await house.client.get(f"{made.headers['location']}/versions", headers=analyst)).json()["items"][0]["texts"] == {}
    assert (await house.get("/responses"))["items"][0]["texts"] == {}
    assert (await house.client.post(f"{HOME}/responses", json={}, headers=analyst)).status_code == 403
    assert await house.responses(collection="col_other") == []
    assert await house.responses(complete=False) == []


async def test_one_respondent_has_one_token_in_a_collection_and_another_elsewhere(house: House) -> None:
    one, other = await house.collection(), await house.collection()
    hook = await house.hook("typeform", one)
    await hook.send(Said(response="a", respondent="p1"))
    await hook.send(Said(response="b", respondent="p1"))
    house.work()
    await submit(house, one)
    await submit(house, other)
    tokens = [each["respondent"] for each in await house.responses()]
    assert len(set(tokens)) == 2
    assert len(await house.responses(respondent=tokens[0])) == 3


async def test_without_a_mapped_respondent_each_response_is_one(house: House) -> None:
    mapping = {**SENDERS["typeform"].mapping, "respondent": None}
    hook = await house.hook("typeform", mapping=mapping)
    for name in "ab":
        await hook.send(Said(response=name))
    house.work()
    assert len({each["respondent"] for each in await house.responses()}) == 2
