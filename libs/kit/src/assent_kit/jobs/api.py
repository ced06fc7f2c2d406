"""Jobs over HTTP: how far one is, its progress as Server-Sent Events, and cancelling it."""

import asyncio
import zlib
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import Field

from assent_kit.app import router
from assent_kit.auth import ANALYSTS, Principal, allow
from assent_kit.database import Database
from assent_kit.etags import answer, etag_of
from assent_kit.jobs.keeping import cancel_job, find_job
from assent_kit.jobs.table import JobColumns, JobState, State
from assent_kit.problems import NotFound, problems
from assent_kit.schemas import Answer

LOOK_EVERY = 0.25  # seconds between two looks at a job that is being watched
HEARTBEAT = 10.0  # seconds; well under the time for which a proxy lets a connection be silent
LONGEST = 600.0  # seconds; a client that wants more connects again, as browsers do by themselves

Analyst = Annotated[Principal, Depends(allow(ANALYSTS))]


class JobProblem(Answer):
    """Why a job failed, and what to do next."""

    code: str
    title: str
    detail: str
    remedy: str


class JobOut(Answer):
    """How far a job is."""

    id: str
    kind: str
    state: State
    done: int = Field(description="steps done")
    total: int | None = Field(description="steps in all; null while nobody knows")
    message: str
    result: str | None = Field(description="the path of what it made, once it is done")
    problem: JobProblem | None = Field(description="why it failed")
    created_at: datetime
    finished_at: datetime | None

    @classmethod
    def of(cls, job: JobState) -> "JobOut":
        """A job as it is told."""
        return cls(
            id=job.id,
            kind=job.kind,
            state=job.state,
            done=job.done,
            total=job.total,
            message=job.message,
            result=job.result,
            problem=JobProblem(**job.problem) if job.problem else None,
            created_at=job.created_at,
            finished_at=job.finished_at,
        )


def jobs_router(table: type[JobColumns]) -> APIRouter:
    """The routes of a service's jobs."""
    jobs = router(prefix="/v1/studies/{study}/jobs", tags=["jobs"], responses=problems(NotFound))

    @jobs.get("/{job}", response_model=JobOut)
    async def show(request: Request, study: str, job: str, _: Analyst) -> Response:
        """How far a job is: queued, running, done, failed or cancelled. Jobs that are over are forgotten after some weeks."""
        found = await request.app.state.database.read(find_job, table, study=study, job=job)
        return answer(request, JobOut.of(found), etag=_etag(found))

    @jobs.delete("/{job}", response_model=JobOut)
    async def cancel(request: Request, study: str, job: str, _: Analyst) -> Response:
        """Cancel a job. A running one stops at its next step; one that is over stays as it is. No If-Match: a job changes as it
        runs.
        """
        found = await request.app.state.database.write(cancel_job, table, study=study, job=job)
        return answer(request, JobOut.of(found), etag=_etag(found))

    @jobs.get("/{job}/events", response_class=StreamingResponse, responses=_STREAM)
    async def events(request: Request, study: str, job: str, _: Analyst) -> StreamingResponse:
        """A job's progress as it happens: `progress` events with the job as their data, and one named after its state at the
        end.
        """
        database: Database = request.app.state.database
        first = await database.read(find_job, table, study=study, job=job)
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(_watch(database, table, first), media_type="text/event-stream", headers=headers)

    return jobs


_STREAM: dict[int | str, dict[str, Any]] = {
    200: {"description": "Server-Sent Events", "content": {"text/event-stream": {"schema": {"type": "string"}}}}
}


async def _watch(database: Database, table: type[JobColumns], job: JobState) -> AsyncIterator[str]:
    """The job now and whenever it changes, until it is over or forgotten; a comment whenever it has been silent for long."""
    loop = asyncio.get_running_loop()
    ends, spoken = loop.time() + LONGEST, loop.time()
    yield "retry: 2000\n\n" + _event(job)
    while not job.is_over and loop.time() < ends:
        await asyncio.sleep(LOOK_EVERY)
        try:
            found = await database.read(find_job, table, study=job.study, job=job.id)
        except NotFound:
            return
        if found != job:
            job, spoken = found, loop.time()
            yield _event(job)
        elif loop.time() - spoken >= HEARTBEAT:
            spoken = loop.time()
            yield ": still there\n\n"


def _event(job: JobState) -> str:
    return f"event: {job.state if job.is_over else 'progress'}\ndata: {JobOut.of(job).model_dump_json()}\n\n"


def _etag(job: JobState) -> str:
    return etag_of(f"{job.state}-{job.done}-{job.total or 0}-{zlib.crc32(job.message.encode()):x}")
