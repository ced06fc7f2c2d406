"""Instruments and collections over HTTP: written, published, opened, corrected and closed, and what the other services hear."""

from copy import deepcopy
from typing import Any

import pytest
from tests.survey.house import HOME, House
from tests.survey.senders import COLLECTION, INSTRUMENT


def changed(**title: str) -> dict[str, Any]:
    return {**deepcopy(INSTRUMENT), **title}


async def test_an_instrument_is_written_published_and_published_again(any_house: House) -> None:
    house = any_house
    made = await house.client.post(f"{HOME}/instruments", json={**INSTRUMENT, "external_id": "wave-1"})
    assert (made.status_code, made.json()["published"], made.json()["external_id"]) == (201, 0, "wave-1")
    address = made.headers["location"]
    first = await house.client.post(f"{address}/publish")
    assert (first.status_code, first.json()["number"]) == (201, 1)
    assert first.headers["location"] == f"{address}/versions/1"
    unchanged = await house.client.post(f"{address}/publish")
    assert (unchanged.status_code, unchanged.json()["number"]) == (200, 1)
    second = await house.client.post(f"{address}/publish", json={"title": "Second"})
    assert (second.status_code, second.json()["number"], second.json()["title"]) == (201, 2, "Second")
    assert (await house.client.get(f"{address}/versions/1")).json()["title"] == INSTRUMENT["title"]
    assert (await house.client.get(f"{address}/versions/3")).status_code == 404
    events = house.events("assent.survey.instruments")
    assert [(event["key"], event["version"]) for event in events] == [(f"{made.json()['id']}.1", 1), (f"{made.json()['id']}.2", 1)]
    item = events[0]["state"]["items"][1]
    assert (item["supports"], item["dont_know"], item["refused"]) == (["acceptable"], "dont_know", "prefer_not")


async def test_what_is_read_back_is_what_was_sent(house: House) -> None:
    made = await house.client.post(f"{HOME}/instruments", json=INSTRUMENT)
    again = await house.client.post(f"{HOME}/instruments", json={"title": "Copy", "items": made.json()["items"]})
    assert again.status_code == 201
    assert again.json()["items"] == made.json()["items"]
    listed = await house.get("/instruments", limit=1)
    assert listed["items"][0]["id"] == made.json()["id"]
    assert (await house.get("/instruments", cursor=listed["next"]))["items"][0]["title"] == "Copy"
    etag = {"If-None-Match": made.headers["etag"]}
    assert (await house.client.get(made.headers["location"], headers=etag)).status_code == 304


async def test_broken_rules_are_named(house: House) -> None:
    broken = changed()
    broken["items"][1]["supports"] = ["acceptable", "unheard_of"]
    broken["items"][1]["opposes"] = ["acceptable"]
    answer = await house.client.post(f"{HOME}/instruments", json=broken)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/items/1/supports/1", "/items/1/opposes/0"]
    unknown = await house.client.post(f"{HOME}/instruments", json={**INSTRUMENT, "colour": "red"})
    assert (unknown.status_code, unknown.json()["errors"][0]["pointer"]) == (422, "/colour")
    deep = b'{"title":' + b"[" * 500 + b"]" * 500 + b"}"
    malformed = await house.client.post(f"{HOME}/instruments", content=deep, headers={"content-type": "application/json"})
    assert (malformed.status_code, malformed.json()["code"]) == (400, "malformed_json")


async def test_a_collection_is_opened_corrected_and_closed(any_house: House) -> None:
    house = any_house
    collection = await house.collection()
    address = f"{HOME}/collections/{collection}"
    shown = await house.client.get(address)
    assert shown.json() | COLLECTION == shown.json() | {"fieldwork": {"from": "2026-09-01"}}
    assert shown.json()["state"] == "open"
    patch = {"fieldwork": {"to": "2026-10-01"}, "issued": None}
    assert (await house.client.patch(address, json=patch)).status_code == 428
    corrected = await house.client.patch(address, json=patch, headers={"If-Match": shown.headers["etag"]})
    assert corrected.json()["fieldwork"] == {"from": "2026-09-01", "to": "2026-10-01"}
    assert corrected.json()["issued"] is None
    assert (await house.client.patch(address, json=patch, headers={"If-Match": shown.headers["etag"]})).status_code == 412
    for _ in range(2):
        closed = await house.client.post(f"{address}/close")
        assert (closed.status_code, closed.json()["state"]) == (200, "closed")
    events = house.events("assent.survey.collections")
    assert [(event["version"], event["state"]["state"]) for event in events] == [(1, "open"), (2, "open"), (3, "closed")]
    assert events[1]["state"]["fieldwork_to"] == "2026-10-01"
    assert events[0]["type"] == "assent.survey.collection.opened.v1"
    assert events[2]["type"] == "assent.survey.collection.closed.v1"


async def test_whoever_weights_the_answers_hears_of_the_margins(house: House) -> None:
    margins = {"gender": {"mother": 0.5, "father": 0.5}}
    await house.collection(margins=margins)
    (heard,) = house.events("assent.survey.collections")
    assert heard["state"]["margins"] == margins


@pytest.mark.parametrize(
    ("facts", "pointer"),
    [
        ({"weight": "agreed"}, "/weight"),
        ({"cluster": "unheard_of"}, "/cluster"),
        ({"sampling": "convenience"}, "/sampling"),
        ({"fieldwork": {"from": "2026-10-01", "to": "2026-09-01"}}, "/fieldwork/to"),
        ({"margins": {"gender": {"woman": 0.5, "man": 0.2}}}, "/margins/gender"),
        ({"issued": -1}, "/issued"),
    ],
)
async def test_facts_that_do_not_fit_are_named(house: House, facts: dict[str, Any], pointer: str) -> None:
    collection = await house.collection()
    shown = await house.client.get(f"{HOME}/collections/{collection}")
    wanted = {"instrument": shown.json()["instrument"], **COLLECTION, **facts}
    opened = await house.client.post(f"{HOME}/collections", json=wanted)
    patched = await house.client.patch(f"{HOME}/collections/{collection}", json=facts, headers={"If-Match": "*"})
    for answer in (opened, patched):
        assert answer.status_code == 422, answer.text
        assert answer.json()["errors"][0]["pointer"] == pointer


async def test_a_draft_cannot_be_asked(house: House) -> None:
    made = await house.client.post(f"{HOME}/instruments", json=INSTRUMENT)
    opened = await house.client.post(f"{HOME}/collections", json={"instrument": made.json()["id"], **COLLECTION})
    assert (opened.status_code, opened.json()["code"]) == (409, "instrument_not_published")


async def test_an_instrument_that_no_event_can_carry_is_refused_in_words(any_house: House) -> None:
    long = [{"option": f"o{number}", "label": f"{number} " + "x" * 400} for number in range(700)]
    items = [
        {**INSTRUMENT["items"][0]},
        *({"name": f"q{n}", "wording": "Which?", "kind": "single", "scale": long} for n in range(4)),
    ]
    made = await any_house.client.post(f"{HOME}/instruments", json={**INSTRUMENT, "items": items})
    assert made.status_code == 201, made.text
    refused = await any_house.client.post(f"{made.headers['location']}/publish")
    assert (refused.status_code, refused.json()["code"]) == (422, "instrument_too_large")
    assert (await any_house.client.get(made.headers["location"])).json()["published"] == 0


async def test_other_studies_and_weaker_roles(house: House) -> None:
    collection = await house.collection()
    other = house.as_role("owner", study="stu_b")
    assert (await house.client.get(f"{HOME}/collections/{collection}", headers=other)).status_code == 404
    assert (await house.client.get(f"/v1/studies/stu_b/collections/{collection}", headers=other)).status_code == 404
    viewer = house.as_role("viewer")
    assert (await house.client.get(f"{HOME}/collections", headers=viewer)).status_code == 200
    assert (await house.client.post(f"{HOME}/instruments", json=INSTRUMENT, headers=viewer)).status_code == 403
    assert (await house.client.get(f"{HOME}/responses", headers=viewer)).status_code == 403
    assert (await house.client.get(f"{HOME}/connections", headers=house.as_role("coder"))).status_code == 403
    platform = house.as_role("platform")
    assert (await house.client.get(f"{HOME}/collections", headers=platform)).status_code == 403


async def test_the_same_key_makes_one_instrument(house: House) -> None:
    key = {"Idempotency-Key": "k1"}
    first = await house.client.post(f"{HOME}/instruments", json=INSTRUMENT, headers=key)
    again = await house.client.post(f"{HOME}/instruments", json=INSTRUMENT, headers=key)
    assert (again.status_code, again.headers["location"]) == (201, first.headers["location"])
    assert (await house.client.post(f"{HOME}/instruments", json=changed(title="Other"), headers=key)).status_code == 409
