"""Jobs: queued, done by a worker, watched, cancelled, and taken up again when a worker dies."""

import asyncio
import threading
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Annotated, Any

import httpx
import pytest
from fastapi import Depends, Request, Response
from sqlmodel import Session
from tests.support import TOKENS, client_of, eventually

from assent_kit.app import build_app, router
from assent_kit.auth import ANALYSTS, Principal, allow
from assent_kit.database import Database
from assent_kit.jobs import keeping
from assent_kit.jobs.api import jobs_router
from assent_kit.jobs.keeping import LEASE, MOST_TAKES, add_job, forget_old_jobs, take_job
from assent_kit.jobs.table import job_table
from assent_kit.jobs.worker import Task, job_workers
from assent_kit.problems import InvalidRequest
from assent_kit.settings import ServiceSettings
from assent_kit.tables import now, table_base

Table = table_base()
Job = job_table(Table)
STUDY = "stu_a"
AT = f"/v1/studies/{STUDY}"

sums = router(prefix="/v1/studies/{study}/sums")


@sums.post("", status_code=202)
async def add_up(request: Request, study: str, who: Annotated[Principal, Depends(allow(ANALYSTS))]) -> Response:
    body = await request.json()
    job = await request.app.state.database.write(
        add_job, Job, owner="ana", study=study, kind=body["kind"], request=body, by=who.subject, total=3
    )
    return Response(status_code=202, headers={"Location": f"/v1/studies/{study}/jobs/{job.id}"})


class Adder:
    """Does sums in three steps, and can be held between them."""

    def __init__(self) -> None:
        self.go_on = threading.Event()
        self.go_on.set()
        self.begun = threading.Event()

    def __call__(self, task: Task) -> str:
        for step in range(3):
            task.progress(step, 3, f"step {step}")
            self.begun.set()
            assert self.go_on.wait(20)
        if task.request.get("wrong"):
            raise InvalidRequest("no such sum")
        if task.request.get("bug"):
            raise ZeroDivisionError("jane@example.org")
        return f"{AT}/sums/6"


class Desk:
    """A service with jobs, a client of it, and its worker."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.adder = Adder()
        self.settings = ServiceSettings(
            environment="development", database_url=database.url, bus_url="", gateway_public_key=TOKENS.public_key
        )
        self.worker, self.forgetter = job_workers(Job, {"sum": self.adder})
        self.client = client_of(build_app(self.settings, database, name="sums", title="Sums", routers=[sums, jobs_router(Job)]))
        self.client.headers.update(TOKENS.headers(STUDY))

    async def ask(self, kind: str = "sum", **more: Any) -> str:
        """A new job's path."""
        made = await self.client.post(f"{AT}/sums", json={"kind": kind, **more})
        assert made.status_code == 202
        return made.headers["location"]

    async def work(self) -> bool:
        """What the worker does in one turn of its thread."""
        return await asyncio.to_thread(self.worker.run_once, self.database, self.settings)

    async def look(self, job: str) -> Any:
        return (await self.client.get(job)).json()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
async def desk(request: pytest.FixtureRequest, tmp_path: Any) -> AsyncIterator[Desk]:
    in_file = request.param == "sqlite"
    database = Database(f"sqlite:///{tmp_path}/sums.db" if in_file else request.getfixturevalue("new_database")())
    database.write_blocking(lambda session: Table.metadata.create_all(session.connection()))
    desk = Desk(database)
    yield desk
    await desk.client.aclose()
    database.close()


async def test_a_job_is_queued_done_and_names_what_it_made(desk: Desk) -> None:
    job = await desk.ask()
    assert job.startswith(f"{AT}/jobs/job_ana_")
    waiting = await desk.look(job)
    assert (waiting["state"], waiting["done"], waiting["total"], waiting["result"]) == ("queued", 0, 3, None)
    assert await desk.work()
    done = await desk.look(job)
    assert (done["state"], done["done"], done["total"], done["result"]) == ("done", 3, 3, f"{AT}/sums/6")
    assert not await desk.work()


async def test_jobs_are_done_in_the_order_in_which_they_came(desk: Desk) -> None:
    first, second = await desk.ask(), await desk.ask()
    await desk.work()
    assert [(await desk.look(job))["state"] for job in (first, second)] == ["done", "queued"]


@pytest.mark.parametrize(("request_", "code"), [({"wrong": True}, "invalid_request"), ({"bug": True}, "internal_error")])
async def test_a_job_that_fails_says_why_and_quotes_nothing(desk: Desk, request_: dict[str, Any], code: str) -> None:
    job = await desk.ask(**request_)
    await desk.work()
    failed = await desk.look(job)
    assert (failed["state"], failed["problem"]["code"], failed["result"]) == ("failed", code, None)
    assert failed["problem"]["remedy"]
    assert "jane" not in str(failed)


async def test_work_that_nobody_knows_fails(desk: Desk) -> None:
    job = await desk.ask("alchemy")
    await desk.work()
    assert (await desk.look(job))["state"] == "failed"


async def test_a_waiting_job_is_cancelled_at_once(desk: Desk) -> None:
    job = await desk.ask()
    assert (await desk.client.delete(job)).json()["state"] == "cancelled"
    assert not await desk.work()
    assert (await desk.client.delete(job)).json()["state"] == "cancelled"


async def test_a_running_job_stops_at_its_next_step(desk: Desk) -> None:
    job = await desk.ask()
    desk.adder.go_on.clear()
    working = asyncio.create_task(desk.work())
    assert await asyncio.to_thread(desk.adder.begun.wait, 20)
    assert (await desk.client.delete(job)).json()["state"] == "running"
    desk.adder.go_on.set()
    await working
    stopped = await desk.look(job)
    assert (stopped["state"], stopped["done"], stopped["result"]) == ("cancelled", 1, None)


async def test_a_job_that_is_over_is_not_undone(desk: Desk) -> None:
    job = await desk.ask()
    await desk.work()
    assert (await desk.client.delete(job)).json()["state"] == "done"


async def test_the_events_of_a_job_end_with_it(desk: Desk) -> None:
    job = await desk.ask()
    desk.adder.go_on.clear()
    working = asyncio.create_task(desk.work())
    assert await asyncio.to_thread(desk.adder.begun.wait, 20)
    watching = asyncio.create_task(desk.client.get(f"{job}/events"))
    await asyncio.sleep(0)
    desk.adder.go_on.set()
    await working
    told = await watching
    assert told.headers["content-type"].startswith("text/event-stream")
    events = [event for event in told.text.split("\n\n") if event.startswith("event")]
    assert events[-1].startswith("event: done\ndata: {")
    assert '"result":"' in events[-1]


async def test_silence_is_filled(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assent_kit.jobs.api.HEARTBEAT", 0.0)
    monkeypatch.setattr("assent_kit.jobs.api.LONGEST", 0.4)
    monkeypatch.setattr("assent_kit.jobs.api.LOOK_EVERY", 0.01)
    told = await desk.client.get(f"{await desk.ask()}/events")
    assert ": still there\n\n" in told.text
    assert told.text.count("event: progress") == 1


def _die(session: Session, job: str) -> None:
    row = session.get(Job, job)
    assert row is not None
    row.leased_until = now() - timedelta(seconds=1)
    session.add(row)


async def test_a_job_whose_worker_died_is_taken_up_again_and_the_dead_one_changes_nothing(desk: Desk) -> None:
    path = await desk.ask()
    job = path.rpartition("/")[2]
    assert await desk.database.write(take_job, Job, lease="dead") is not None
    assert await desk.database.write(take_job, Job, lease="other") is None, "it is leased"
    await desk.database.write(_die, job)
    assert await desk.work()
    assert (await desk.look(path))["state"] == "done"
    assert not await desk.database.write(keeping.note_progress, Job, job=job, lease="dead", done=1, total=3, message="")
    await desk.database.write(keeping.end_job, Job, job=job, lease="dead", state="failed")
    assert (await desk.look(path))["state"] == "done"


async def test_a_job_that_kills_its_workers_is_given_up(desk: Desk) -> None:
    path = await desk.ask()
    for _ in range(MOST_TAKES):
        assert await desk.database.write(take_job, Job, lease="dead") is not None
        await desk.database.write(_die, path.rpartition("/")[2])
    await desk.work()
    given_up = await desk.look(path)
    assert (given_up["state"], given_up["problem"]["code"]) == ("failed", "job_lost")


async def test_a_long_step_keeps_its_lease(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assent_kit.jobs.worker.LEASE", timedelta(seconds=0.03))
    path = await desk.ask()
    job = path.rpartition("/")[2]
    desk.adder.go_on.clear()
    working = asyncio.create_task(desk.work())
    assert await asyncio.to_thread(desk.adder.begun.wait, 20)

    async def until() -> Any:
        return await desk.database.read(lambda session: session.get(Job, job).leased_until)  # type: ignore[union-attr]

    first = await until()
    assert await eventually(until, lambda later: later > first) - now() <= LEASE
    desk.adder.go_on.set()
    await working


async def test_old_jobs_are_forgotten_and_waiting_ones_are_not(desk: Desk) -> None:
    over, waiting = await desk.ask(), await desk.ask()
    await desk.work()
    assert await desk.database.write(forget_old_jobs, Job, days=1.0) == 0
    assert await desk.database.write(forget_old_jobs, Job, days=-1.0) == 1
    assert (await desk.client.get(over)).status_code == 404
    assert (await desk.look(waiting))["state"] == "queued"


async def test_other_studies_and_viewers_see_no_job(desk: Desk) -> None:
    path = await desk.ask()
    other = path.replace(STUDY, "stu_b")
    for method, at in (("GET", other), ("DELETE", other), ("GET", f"{other}/events")):
        answer = await desk.client.request(method, at, headers=TOKENS.headers("stu_b"))
        assert answer.status_code == 404
    refused: httpx.Response = await desk.client.get(path, headers=TOKENS.headers(STUDY, role="viewer"))
    assert refused.status_code == 403
