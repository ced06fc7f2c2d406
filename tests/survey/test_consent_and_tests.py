"""Tests and answers without consent: kept, marked, and given to nobody."""

from typing import Any

import pytest
from tests.survey.fieldwork import respond
from tests.survey.house import HOME, House
from tests.survey.senders import INSTRUMENT, SENDERS, Said


async def mark(house: House, response: str, test: bool, if_match: str = "*") -> Any:
    return await house.client.patch(f"{HOME}/responses/{response}", json={"test": test}, headers={"If-Match": if_match})


async def test_marking_a_test_is_a_version_that_takes_its_answers_back(any_house: House) -> None:
    house = any_house
    made = await respond(house, await house.collection(), "p1", own_words="mine")
    shown = await house.client.get(f"{HOME}/responses/{made['id']}")
    marked = await mark(house, made["id"], True, shown.headers["etag"])
    assert (marked.status_code, marked.json()["test"], marked.json()["version"]) == (200, True, 2)
    assert (await mark(house, made["id"], False, shown.headers["etag"])).status_code == 412
    first, second = house.events()
    assert first["state"]["answers"] != {}
    assert (second["type"].split(".")[-2], second["version"], second["state"]["test"]) == ("corrected", 2, True)
    assert (second["state"]["answers"], second["state"]["groups"]) == ({}, {})
    back = await mark(house, made["id"], False, marked.headers["etag"])
    assert (back.json()["test"], back.json()["answers"]) == (False, first["state"]["answers"])
    assert house.events()[-1]["state"]["answers"] == first["state"]["answers"]
    versions = (await house.get(f"/responses/{made['id']}/versions"))["items"]
    assert [each["number"] for each in versions] == [1, 2, 3]


async def test_marking_what_is_so_already_changes_nothing(house: House) -> None:
    made = await respond(house, await house.collection(), "p1")
    assert (await mark(house, made["id"], False)).json()["version"] == 1
    assert len(house.events()) == 1


@pytest.mark.parametrize("test", [True, False])
async def test_a_mark_stands_whatever_the_platform_delivers(any_house: House, test: bool) -> None:
    house = any_house
    hook = await house.hook("standard_webhooks")
    await hook.send(Said())
    house.work()
    (response,) = await house.responses()
    await mark(house, response["id"], True)
    await mark(house, response["id"], test)
    await hook.send(Said(link_records="Fine", minute=5))
    house.work()
    (now,) = await house.responses()
    assert (now["test"], now["answers"]["link_records"]) == (test, "acceptable")
    assert house.events()[-1]["state"]["test"] is test


async def test_without_consent_nothing_is_said_but_that_it_is_there(any_house: House) -> None:
    house = any_house
    await respond(house, await house.collection(), "p1", agreed="no", lone_parent="yes")
    state = house.events()[-1]["state"]
    assert (state["consented"], state["answers"], state["missing"], state["groups"]) == (False, {}, {}, {})
    assert (state["weight"], state["stratum"], state["cluster"]) == (None, None, None)


async def test_who_may_mark(house: House) -> None:
    made = await respond(house, await house.collection(), "p1")
    at = f"{HOME}/responses/{made['id']}"
    assert (await house.client.patch(at, json={"test": True})).status_code == 428
    stale = {"If-Match": '"7"'}
    assert (await house.client.patch(at, json={"test": True}, headers=stale)).status_code == 412
    coder = {**house.as_role("coder"), "If-Match": "*"}
    assert (await house.client.patch(at, json={"test": True}, headers=coder)).status_code == 403
    other = {**house.as_role("owner", study="stu_b"), "If-Match": "*"}
    elsewhere = at.replace("stu_a", "stu_b")
    assert (await house.client.patch(elsewhere, json={"test": True}, headers=other)).status_code == 404
    for body in ({"test": 1}, {}, {"complete": True}):
        assert (await house.client.patch(at, json=body, headers={"If-Match": "*"})).status_code == 422


async def test_a_mapping_says_how_the_platform_marks_tests(any_house: House) -> None:
    house = any_house
    mapping = {**SENDERS["standard_webhooks"].mapping, "test": {"field": "mode", "values": ["preview", "true"]}}
    hook = await house.hook("standard_webhooks", mapping=mapping)
    for number, mode in enumerate(("preview", "live", True, None)):
        await hook.send(Said(response=f"r{number}", respondent=f"p{number}", extra={"mode": mode} if mode is not None else {}))
    house.work()
    assert [each["test"] for each in await house.responses()] == [True, False, True, False]
    assert all(each["unmapped"] == [] for each in await house.deliveries())
    for wrong in ({"field": "mode"}, {"field": "mode", "values": []}, {"values": ["x"]}):
        refused = await house.client.patch(
            f"{HOME}/connections/{hook.id}", json={"mapping": {**mapping, "test": wrong}}, headers={"If-Match": "*"}
        )
        assert refused.status_code == 422


@pytest.mark.parametrize(("again", "consented"), [("yes", True), ("no", False), (None, False)])
async def test_where_consent_is_asked_for_twice_both_must_be_given(any_house: House, again: str | None, consented: bool) -> None:
    house = any_house
    second = {**INSTRUMENT["items"][0], "name": "agreed_to_link", "wording": "May we link your answers?"}
    collection = await house.collection({**INSTRUMENT, "items": [*INSTRUMENT["items"], second]})
    said = {} if again is None else {"agreed_to_link": again}
    assert (await respond(house, collection, "p1", **said))["consented"] is consented
