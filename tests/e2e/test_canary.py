"""A canary: what callers send is marked wherever they can put something, and then neither logs nor metrics may hold the mark."""

import json
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.e2e.fieldwork import Fieldwork, begin
from tests.e2e.one_process import OneProcess
from tests.support import eventually_blocking

from assent_survey.platforms.shared_secret import SECRET_HEADER

MARK = "canary@example.org"
HEADERS = ("X-Request-Id", "X-Canary", "User-Agent", "Referer", "Cookie", "Idempotency-Key", "If-Match", "If-None-Match", "Accept")
TALK = f"WEBVTT\n\n00:00.000 --> 00:02.000\n<v {MARK}>Call me on {MARK}.\n"


@pytest.fixture
def talkative(tmp_path: Path) -> Iterator[OneProcess]:
    """An installation that logs all it ever logs."""
    process = OneProcess(tmp_path, log_level="debug")
    process.start()
    yield process
    process.end(signal.SIGKILL)


@pytest.mark.e2e
@pytest.mark.timeout(600)
def test_nothing_that_callers_send_is_logged_or_counted_by_name(talkative: OneProcess) -> None:
    work = begin(talkative.address, talkative.key())
    _do_what_works(work)
    _fill_every_field(work.http, work.study)
    log, metrics = talkative.log(), httpx.get(talkative.metrics, trust_env=False).text
    lines = [json.loads(line) for line in log.splitlines()]
    assert {"/v1/studies/{study}/responses", "/v1/hooks/{connection}"} <= {line.get("route") for line in lines}
    assert [line for line in lines if MARK in json.dumps(line)] == []
    assert 'route="/v1/studies/{study}/responses"' in metrics
    for personal in (MARK, work.study, work.secret):
        assert personal not in metrics


def _do_what_works(work: Fieldwork) -> None:
    """Requests that succeed with a mark in what they say."""
    home = f"/v1/studies/{work.study}"
    facts = {"title": MARK, "stakeholder": "charity_or_advocacy", "kind": "report"}
    document = _well(
        work.http.post(f"{home}/documents", files=_file("letter.txt", MARK * 30), data={"metadata": json.dumps(facts)})
    )
    coding = {"start": 0, "end": 30, "code": "trust", "stance": "against", "note": MARK}
    _well(work.http.post(f"{home}/documents/{document}/passages", json=coding))
    _well(work.http.get(f"{home}/search", params={"q": MARK}))
    _well(work.http.post(f"{home}/participants", json={"pseudonym": MARK}))
    session = _well(work.http.post(f"{home}/sessions", json={"kind": "interview", "title": MARK}))
    _well(work.http.post(f"{home}/sessions/{session}/transcript", files=_file(f"{MARK}.vtt", TALK)))
    assert work.http.post(work.hook, content=MARK, headers={SECRET_HEADER: MARK}).status_code == 401
    work.send()
    eventually_blocking(work.responses)


def _fill_every_field(http: httpx.Client, study: str) -> None:
    """Every operation that is documented, with the mark in its path, its query, its headers and its body."""
    document = http.get("/openapi.json").json()
    for path, operations in document["paths"].items():
        address = path.replace("{study}", study)
        while "{" in address:
            address = f"{address.partition('{')[0]}{MARK}{address.partition('}')[2]}"
        for method, operation in operations.items():
            asked = {one["name"]: MARK for one in operation.get("parameters", []) if one["in"] == "query"}
            for query in ({}, {**asked, "unknown": MARK}):
                sent = dict.fromkeys(HEADERS, MARK)
                answered = http.request(method, address, params=query, headers=sent, **_marked(document, operation))
                assert answered.status_code < 500, (method, path, answered.text)


def _marked(document: dict[str, Any], operation: dict[str, Any]) -> dict[str, Any]:
    content = operation.get("requestBody", {}).get("content", {})
    if "multipart/form-data" in content:
        return {"files": _file(MARK, MARK), "data": {"metadata": json.dumps({MARK: MARK})}}
    if "application/json" not in content:
        return {}
    schema = content["application/json"]["schema"]
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return {"json": {**dict.fromkeys(schema.get("properties", {}), MARK), MARK: MARK}}


def _file(name: str, text: str) -> dict[str, tuple[str, bytes]]:
    return {"file": (name, text.encode())}


def _well(answered: httpx.Response) -> str:
    assert answered.is_success, answered.text
    return str(answered.json().get("id", ""))
