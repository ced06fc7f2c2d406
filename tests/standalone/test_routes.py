"""Every documented path leads, at the gateway, to the service that documents it: what nobody routes would be found by nobody."""

import json
from importlib import resources

import pytest

from assent_gateway.domain.routes import destination

DOCUMENT = json.loads((resources.files("assent_gateway") / "openapi.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", sorted(path for path in DOCUMENT["paths"] if "{job}" not in path))
def test_the_gateway_leads_to_whoever_documents_a_path(path: str) -> None:
    owners = {
        tag for operation in DOCUMENT["paths"][path].values() if isinstance(operation, dict) for tag in operation.get("tags", [])
    }
    assert owners == {destination(path).service}
