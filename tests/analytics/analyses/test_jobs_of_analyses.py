"""Analyses as jobs: their progress is that of their replicates, starts and items, and cancelling breaks them off."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from tests.analytics.analyses.asking import ITEM, asked
from tests.analytics.analyses.test_analyses import work
from tests.analytics.conftest import Analytics
from tests.analytics.parents import STUDY
from tests.support import eventually

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.domain.progress import step_by_step, watched


def regression(replicates: int) -> dict[str, Any]:
    """A model that is fitted again under every replicate."""
    design = {"replicates": {"method": "bootstrap", "count": replicates}}
    return asked("regression", model="logit", outcome=ITEM, options=["acceptable"], groups=["family_form"], design=design)


async def queued(analytics: Analytics, request: dict[str, Any]) -> str:
    """The job of a request, as a path in its study."""
    made = await analytics.ask("POST", "/analyses", json=request)
    assert made.status_code == 202, made.text
    return str(made.headers["location"]).removeprefix(f"/v1/studies/{STUDY}")


@pytest.fixture(autouse=True)
def _told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assent_kit.jobs.worker.PACE", 0.0)
    monkeypatch.setattr("assent_kit.jobs.api.LOOK_EVERY", 0.01)


async def test_progress_rises_with_the_replicates_that_were_evaluated(analytics: Analytics) -> None:
    job = await queued(analytics, regression(60))
    watching = asyncio.create_task(analytics.ask("GET", f"{job}/events"))
    await work(analytics)
    events = [event.splitlines() for event in (await watching).text.split("\n\n") if event.startswith("event")]
    assert events[-1][0] == "event: done"
    told = [json.loads(lines[1].removeprefix("data: ")) for lines in events]
    parts = [one["done"] for one in told]
    assert parts == sorted(parts)
    assert {one["total"] for one in told} == {100}
    between = [one for one in told if one["message"].startswith("estimating: replicate")]
    assert len({one["message"] for one in between}) >= 3
    assert {one["message"].rpartition(" of ")[2] for one in between} == {"60"}
    assert parts[-1] == 100


async def test_a_cancelled_job_ends_at_its_next_replicate(analytics: Analytics) -> None:
    job = await queued(analytics, regression(2000))
    working = asyncio.create_task(work(analytics))

    async def is_estimating() -> bool:
        return "replicate" in (await analytics.get(job))["message"]

    await eventually(is_estimating)
    same = await analytics.ask("POST", "/analyses", json=regression(2000))
    assert (same.status_code, same.headers["location"].endswith(job)) == (202, True)
    await analytics.ask("DELETE", job)
    await working
    found = await analytics.get(job)
    assert (found["state"], found["result"]) == ("cancelled", None)
    assert found["done"] < 95
    assert (await analytics.get("/analyses"))["items"][0]["state"] == "failed"
    again = await analytics.ask("POST", "/analyses", json=regression(2000))
    assert (again.status_code, again.headers["location"].endswith(job)) == (202, False)


class Told:
    """What is told of progress."""

    def __init__(self) -> None:
        self.parts: list[float] = []
        self.steps: list[str] = []

    def __call__(self, part: float, step: str) -> None:
        self.parts.append(part)
        self.steps.append(step)


@contextmanager
def telling() -> Iterator[Told]:
    """What is told in the block."""
    told = Told()
    with watched(told):
        yield told


def test_loops_within_loops_are_parts_of_their_steps() -> None:
    with telling() as told:
        for _ in step_by_step("ab", "item", rest=True):
            list(step_by_step(range(4), "replicate", rest=True))
    assert told.steps[1:3] == ["item 1 of 2, replicate 1 of 4", "item 1 of 2, replicate 2 of 4"]
    assert told.parts == [0, 0, 1 / 8, 2 / 8, 3 / 8, 4 / 8, 4 / 8, 5 / 8, 6 / 8, 7 / 8]


def test_loops_of_which_nobody_knows_how_many_come_only_ever_rise() -> None:
    with telling() as told:
        for _ in range(5):
            list(step_by_step(range(3), "replicate"))
    assert told.parts == sorted(set(told.parts))
    assert told.parts[-1] < 1


def test_a_loop_that_is_left_halfway_is_over() -> None:
    with telling() as told:
        for _ in step_by_step(range(2), "item", rest=True):
            try:
                for _ in step_by_step(range(3), "replicate"):
                    raise CannotEstimate("no_rows", "nobody")
            except CannotEstimate:
                continue
    assert told.steps == [
        "item 1 of 2", "item 1 of 2, replicate 1 of 3", "item 2 of 2", "item 2 of 2, replicate 1 of 3",
    ]  # fmt: skip


def test_nobody_has_to_watch() -> None:
    assert list(step_by_step("ab", "item")) == ["a", "b"]
