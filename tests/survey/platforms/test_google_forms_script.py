"""The Apps Script that we ship, run by node against fakes of Google's services: what it sends is what we accept, and nothing is lost."""

import base64
import json
import os
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.support import ROOT

from assent_survey.domain.submission import Submission
from assent_survey.platforms import PLATFORMS

NODE = shutil.which("node")
pytestmark = pytest.mark.skipif(NODE is None and not os.environ.get("CI"), reason="node is not installed")
SCRIPT = ROOT / "docs" / "platforms" / "google_forms.gs"
FAKES = Path(__file__).with_name("google_forms_fakes.js")
PLATFORM = PLATFORMS["google_forms"]
SECRET = PLATFORM.new_secret()
MORNING, NOON = "2026-09-01T08:00:00.000Z", "2026-09-01T12:00:00.000Z"


def run(*steps: dict[str, Any]) -> dict[str, Any]:
    plan = json.dumps({"secret": SECRET, "steps": steps})
    done = subprocess.run([str(NODE), FAKES, SCRIPT], input=plan, capture_output=True, text=True, check=True, timeout=60)
    return dict(json.loads(done.stdout))


def submitted(id: str, at: str, *items: list[Any]) -> dict[str, Any]:
    return {"run": "onSubmit", "response": [id, at, list(items)]}


def accepted(sent: dict[str, Any]) -> tuple[str, Any]:
    """The delivery and what it says, once it is verified as it would be at the door."""
    raw, headers = base64.b64decode(sent["body"]), sent["headers"]
    at = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
    return PLATFORM.verify(raw, headers, [SECRET], at).delivery, PLATFORM.parse(raw, headers)


def test_a_response_is_sent_signed_and_read() -> None:
    grid = [2, "Grid", "GRID", ["Yes", None], ["Police", "Schools"]]
    done = run(
        submitted("2_ABaO.nu=", NOON, [1, "Why?", "PARAGRAPH_TEXT", "Łódź, 東京 👩‍👧"], grid, [3, "Boxes", "CHECKBOX", ["A", "B"]])
    )
    (sent,) = done["sent"]
    delivery, submission = accepted(sent)
    assert isinstance(submission, Submission)
    assert (delivery, submission.response_id) == ("2_ABaO_nu_-1788264000000", "2_ABaO.nu=")
    assert submission.fields == {"1": "Łódź, 東京 👩‍👧", "2.Police": "Yes", "2.Schools": None, "3": (("A",), ("B",))}
    assert submission.updated_at == datetime(2026, 9, 1, 12, tzinfo=UTC)
    assert (done["waiting"], done["errors"]) == ([], [])


def test_what_was_not_taken_is_sent_again_under_the_same_id() -> None:
    long = [1, "Why?", "PARAGRAPH_TEXT", "x" * 50_000]  # longer than a property may be
    first = {**submitted("r1", MORNING, long), "answers": ["away"]}
    second = {**submitted("r2", NOON, long), "answers": [503, 401]}
    done = run(first, second, {"run": "sendUnsent", "answers": [200, 500]}, {"run": "sendUnsent"})
    found = [(accepted(sent)[0].partition("-")[0], sent["status"]) for sent in done["sent"]]
    assert found == [("r1", 503), ("r2", 401), ("r1", 200), ("r2", 500), ("r2", 200)]
    assert len({accepted(sent)[0] for sent in done["sent"]}) == 2
    assert done["waiting"] == []
    assert any(error.startswith("1 responses wait") for error in done["errors"])
    assert not any("xx" in error for error in done["errors"])


def test_an_edit_is_another_delivery_of_the_same_response() -> None:
    done = run(submitted("r1", MORNING, [1, "Q", "TEXT", "a"]), submitted("r1", NOON, [1, "Q", "TEXT", "b"]))
    (first, before), (second, after) = [accepted(sent) for sent in done["sent"]]
    assert first != second
    assert before.response_id == after.response_id
    assert before.revision < after.revision
    assert after.fields == {"1": "b"}


def test_the_sweep_finds_what_no_trigger_told_of() -> None:
    told = [{"response": [name, at, [[1, "Q", "TEXT", "a"]]]} for name, at in (("late", NOON), ("early", MORNING))]
    done = run(*told, {"run": "sweep", "answers": [503, 200]}, {"run": "sweep"}, {"run": "sweep"})
    found = [(accepted(sent)[0].partition("-")[0], sent["status"]) for sent in done["sent"]]
    assert found == [("early", 503), ("late", 200), ("early", 200), ("late", 200), ("late", 200)]
    assert len({accepted(sent)[0] for sent in done["sent"]}) == 2  # so the repetitions are dropped


def test_a_response_that_was_deleted_waits_no_more() -> None:
    done = run({**submitted("r1", NOON, [1, "Q", "TEXT", "a"]), "answers": [503]}, {"run": "sendUnsent", "remove": "r1"})
    assert ([sent["status"] for sent in done["sent"]], done["waiting"]) == ([503], [])


def test_installing_once_or_twice_makes_three_triggers_and_tests_the_address() -> None:
    done = run({"run": "install"}, {"run": "install"})
    assert done["triggers"] == ["onSubmit", "sendUnsent", "sweep"]
    assert accepted(done["sent"][0])[1] is None
    refused = run({"run": "install", "answers": [401]})
    assert "ASSENT_SECRET" in refused["errors"][0]
