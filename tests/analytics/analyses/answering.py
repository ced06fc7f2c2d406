"""Every analysis of the tests, made once: in every form, and by R."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from tests.analytics.analyses.requests import BY_OURSELVES, IN_R, IN_R_TOO
from tests.analytics.analyses.running_r import write_for_r
from tests.analytics.analyses.survey import NOW
from tests.analytics.conftest import Analytics

from assent_analytics.app import SERVICE

FORMS = ("table", "html", "csv", "docx", "vega", "r")


@dataclass
class Answered:
    """Analyses by their names, their forms, and the folders in which R is to do the same."""

    analyses: dict[str, Any] = field(default_factory=dict)
    forms: dict[str, dict[str, httpx.Response]] = field(default_factory=dict)
    in_r: dict[str, Path] = field(default_factory=dict)

    async def add(self, analytics: Analytics, name: str, analysis: Any, folder: Path | None) -> None:
        """Keep an analysis; with a folder, what R needs for it."""
        self.analyses[name] = analysis
        if folder is not None:
            await write_for_r(analytics, analysis, folder)
            self.in_r[name] = folder


async def made(analytics: Analytics, name: str, request: dict[str, Any]) -> Any:
    """An analysis, whether it is quick or a job."""
    answer = await analytics.ask("POST", "/analyses", json={"method": name.split(" ")[0], "collection": NOW, **request})
    assert answer.status_code in (201, 202), answer.text
    if answer.status_code == 202:
        (worker,) = [worker for worker in SERVICE.workers if worker.name == "jobs"]
        await asyncio.to_thread(worker.run_once, analytics.database, analytics.app.state.settings)
    found = await analytics.get(f"/analyses/{answer.json()['id']}")
    job = await analytics.get(found["job"].partition("/stu_parents")[2]) if found["job"] else None
    assert found["state"] == "ready", job
    return found


async def answer_all(analytics: Analytics, place: Path) -> Answered:
    """Every method on the survey."""
    answered = Answered()
    for number, (name, request) in enumerate({**IN_R, **BY_OURSELVES}.items()):
        analysis = await made(analytics, name, request)
        folder = place / f"method{number}" if name in IN_R or name in IN_R_TOO else None
        await answered.add(analytics, name, analysis, folder)
        answered.forms[name] = {form: await analytics.ask("GET", f"/analyses/{analysis['id']}?as={form}") for form in FORMS}
    return answered
