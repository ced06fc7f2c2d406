"""What happens to the row of a job: it is added, found, cancelled, taken up by a worker, moved on, ended, and at last forgotten.

A worker holds a job by a lease that it renews. A job whose lease has run out was left by a worker that died; the next one takes
it up again, and after `MOST_TAKES` workers it is given up. Every change by a worker names its lease, so one that was thought dead
changes nothing.
"""

from datetime import timedelta
from typing import Any

from sqlalchemy import and_, or_
from sqlmodel import Session, col, delete, select

from assent_kit.identifiers import new_id
from assent_kit.jobs.table import OVER, JobColumns, JobState
from assent_kit.problems import NotFound, Problem
from assent_kit.tables import now

LEASE = timedelta(seconds=30)
MOST_TAKES = 3


class JobLost(Problem):
    """Every worker that took it up died."""

    status, code, title = 500, "job_lost", "The work was broken off each time it was tried"
    remedy = "Ask for less at once; if it stays, send the job's id to whoever runs this installation."


def add_job(
    session: Session, table: type[JobColumns], *, owner: str, study: str, kind: str, request: Any, by: str, total: int | None = None
) -> JobState:
    """Queue a job. `owner` is the service's prefix in ids, such as `ana`; the gateway finds the way back by it."""
    row = table(id=new_id(f"job_{owner}"), study=study, kind=kind, request=request, created_by=by, total=total)
    session.add(row)
    session.flush()
    return JobState.of(row)


def find_job(session: Session, table: type[JobColumns], *, study: str, job: str) -> JobState:
    """One job of the study. Raises NotFound."""
    row = session.get(table, job)
    if row is None or row.study != study:
        raise NotFound
    return JobState.of(row)


def cancel_job(session: Session, table: type[JobColumns], *, study: str, job: str) -> JobState:
    """Cancel a job that waits, and ask a running one to stop at its next step; one that is over stays as it is. Raises NotFound."""
    row = session.get(table, job, with_for_update=True)
    if row is None or row.study != study:
        raise NotFound
    if row.state == "queued":
        row.state, row.finished_at = "cancelled", now()
    elif row.state == "running":
        row.cancelling = True
    session.add(row)
    return JobState.of(row)


def is_waiting(session: Session, table: type[JobColumns]) -> bool:
    """Whether some job can be taken up now."""
    return session.exec(select(table.id).where(_free(table)).limit(1)).first() is not None


def take_job(session: Session, table: type[JobColumns], *, lease: str) -> tuple[JobState, Any] | None:
    """Take up the job that waits longest, with its request; None when none waits. One that was taken up too often is given up
    instead.
    """
    found = select(table).where(_free(table)).order_by(col(table.id)).limit(1).with_for_update(skip_locked=True)
    row = session.exec(found).first()
    if row is None:
        return None
    if row.cancelling:
        row.state, row.finished_at = "cancelled", now()
    elif row.takes >= MOST_TAKES:
        row.state, row.finished_at, row.problem = "failed", now(), as_told(JobLost())
    else:
        row.state, row.lease, row.leased_until, row.takes = "running", lease, now() + LEASE, row.takes + 1
    session.add(row)
    session.flush()
    return JobState.of(row), row.request


def renew_lease(session: Session, table: type[JobColumns], *, job: str, lease: str) -> bool:
    """Say that the worker lives. Answers whether it should go on: the job is still its own and nobody wants it to stop."""
    row = _held(session, table, job, lease)
    if row is None:
        return False
    row.leased_until = now() + LEASE
    session.add(row)
    return not row.cancelling


def note_progress(
    session: Session, table: type[JobColumns], *, job: str, lease: str, done: int, total: int | None, message: str
) -> bool:
    """Say how far it is; answers as `renew_lease` does."""
    row = _held(session, table, job, lease)
    if row is None:
        return False
    row.done, row.total, row.message, row.leased_until = done, total, message, now() + LEASE
    session.add(row)
    return not row.cancelling


def end_job(
    session: Session,
    table: type[JobColumns],
    *,
    job: str,
    lease: str,
    state: str,
    result: str | None = None,
    problem: Problem | None = None,
) -> None:
    """End a job that is still this worker's."""
    row = _held(session, table, job, lease)
    if row is None:
        return
    row.state, row.finished_at, row.lease, row.leased_until = state, now(), None, None
    row.result, row.problem = result, as_told(problem) if problem is not None else None
    if state == "done" and row.total is not None:
        row.done = row.total
    session.add(row)


def forget_old_jobs(session: Session, table: type[JobColumns], *, days: float) -> int:
    """Delete jobs that were over longer ago than that; answers how many. What they made stays."""
    old = delete(table).where(col(table.state).in_(OVER), col(table.finished_at) < now() - timedelta(days=days))
    return int(session.connection().execute(old).rowcount)


def as_told(problem: Problem) -> dict[str, str]:
    """What is kept of a problem."""
    return {"code": problem.code, "title": problem.title, "detail": problem.detail, "remedy": problem.remedy}


def _free(table: type[JobColumns]) -> Any:
    lapsed = and_(col(table.state) == "running", col(table.leased_until) < now())
    return or_(col(table.state) == "queued", lapsed)


def _held(session: Session, table: type[JobColumns], job: str, lease: str) -> JobColumns | None:
    row = session.get(table, job, with_for_update=True)
    return row if row is not None and row.lease == lease and row.state == "running" else None
