"""The item bank over HTTP: questions with source and licence, found by their words, changed, copied and put into instruments."""

from copy import deepcopy
from typing import Any

import pytest
from tests.survey.house import HOME, House
from tests.survey.senders import INSTRUMENT

BANK = f"{HOME}/item-bank"
ORIGIN = {"source": "Made up for the tests, 2026", "licence": "CC-BY-4.0", "url": "https://example.org/items"}
ITEM: dict[str, Any] = {
    "name": "link_schools_police",
    "wording": "Should schools' records be LINKED with the police's?",
    "kind": "single",
    "scale": [{"option": "yes", "label": "Yes, 100%"}, {"option": "no", "label": "No"}],
    "supports": ["yes"],
    "practice": {"operation": "link", "purpose": "child_safety"},
    "translations": {"cy": {"wording": "A ddylid cysylltu cofnodion?"}},
}


def entry(**changes: Any) -> dict[str, Any]:
    """An entry; `changes` are of its item."""
    return {"item": {**deepcopy(ITEM), **changes}, "origin": ORIGIN, "notes": "Did well in a pretest."}


async def test_a_question_is_kept_with_its_source_and_licence(any_house: House) -> None:
    house = any_house
    made = await house.client.post(BANK, json=entry(), headers={"Idempotency-Key": "k1"})
    assert made.status_code == 201, made.text
    assert made.json()["id"].startswith("bnk_")
    assert made.json()["origin"] == {**ORIGIN, "bank_item": None}
    again = await house.client.post(BANK, json=entry(), headers={"Idempotency-Key": "k1"})
    assert (again.status_code, again.json()) == (201, made.json())
    shown = await house.client.get(made.headers["location"])
    assert shown.json() == made.json()
    etag = {"If-None-Match": shown.headers["etag"]}
    assert (await house.client.get(made.headers["location"], headers=etag)).status_code == 304


async def test_an_item_of_the_bank_goes_into_an_instrument_as_it_is(house: House) -> None:
    banked = (await house.client.post(BANK, json=entry())).json()
    made = await house.client.post(f"{HOME}/instruments", json={"title": "Of the bank", "items": [banked["item"]]})
    assert made.status_code == 201, made.text
    assert made.json()["items"][0]["origin"] == {**ORIGIN, "bank_item": banked["id"]}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["a", "b", "c"]),
        ({"q": "linked WITH"}, ["a"]),
        ({"q": "cysylltu"}, ["a"]),
        ({"q": "100%"}, ["a"]),
        ({"q": "ÉCOLE"}, ["b"]),
        ({"q": "%"}, ["a"]),
        ({"q": "_"}, []),
        ({"q": "pretest"}, ["a", "b", "c"]),
        ({"operation": "link"}, ["a"]),
        ({"purpose": "research"}, ["b"]),
        ({"licence": "CC0-1.0"}, ["c"]),
        ({"licence": "CC-BY-4.0", "operation": "flag"}, ["b"]),
    ],
)
async def test_it_is_found_again(any_house: House, query: dict[str, str], found: list[str]) -> None:
    house = any_house
    plain = {"translations": {}, "scale": [{"option": "yes", "label": "Yes"}]}
    entries = [
        entry(name="a"),
        entry(name="b", wording="L'école?", practice={"operation": "flag", "purpose": "research"}, **plain),
        {**entry(name="c", wording="And this?", practice={}, **plain), "origin": {**ORIGIN, "licence": "CC0-1.0"}},
    ]
    for each in entries:
        assert (await house.client.post(BANK, json=each)).status_code == 201
    listed = await house.client.get(BANK, params=query)
    assert [each["item"]["name"] for each in listed.json()["items"]] == found


async def test_pages_of_the_bank(house: House) -> None:
    for name in "abc":
        await house.client.post(BANK, json=entry(name=name))
    first = await house.get("/item-bank", limit=2)
    second = await house.get("/item-bank", limit=2, cursor=first["next"])
    assert [each["item"]["name"] for each in first["items"] + second["items"]] == ["a", "b", "c"]
    assert second["next"] is None


async def test_it_is_changed_and_deleted_by_whoever_has_read_it(house: House) -> None:
    made = await house.client.post(BANK, json=entry())
    address, etag = made.headers["location"], made.headers["etag"]
    change = {"item": {"wording": "Should they?", "translations": {"cy": None}}, "origin": {"licence": None}, "notes": None}
    assert (await house.client.patch(address, json=change)).status_code == 428
    changed = await house.client.patch(address, json=change, headers={"If-Match": etag})
    assert changed.status_code == 200, changed.text
    assert changed.json()["item"]["wording"] == "Should they?"
    assert changed.json()["item"]["supports"] == ["yes"]
    assert (changed.json()["item"]["translations"], changed.json()["origin"]["licence"], changed.json()["notes"]) == (
        {},
        None,
        None,
    )
    assert [each["item"]["name"] for each in (await house.get("/item-bank", q="should they"))["items"]] == ["link_schools_police"]
    assert (await house.get("/item-bank", q="cysylltu"))["items"] == []
    assert (await house.client.delete(address, headers={"If-Match": etag})).status_code == 412
    assert (await house.client.delete(address, headers={"If-Match": changed.headers["etag"]})).status_code == 204
    assert (await house.client.get(address)).status_code == 404


@pytest.mark.parametrize(
    ("broken", "pointer"),
    [
        ({**entry(), "origin": {"licence": "CC0-1.0"}}, "/origin/source"),
        (entry(supports=["unheard_of"]), "/item/supports/0"),
        (entry(kind="essay"), "/item/kind"),
        ({**entry(), "origin": {**ORIGIN, "url": "javascript:alert(1)"}}, "/origin/url"),
    ],
)
async def test_broken_rules_are_named(house: House, broken: dict[str, Any], pointer: str) -> None:
    refused = await house.client.post(BANK, json=broken)
    made = await house.client.post(BANK, json=entry())
    patch = {"item": broken["item"], "origin": {"source": None, **broken["origin"]}}
    patched = await house.client.patch(made.headers["location"], json=patch, headers={"If-Match": "*"})
    for answer in (refused, patched):
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request"), answer.text
        assert answer.json()["errors"][0]["pointer"] == pointer
    assert len((await house.get("/item-bank"))["items"]) == 1


async def test_all_items_of_a_version_are_put_into_the_bank_once(house: House) -> None:
    banked = (await house.client.post(BANK, json=entry())).json()
    items = [*deepcopy(INSTRUMENT["items"]), banked["item"]]
    instrument = (await house.client.post(f"{HOME}/instruments", json={"title": "All", "items": items})).json()["id"]
    wanted = {"instrument": instrument, "origin": ORIGIN}
    early = await house.client.post(f"{BANK}/import", json=wanted)
    assert (early.status_code, early.json()["code"]) == (409, "instrument_not_published")
    await house.client.post(f"{HOME}/instruments/{instrument}/publish")
    first = await house.client.post(f"{BANK}/import", json=wanted)
    assert (first.status_code, len(first.json()["made"]), first.json()["known"]) == (200, len(items) - 1, 1)
    again = await house.client.post(f"{BANK}/import", json={**wanted, "number": 1})
    assert again.json() == {"made": [], "known": len(items)}
    assert len((await house.get("/item-bank"))["items"]) == len(items)
    assert (await house.client.post(f"{BANK}/import", json={**wanted, "instrument": "ins_none"})).status_code == 404


async def test_other_studies_and_weaker_roles(house: House) -> None:
    made = await house.client.post(BANK, json=entry())
    viewer, other = house.as_role("viewer"), house.as_role("owner", study="stu_b")
    assert (await house.client.get(made.headers["location"], headers=viewer)).status_code == 200
    assert (await house.client.post(BANK, json=entry(), headers=viewer)).status_code == 403
    assert (await house.client.delete(made.headers["location"], headers={**viewer, "If-Match": "*"})).status_code == 403
    elsewhere = made.headers["location"].replace("stu_a", "stu_b")
    assert (await house.client.get(elsewhere, headers=other)).status_code == 404
    assert (await house.client.patch(elsewhere, json={"notes": None}, headers={**other, "If-Match": "*"})).status_code == 404
