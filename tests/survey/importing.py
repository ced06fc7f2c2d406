"""Files of responses for the tests of imports, and running the jobs. Made up by us."""

import csv
import io
import json
from collections.abc import Sequence
from typing import Any

import httpx
from tests.survey.house import HOME, STUDY, House

from assent_kit.jobs.worker import Task, job_workers
from assent_survey.service.jobs import KINDS
from assent_survey.store.tables import Job

MAPPING: dict[str, Any] = {
    "respondent": "who",
    "response": "case",
    "items": {
        "agreed": {"column": "agreed", "codes": {"Yes": "yes", "No": "no"}},
        "link_records": {"column": "link"},
        "lone_parent": {"column": "lone"},
        "own_words": {"column": "why"},
        "design_weight": {"column": "weight"},
        "design_stratum": {"column": "stratum"},
    },
}
HEADER = ("case", "who", "agreed", "link", "lone", "why", "weight", "stratum")
ANNE = ("c1", "Anne Example", "Yes", "with_check", "no", "because of Jane Roe", "1.5", "north")
BELA = ("c2", "Bela Example", "Yes", "dont_know", "prefer_not", "", "", "south")
CARA = ("c3", "Cara Example", "No", "acceptable", "yes", "", "2", "south")


def table(*rows: Sequence[str], header: Sequence[str] = HEADER, separator: str = ",") -> str:
    """Rows as CSV."""
    text = io.StringIO()
    csv.writer(text, delimiter=separator).writerows([header, *rows])
    return text.getvalue()


async def send(
    house: House,
    collection: str,
    content: str | bytes,
    *,
    headers: dict[str, str] | None = None,
    metadata: Any = None,
    **changes: Any,
) -> httpx.Response:
    """Send a file; `changes` are of the mapping."""
    content = content.encode() if isinstance(content, str) else content
    told = {"mapping": {**MAPPING, **changes}, **(metadata or {})}
    parts = {"file": ("answers.csv", content), "metadata": ("metadata", json.dumps(told), "application/json")}
    return await house.client.post(f"{HOME}/collections/{collection}/imports", files=parts, headers=headers or {})


def run_jobs(house: House) -> None:
    """Do every job that waits."""
    worker, _ = job_workers(Job, KINDS)
    while worker.run_once(house.database, house.settings):
        pass


async def imported(house: House, collection: str, content: str | bytes, **changes: Any) -> dict[str, Any]:
    """Import a file; the import once it is over."""
    sent = await send(house, collection, content, **changes)
    assert sent.status_code == 202, sent.text
    run_jobs(house)
    return dict(await house.get(f"/imports/{sent.json()['id']}"))


def task_of(house: House, id: str) -> Task:
    """The job of an import as its worker has it in hand, without a worker."""
    return Task("job", STUDY, {"import": id}, "tester", house.database, house.settings, lambda *_: True)
