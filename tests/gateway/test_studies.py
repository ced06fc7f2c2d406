"""Studies, members, keys, groups and vocabulary over HTTP: the habits, the roles, the events."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlmodel import Session, select
from tests.gateway.house import House

from assent_gateway.store.tables import KeyRow, Outbox


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Both databases."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/gateway.db"
    new_database: Callable[[], str] = request.getfixturevalue("new_database")
    return new_database()


def outbox(session: Session) -> list[tuple[str, str, int, str | None]]:
    rows = session.exec(select(Outbox).order_by(Outbox.position)).all()  # type: ignore[arg-type]
    return [(row.type, row.aggregateid, row.version, row.payload) for row in rows]


async def test_opener_owns_the_study_and_everybody_hears_of_it(house: House) -> None:
    made = await house.client.post("/v1/studies", json={"title": "  Linking records  "})
    assert made.status_code == 201
    study = made.json()
    assert made.headers["location"] == f"/v1/studies/{study['id']}"
    assert made.headers["etag"] == '"1"'
    assert (study["title"], study["state"], study["opened_by"]) == ("Linking records", "open", house.first_key.id)
    assert study["opened_at"].endswith("Z")
    me = (await house.client.get("/v1/me")).json()
    assert me["may_open_studies"] is True
    assert me["studies"] == [{"study": study["id"], "title": "Linking records", "state": "open", "role": "owner"}]
    [(type_, key, version, payload)] = house.database.read_blocking(outbox)
    assert (type_, key, version) == ("assent.gateway.study.opened.v1", study["id"], 1)
    assert payload is not None
    assert '"title":"Linking records"' in payload


async def test_a_study_key_may_not_open_studies(house: House) -> None:
    owner = await house.member(await house.open_study(), "owner")
    refused = await owner.post("/v1/studies", json={"title": "Mine"})
    assert (refused.status_code, refused.json()["code"]) == (403, "may_not_open_studies")
    assert (await owner.get("/v1/me")).json()["may_open_studies"] is False


async def test_the_same_post_twice_makes_one_study(house: House) -> None:
    headers = {"Idempotency-Key": "k1"}
    first = await house.client.post("/v1/studies", json={"title": "Once"}, headers=headers)
    again = await house.client.post("/v1/studies", json={"title": "Once"}, headers=headers)
    other = await house.client.post("/v1/studies", json={"title": "Twice"}, headers=headers)
    assert (again.status_code, again.headers["location"], again.json()) == (201, first.headers["location"], first.json())
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_conflict")
    assert len((await house.client.get("/v1/studies")).json()["items"]) == 1


async def test_studies_come_in_pages_and_only_ones_own(house: House) -> None:
    paths = [await house.open_study(f"Study {number}") for number in range(5)]
    page = (await house.client.get("/v1/studies?limit=3")).json()
    rest = (await house.client.get("/v1/studies", params={"limit": 3, "cursor": page["next"]})).json()
    assert [f"/v1/studies/{study['id']}" for study in page["items"] + rest["items"]] == paths
    assert rest["next"] is None
    reader = await house.member(paths[1], "viewer")
    assert [study["id"] for study in (await reader.get("/v1/studies")).json()["items"]] == [paths[1].rpartition("/")[2]]


async def test_a_change_names_the_version_it_changes(house: House) -> None:
    study = await house.open_study()
    assert (await house.client.patch(study, json={"title": "New"})).status_code == 428
    assert (await house.client.patch(study, json={"title": "New"}, headers={"If-Match": '"9"'})).status_code == 412
    changed = await house.client.patch(study, json={"title": "New"}, headers={"If-Match": '"1"'})
    assert (changed.status_code, changed.json()["title"], changed.headers["etag"]) == (200, "New", '"2"')
    assert (await house.client.get(study, headers={"If-None-Match": '"2"'})).status_code == 304
    assert [event[2] for event in house.database.read_blocking(outbox)] == [1, 2]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"title": ""},
        {"title": 7},
        {"title": "x" * 201},
        {"title": "x", "id": "stu_1"},
        {"title": "x", "state": "closed"},
        [],
        "x",
        None,
    ],
)
async def test_what_is_not_a_study_is_refused_field_by_field(house: House, body: object) -> None:
    refused = await house.client.post("/v1/studies", json=body)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_request")
    assert refused.json()["errors"]
    assert (await house.client.get("/v1/studies")).json()["items"] == []


async def test_a_closed_study_is_read_but_not_written(house: House) -> None:
    study = await house.open_study()
    assert (await house.client.post(f"{study}/close")).json()["state"] == "closed"
    assert (await house.client.post(f"{study}/close")).status_code == 200
    assert [event[0] for event in house.database.read_blocking(outbox)][-1] == "assent.gateway.study.closed.v1"
    for method, path in (
        ("POST", "/documents"),
        ("PATCH", ""),
        ("PUT", "/groups"),
        ("POST", "/vocabulary"),
        ("DELETE", "/codes/cod_1"),
    ):
        refused = await house.client.request(method, study + path, json={}, headers={"If-Match": "*"})
        assert (refused.status_code, refused.json()["code"]) == (409, "study_closed"), path
    for method, path in (
        ("GET", "/responses"),
        ("POST", "/withdrawals"),
        ("POST", "/participants/par_1/consents"),
        ("POST", "/excerpts/texts"),
        ("POST", "/analyses"),
    ):
        assert (await house.client.request(method, study + path, json={})).status_code == 200, path
    assert (await house.client.get(f"{study}/groups")).status_code == 200
    assert (await house.client.post(f"{study}/keys", json={"name": "late reader", "role": "viewer"})).status_code == 201


async def test_members_are_given_roles_and_lose_them(house: House) -> None:
    study = await house.open_study()
    person = f"{study}/members/auth0%7Cjane"
    made = await house.client.put(person, json={"role": "coder"})
    assert (made.status_code, made.json()["principal"], made.headers["location"]) == (201, "auth0|jane", person)
    changed = await house.client.put(person, json={"role": "steward"}, headers={"If-Match": made.headers["etag"]})
    assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')
    assert (await house.client.put(person, json={"role": "coder"}, headers={"If-Match": '"1"'})).status_code == 412
    listed = (await house.client.get(f"{study}/members")).json()["items"]
    assert {member["principal"]: member["role"] for member in listed} == {"auth0|jane": "steward", house.first_key.id: "owner"}
    assert (await house.client.delete(person)).status_code == 428
    assert (await house.client.delete(person, headers={"If-Match": '"2"'})).status_code == 204
    assert (await house.client.get(person)).status_code == 404


async def test_a_study_always_has_an_owner(house: House) -> None:
    study = await house.open_study()
    me = f"{study}/members/{house.first_key.id}"
    for refused in (
        await house.client.put(me, json={"role": "viewer"}),
        await house.client.delete(me, headers={"If-Match": "*"}),
    ):
        assert (refused.status_code, refused.json()["code"]) == (409, "last_owner")
    await house.member(study, "owner")
    assert (await house.client.put(me, json={"role": "viewer"})).status_code == 200


async def test_a_key_is_shown_once_and_kept_as_a_code(house: House) -> None:
    study = await house.open_study()
    body, headers = {"name": "pipeline", "role": "researcher"}, {"Idempotency-Key": "a"}
    made = await house.client.post(f"{study}/keys", json=body, headers=headers)
    secret = made.json()["secret"]
    assert made.headers["cache-control"] == "no-store"
    assert len(secret.rpartition("_")[2]) == 64  # 256 bits in hexadecimal
    again = await house.client.post(f"{study}/keys", json=body, headers=headers)
    assert (again.status_code, again.json()["code"]) == (409, "secret_already_shown")
    shown = (await house.client.get(made.headers["location"])).text + (await house.client.get(f"{study}/keys")).text
    assert secret.rpartition("_")[2] not in shown
    row = house.database.read_blocking(lambda session: session.get(KeyRow, made.json()["id"]))
    assert row is not None
    assert secret.rpartition("_")[2] not in row.model_dump_json()


async def test_a_withdrawn_key_is_refused_at_once(house: House) -> None:
    study = await house.open_study()
    made = await house.client.post(f"{study}/keys", json={"name": "temp", "role": "owner"})
    holder = house.client_with(made.json()["secret"])
    assert (await holder.get(f"{study}/responses")).status_code == 200
    assert (await holder.get("/v1/me")).status_code == 200
    assert (await house.client.delete(made.headers["location"], headers={"If-Match": '"1"'})).status_code == 204
    assert (await holder.get(f"{study}/responses")).status_code == 401


async def test_groups_are_set_whole(house: House) -> None:
    study = await house.open_study()
    assert (await house.client.get(f"{study}/groups")).json() == {"variables": []}
    scheme = {
        "variables": [
            {"variable": "lone_parent", "label": "Lone parent", "categories": [{"group": "yes", "label": "Yes", "aliases": ["1"]}]}
        ]
    }
    put = await house.client.put(f"{study}/groups", json=scheme)
    assert (put.status_code, put.headers["etag"]) == (200, '"1"')
    assert put.json()["variables"][0]["categories"][0]["aliases"] == ["1"]
    assert (await house.client.put(f"{study}/groups", json=scheme, headers={"If-Match": '"0"'})).status_code == 412
    assert house.database.read_blocking(outbox)[-1][:3] == ("assent.gateway.groups.set.v1", study.rpartition("/")[2], 1)
    scheme["variables"] *= 2
    refused = await house.client.put(f"{study}/groups", json=scheme)
    assert refused.status_code == 422


async def test_a_study_adds_its_own_terms(house: House) -> None:
    study = await house.open_study()
    term = {
        "slot": "sender",
        "term": "foster_agency",
        "label": "Foster agency",
        "definition": "A fostering body",
        "parent": "voluntary_sector",
    }
    made = await house.client.post(f"{study}/vocabulary", json=term)
    assert (made.status_code, made.json()["own"]) == (201, True)
    assert (await house.client.get(made.headers["location"])).json() == made.json()
    again = await house.client.post(f"{study}/vocabulary", json=term)
    assert (again.status_code, again.json()["code"]) == (409, "term_exists")
    for field, change in (("slot", {"slot": "operation"}), ("parent", {"term": "other", "parent": "nowhere"})):
        refused = await house.client.post(f"{study}/vocabulary", json=term | change)
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, f"/{field}")
    listed, cursor = [], None
    while True:
        page = (
            await house.client.get(
                f"{study}/vocabulary", params={"slot": "sender", "limit": 5} | ({"cursor": cursor} if cursor else {})
            )
        ).json()
        listed += page["items"]
        cursor = page["next"]
        if cursor is None:
            break
    assert {"foster_agency", "local_authority"} <= {term["term"] for term in listed}
    assert [term["term"] for term in listed if term["own"]] == ["foster_agency"]
    event = house.database.read_blocking(outbox)[-1]
    assert event[:3] == ("assent.gateway.vocabulary.set.v1", study.rpartition("/")[2], 1)
    other = await house.open_study("Another")
    assert (await house.client.get(f"{other}/vocabulary/sender/foster_agency")).status_code == 404
