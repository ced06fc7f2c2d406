"""The documentation works without the network and leaves nothing out."""

import json
import re
from importlib import resources
from pathlib import Path

from tests.gateway.house import House

from assent_gateway import problems as gateway_problems
from assent_gateway.api.documentation import describe
from assent_kit.problems import catalogue


async def test_the_page_loads_nothing_from_elsewhere(house: House) -> None:
    stranger = house.client_with(None)
    assert (await stranger.get("/")).headers["location"] == "/docs"
    page = await stranger.get("/docs")
    assert page.status_code == 200
    assert "default-src 'self'" in page.headers["content-security-policy"]
    sources = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(sources) == 3
    for source in sources:
        assert source.startswith("/docs/")
        asset = await stranger.get(source)
        assert asset.status_code == 200
        assert len(asset.content) > 50
    assert (await stranger.get("/docs/../settings.py")).status_code in (400, 404)
    assert (await stranger.get("/docs/LICENSE")).status_code == 404


async def test_the_document_describes_the_public_paths(house: House) -> None:
    document = (await house.client_with(None).get("/openapi.json")).json()
    assert document["openapi"].startswith("3.1")
    assert {"/v1/studies", "/v1/me", "/v1/studies/{study}/members/{principal}", "/v1/studies/{study}/close"} <= set(
        document["paths"]
    )
    assert not [path for path in document["paths"] if not path.startswith("/v1/")]
    names = set(document["components"]["schemas"])
    used = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(document)))
    assert used <= names


async def test_every_problem_is_explained(house: House) -> None:
    stranger = house.client_with(None)
    own = [kind for kind in catalogue() if kind.__module__.startswith(("assent_gateway", "assent_kit"))]
    assert len(own) > 25
    for problem in own:
        told = await stranger.get(f"/problems/{problem.code}")
        assert told.json() == describe(problem)
        assert told.json()["remedy"]
        page = await stranger.get(f"/problems/{problem.code}", headers={"Accept": "text/html"})
        assert problem.code in page.text


async def test_unknown_problems_and_addresses_are_problems_too(house: House) -> None:
    for path in ("/problems/none", "/nowhere", "/v1/nowhere", "/v1/studies/stu_1/nowhere"):
        told = await house.client.get(path)
        assert (told.status_code, told.json()["code"]) == (404, "not_found")
        assert told.headers["content-type"] == "application/problem+json"
        assert told.json()["request_id"] == told.headers["x-request-id"]
    told = await house.client.put("/v1/me")
    assert (told.status_code, told.json()["code"]) == (405, "method_not_allowed")


async def test_health(house: House) -> None:
    stranger = house.client_with(None)
    assert (await stranger.get("/health/live")).status_code == 200
    assert (await stranger.get("/health/ready")).status_code == 200


def test_every_problem_has_a_code_of_its_own() -> None:
    kinds = [getattr(gateway_problems, name) for name in gateway_problems.__all__]
    assert len({kind.code for kind in kinds}) == len(kinds)
    assert all(kind.__doc__ and kind.remedy.endswith(".") for kind in kinds)


def test_the_assets_come_with_their_licence() -> None:
    licence = resources.files("fastapi_standalone_docs") / "static" / "swagger" / "LICENSE"
    assert "Apache License" in Path(str(licence)).read_text()


async def test_a_trailing_slash_is_another_address_and_no_redirect(house: House) -> None:
    study = await house.open_study()
    for path in (f"{study}/", f"{study}/members/", "/v1/me/", "/docs/"):
        assert (await house.client.get(path)).status_code == 404
