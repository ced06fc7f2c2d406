"""The worker that does the jobs of a service, one after the other, in a thread of its own beside a heartbeat.

Work is stopped cooperatively: it says how far it is by `task.progress`, which raises Stopped when the job was cancelled or was
taken over by another worker. Heavy work belongs here and not in a request: the thread is never that of an event loop.
"""

import logging
import math
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from assent_kit.database import Database
from assent_kit.identifiers import new_id
from assent_kit.jobs.keeping import LEASE, end_job, forget_old_jobs, is_waiting, note_progress, renew_lease, take_job
from assent_kit.jobs.table import JobColumns
from assent_kit.problems import InternalError, Problem, Unavailable
from assent_kit.workers import Worker

logger = logging.getLogger(__name__)

PACE = 0.5  # seconds between two reports of progress by quick steps


class Stopped(Exception):
    """The job was cancelled, or another worker has it now: leave everything as it is."""


@dataclass(frozen=True, slots=True)
class Task:
    """A job in hand: what was asked for, by whom, and what there is to do it with."""

    job: str
    study: str
    request: Any
    by: str
    database: Database
    settings: Any
    _progress: Callable[[int, int | None, str], bool]

    def progress(self, done: int, total: int | None = None, message: str = "") -> None:
        """Say how far it is, in words that name nobody. Raises Stopped."""
        if not self._progress(done, total, message):
            raise Stopped

    def paced_progress(self) -> Callable[[int, int | None, str], None]:
        """`progress` for loops of quick steps: what is said sooner than `PACE` after what was said before is not written down."""
        spoken = -math.inf

        def say(done: int, total: int | None, message: str) -> None:
            nonlocal spoken
            if time.monotonic() - spoken >= PACE:
                self.progress(done, total, message)
                spoken = time.monotonic()

        return say


Perform = Callable[[Task], str | None]
"""Does a job, and answers the path of what it made. Raises a Problem when it cannot."""


def job_workers(table: type[JobColumns], kinds: Mapping[str, Perform]) -> tuple[Worker, Worker]:
    """The worker that does jobs of these kinds, and the one that forgets those that were over long ago."""

    def work(database: Database, settings: Any) -> bool:
        return database.read_blocking(is_waiting, table) and _do_next(table, kinds, database, settings)

    def forget(database: Database, settings: Any) -> bool:
        database.write_blocking(forget_old_jobs, table, days=settings.job_days)
        return False

    return (
        Worker(name="jobs", run_once=work, pause=1.0, eager=True),
        Worker(name="forget jobs", run_once=forget, pause=3600.0),
    )


def _do_next(table: type[JobColumns], kinds: Mapping[str, Perform], database: Database, settings: Any) -> bool:
    lease = new_id("lea")
    taken = database.write_blocking(take_job, table, lease=lease)
    if taken is None:
        return False
    job, request = taken
    if job.is_over:
        return True

    def progress(done: int, total: int | None, message: str) -> bool:
        return database.write_blocking(note_progress, table, job=job.id, lease=lease, done=done, total=total, message=message)

    task = Task(job.id, job.study, request, job.created_by, database, settings, progress)
    with _Heart(lambda: database.write_blocking(renew_lease, table, job=job.id, lease=lease)):
        ending = _perform(kinds.get(job.kind), task)
    database.write_blocking(end_job, table, job=job.id, lease=lease, **ending)
    return True


def _perform(perform: Perform | None, task: Task) -> dict[str, Any]:
    """Do it; answers how it ended. Raises Unavailable, after which the lease runs out and it is tried again."""
    try:
        if perform is None:
            raise InternalError("this version does not know such work")
        return {"state": "done", "result": perform(task)}
    except Stopped:
        return {"state": "cancelled"}
    except Unavailable:
        raise
    except Problem as problem:
        return {"state": "failed", "problem": problem}
    except Exception:
        logger.exception("a job failed", extra={"job": task.job})
        return {"state": "failed", "problem": InternalError()}


class _Heart:
    """Renews a lease for as long as the block runs. **Usage**: `with _Heart(renew): …`."""

    def __init__(self, beat: Callable[[], bool]) -> None:
        self._beat = beat
        self._still = threading.Event()
        self._thread = threading.Thread(target=self._run, name="heart", daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._still.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._still.wait(LEASE.total_seconds() / 3):
            try:
                self._beat()
            except Unavailable:
                logger.warning("a lease could not be renewed")
