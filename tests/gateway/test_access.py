"""Who gets in: every route without a credential, with a wrong one, and from another study."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session
from tests.gateway.house import House

from assent_gateway.app import ROUTERS
from assent_gateway.domain.routes import OWN, SERVICE_OF_SEGMENT
from assent_gateway.store.tables import KeyRow
from assent_kit.auth import OWNERS, STEWARDS

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
ROLES = ("owner", "steward", "researcher", "coder", "analyst", "viewer")


def own_routes() -> list[tuple[str, str]]:
    """Every route of the gateway's own with a study in its path, as (method, path below the study)."""
    found = []
    for router in ROUTERS:
        for route in router.routes:
            path = getattr(route, "path", "")
            if path.startswith("/v1/studies/{study}"):
                found += [(method, path.removeprefix("/v1/studies/{study}")) for method in sorted(route.methods)]  # type: ignore[attr-defined]
    return found


SERVICE_ROUTES = [
    (method, f"/{segment}/x1") for segment, service in SERVICE_OF_SEGMENT.items() if service != OWN for method in METHODS
]
ROUTES = own_routes() + SERVICE_ROUTES
BODY = {"title": "x", "role": "owner", "name": "x", "variables": []}


def filled(path: str) -> str:
    return path.format(principal="somebody", key="key_1", slot="sender", term="x")


def test_the_generated_routes_are_not_empty() -> None:
    assert {
        ("PATCH", ""),
        ("POST", "/close"),
        ("DELETE", "/keys/{key}"),
        ("PUT", "/members/{principal}"),
        ("PUT", "/groups"),
    } <= set(ROUTES)


def test_every_route_below_v1_asks_for_a_role() -> None:
    for router in ROUTERS:
        for route in router.routes:
            if getattr(route, "path", "").startswith("/v1/"):
                checks = [dependency.call for dependency in route.dependant.dependencies]  # type: ignore[attr-defined]
                assert any(hasattr(check, "roles") for check in checks), route


async def test_a_member_of_one_study_knows_nothing_of_another(build: Callable[..., House]) -> None:
    house = build(requests_per_minute=100_000)
    mine, other = await house.open_study("Mine"), await house.open_study("Other")
    owner = await house.member(mine, "owner")
    for method, path in ROUTES:
        request = {"json": BODY, "headers": {"If-Match": "*"}}
        refused = await owner.request(method, other + filled(path), **request)  # type: ignore[arg-type]
        unknown = await owner.request(method, "/v1/studies/stu_00000000000000000000000000" + filled(path), **request)  # type: ignore[arg-type]
        assert refused.status_code == unknown.status_code == 404, (method, path)
        assert refused.json() | {"request_id": ""} == unknown.json() | {"request_id": ""}, (method, path)
    assert all(echo.seen == [] for echo in house.services.values())


async def test_strangers_get_nowhere(build: Callable[..., House]) -> None:
    house = build(failed_attempts_per_minute=100_000)
    study = await house.open_study()
    for credential in (None, "", "assent_x", "nobody", "a.b.c", f"assent_{'0' * 26}_{'0' * 64}", house.first_key.secret[:-1] + "g"):
        stranger = house.client_with(credential)
        for method, path in ROUTES:
            refused = await stranger.request(method, study + filled(path))
            assert (refused.status_code, refused.json()["code"]) == (401, "unauthenticated"), (credential, method, path)
            assert refused.headers["www-authenticate"].startswith("Bearer")
    assert all(echo.seen == [] for echo in house.services.values())


@pytest.mark.parametrize("scheme", ["Basic", "bearer-", ""])
async def test_only_bearer_credentials_count(house: House, scheme: str) -> None:
    answer = await house.client_with(None).get("/v1/me", headers={"Authorization": f"{scheme} {house.first_key.secret}"})
    assert answer.status_code == 401


@pytest.mark.parametrize("role", ROLES)
async def test_what_each_role_may_do_here(house: House, role: str) -> None:
    study = await house.open_study()
    somebody = await house.member(study, role)
    may = {
        "read": (await somebody.get(study)).status_code == 200,
        "rename": (await somebody.patch(study, json={"title": "x"}, headers={"If-Match": "*"})).status_code == 200,
        "set groups": (await somebody.put(f"{study}/groups", json={"variables": []})).status_code == 200,
        "see members": (await somebody.get(f"{study}/members")).status_code == 200,
        "add members": (await somebody.put(f"{study}/members/jane", json={"role": "viewer"})).status_code == 201,
        "issue keys": (await somebody.post(f"{study}/keys", json={"name": "k", "role": "viewer"})).status_code == 201,
        "close": (await somebody.post(f"{study}/close")).status_code == 200,
    }
    assert may == {
        "read": True,
        "rename": role in STEWARDS,
        "set groups": role in STEWARDS,
        "see members": role in STEWARDS | {"researcher"},
        "add members": role in OWNERS,
        "issue keys": role in OWNERS,
        "close": role in OWNERS,
    }


async def test_anyone_may_see_their_own_role_and_no_other(house: House) -> None:
    study = await house.open_study()
    viewer = await house.member(study, "viewer")
    me = (await viewer.get("/v1/me")).json()["principal"]
    assert (await viewer.get(f"{study}/members/{me}")).json()["role"] == "viewer"
    assert (await viewer.get(f"{study}/members/{house.first_key.id}")).status_code == 403


async def test_an_expired_key_is_told_so(house: House) -> None:
    study = await house.open_study()
    soon = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    made = await house.client.post(f"{study}/keys", json={"name": "short", "role": "viewer", "expires_at": soon})
    holder = house.client_with(made.json()["secret"])

    def expire(session: Session) -> None:
        row = session.get(KeyRow, made.json()["id"])
        assert row is not None
        row.expires_at = datetime.now(UTC) - timedelta(seconds=1)

    house.database.write_blocking(expire)
    refused = await holder.get(study)
    assert (refused.status_code, refused.json()["code"]) == (401, "credential_expired")
    for moment in ("2020-01-01T00:00:00Z", "9999-12-31T23:59:59-14:00"):
        wrong = {"name": "x", "role": "viewer", "expires_at": moment}
        assert (await house.client.post(f"{study}/keys", json=wrong)).json()["errors"][0]["pointer"] == "/expires_at"


async def test_what_another_gateway_revokes_is_refused_when_the_memory_ends(build: Callable[..., House]) -> None:
    forgetful, remembering = build(grant_seconds=0), build()
    study = await forgetful.open_study()
    made = await forgetful.client.post(f"{study}/keys", json={"name": "k", "role": "viewer"})
    for house in (forgetful, remembering):
        assert (await house.client_with(made.json()["secret"]).get(study)).status_code == 200
    third = build()
    assert (
        await third.client_with(forgetful.first_key.secret).delete(made.headers["location"], headers={"If-Match": "*"})
    ).status_code == 204
    assert (await forgetful.client_with(made.json()["secret"]).get(study)).status_code == 401
    assert (await remembering.client_with(made.json()["secret"]).get(study)).status_code == 200
    grant = next(iter(remembering.app._grants._known.values()))  # type: ignore[attr-defined]
    assert grant.until <= datetime.now(UTC).timestamp() + 55  # and the token it holds ends within a minute by itself


async def test_a_new_member_gets_in_at_once(house: House) -> None:
    study, other = await house.open_study("One"), await house.open_study("Two")
    coder = await house.member(study, "coder")
    assert (await coder.get(other)).status_code == 404
    me = (await coder.get("/v1/me")).json()["principal"]
    await house.client.put(f"{other}/members/{me}", json={"role": "analyst"})
    assert (await coder.get(other)).status_code == 200
