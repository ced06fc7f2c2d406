"""The codebook of rationales."""

import httpx
from tests.support import TOKENS

HOME = "/v1/studies/stu_a/rationales"
NEW = {"code": "dignity", "label": "Dignity", "definition": "Being treated as a case, not a person.", "stance": "against"}


async def test_a_study_begins_with_the_default_codebook(client: httpx.AsyncClient) -> None:
    items = (await client.get(HOME)).json()["items"]
    assert [item["code"] for item in items if item["stance"] == "for"] == [
        "transmitted_deprivation",
        "anti_social_behaviour",
        "cost_to_the_public_purse",
        "powerful_knowledge",
        "timeliness",
        "economic_efficiency",
    ]
    assert [item["code"] for item in items if item["stance"] == "against"] == [
        "security",
        "consent",
        "deterrence",
        "trust",
        "inaccuracy",
        "inequality",
        "override",
        "no_register",
    ]
    assert all(len(item["definition"]) > 80 for item in items)
    first = (await client.get(HOME, params={"limit": 9})).json()
    rest = (await client.get(HOME, params={"limit": 9, "cursor": first["next"]})).json()
    assert first["items"] + rest["items"] == items


async def test_a_study_adds_its_own(client: httpx.AsyncClient) -> None:
    made = await client.post(HOME, json=NEW)
    assert (made.status_code, made.headers["location"]) == (201, f"{HOME}/dignity")
    assert (await client.get(HOME)).json()["items"][-1] == NEW
    again = await client.post(HOME, json=NEW)
    assert (again.status_code, again.json()["code"]) == (409, "rationale_exists")
    assert (await client.post(HOME, json={**NEW, "code": "Not A Code"})).status_code == 422
    other = await client.get(f"{HOME}/dignity".replace("stu_a", "stu_b"), headers=TOKENS.headers("stu_b"))
    assert other.status_code == 404


async def test_a_definition_changes(client: httpx.AsyncClient) -> None:
    before = await client.get(f"{HOME}/trust")
    assert (await client.patch(f"{HOME}/trust", json={"label": "Trust"})).status_code == 428
    etag = {"If-Match": before.headers["etag"]}
    changed = await client.patch(f"{HOME}/trust", json={"label": "Trust"}, headers=etag)
    assert changed.json() == {**before.json(), "label": "Trust"}
    assert (await client.patch(f"{HOME}/trust", json={"label": "T"}, headers=etag)).status_code == 412
    fresh = {"If-Match": changed.headers["etag"]}
    assert (await client.patch(f"{HOME}/trust", json={"definition": None}, headers=fresh)).status_code == 422
    assert (await client.patch(f"{HOME}/trust", json={"code": "faith"}, headers=fresh)).status_code == 422
    assert (await client.patch(f"{HOME}/unheard_of", json={"label": "T"}, headers=fresh)).status_code == 404
    assert len((await client.get(HOME)).json()["items"]) == 14


async def test_coders_read_the_codebook_and_researchers_write_it(client: httpx.AsyncClient) -> None:
    coder = TOKENS.headers("stu_a", role="coder")
    assert (await client.get(HOME, headers=coder)).status_code == 200
    assert (await client.post(HOME, json=NEW, headers=coder)).status_code == 403
    assert (await client.post(HOME, json=NEW, headers=TOKENS.headers("stu_a", role="researcher"))).status_code == 201
