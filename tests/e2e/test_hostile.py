"""Every documented address with values that no database can hold or compare: a problem each time, and never a fault of ours.

On PostgreSQL, which is stricter than SQLite about what a text and a number is. No broker is needed to answer.
"""

import base64
import re
from collections.abc import Iterator
from urllib.parse import quote

import httpx
import pytest
from tests.e2e.fleet import SERVICES, bootstrap, run_fleet
from tests.postgres.server import databases_on
from tests.support import slow

NOWHERE = "kafka://127.0.0.1:1"
UNKNOWN = "abc_01M84MREJ4H6D25MH0GH712254"
ODD = [
    "\0",
    "99999999999999999999",
    "-1",
    "' OR 1=1 --",
    "%",
    "*",
    "é" * 200,
    "x" * 5000,
    "0000-00-00",
    "9999-12-31T23:59:59-14:00",
]
CURSORS = [
    base64.urlsafe_b64encode(said.encode()).decode().rstrip("=") for said in ("\0", "99999999999999999999", "-1", "1.5", "x")
]


@pytest.fixture(scope="module")
def http(postgres: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A client of five services that answer and do nothing else."""
    folder = tmp_path_factory.mktemp("fleet")
    roles = [(service, "serve") for service in SERVICES]
    with (
        databases_on(postgres) as new_database,
        run_fleet(folder, new_database, NOWHERE, roles=roles, requests_per_minute="100000") as fleet,
    ):
        headers = {"Authorization": f"Bearer {bootstrap(fleet)}"}
        with httpx.Client(base_url=fleet.address, headers=headers, timeout=30, trust_env=False) as http:
            yield http


@slow
@pytest.mark.e2e
@pytest.mark.postgres
@pytest.mark.timeout(600)
def test_odd_values_are_the_callers_mistake(http: httpx.Client) -> None:
    study = http.post("/v1/studies", json={"title": "SYNTHETIC: odd values", "description": ""}).json()["id"]
    asked = 0
    for path, operations in http.get("/openapi.json").json()["paths"].items():
        for method, operation in operations.items():
            body = None if method in ("get", "delete") else {}
            for address, query in _oddities(path.replace("{study}", study), operation.get("parameters", [])):
                answered = http.request(method, address, params=query, json=body)
                asked += 1
                assert answered.status_code < 500, (method, address, query, answered.text)
    assert asked > 500


def _oddities(path: str, parameters: list[dict[str, str]]) -> Iterator[tuple[str, dict[str, str]]]:
    """The address with each odd value in its path, and then in one query parameter after the other."""
    if "{" in path:
        for odd in ODD[:4]:
            yield re.sub(r"\{\w+\}", quote(odd, safe=""), path), {}
    for name in (one["name"] for one in parameters if one["in"] == "query"):
        for odd in CURSORS if name == "cursor" else ODD:
            yield re.sub(r"\{\w+\}", UNKNOWN, path), {name: odd}
