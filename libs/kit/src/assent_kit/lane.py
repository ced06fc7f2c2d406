"""The lane: one thread that runs queued use cases in shared transactions.

It takes whatever queued up while the last commit ran, so nobody waits for a timer and a lone writer pays nothing extra.
"""

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Literal, TypeVar

from sqlalchemy import Connection, Engine
from sqlmodel import Session

from assent_kit.problems import Unavailable

U = TypeVar("U", bound=Callable[..., Any])

BATCH = 128  # use cases in one transaction
ROOM = 8192  # use cases that may wait; more are told to come back

TRIES_AFTER_COLLISION = 3
COLLISIONS = {"23505", "40001", "40P01", "55P03"}  # unique key, serialisation, deadlock, lock not available

_ALONE = "runs_alone"

logger = logging.getLogger(__name__)


def alone(use_case: U) -> U:
    """Mark a use case that shares its transaction with no other: it takes locks that those of others would be waiting for in turn."""
    setattr(use_case, _ALONE, True)
    return use_case


def runs_alone(use_case: Callable[..., Any]) -> bool:
    """Whether a use case is so marked."""
    return getattr(use_case, _ALONE, False)


class LaneClosed(RuntimeError):
    """The lane takes nothing more: it is full or shutting down."""


@dataclass(slots=True)
class Job:
    """A use case that waits for its turn: a plain one, or one item for a bulk one."""

    use_case: Callable[[Session], Any] | None = None
    bulk: Callable[[Session, list[Any]], Sequence[Any]] | None = None
    item: Any = None
    alone: bool = False
    loop: asyncio.AbstractEventLoop | None = None
    answer: "asyncio.Future[Any] | Future[Any] | None" = None
    result: Any = None
    error: BaseException | None = field(default=None)

    def reply_to(self, loop: asyncio.AbstractEventLoop | None, answer: "asyncio.Future[Any] | Future[Any]") -> None:
        """Where the outcome goes: to a future of an event loop, or to one of a thread."""
        self.loop, self.answer = loop, answer

    def settle(self) -> None:
        """Hand over the outcome; to be called where the future lives."""
        if self.answer is None or self.answer.done():
            return
        if self.error is not None:
            self.answer.set_exception(self.error)
        else:
            self.answer.set_result(self.result)


class WaitingRoom:
    """The queue in front of the lanes of one database."""

    def __init__(self) -> None:
        self._jobs: deque[Job] = deque()
        self._changed = threading.Condition()
        self._closing = False

    def put(self, jobs: Sequence[Job]) -> None:
        """Queue jobs together. Raises LaneClosed when the room is full or shut, and then takes none of them."""
        with self._changed:
            if self._closing or len(self._jobs) + len(jobs) > ROOM:
                raise LaneClosed
            self._jobs.extend(jobs)
            self._changed.notify()

    def take(self) -> list[Job]:
        """All that wait, up to a batch; blocks while there is nothing; empty when the room is shut and drained."""
        with self._changed:
            while not self._jobs and not self._closing:
                self._changed.wait()
            return [self._jobs.popleft() for _ in range(min(BATCH, len(self._jobs)))]

    def close(self, lanes: int) -> None:
        """Take nothing more and let the lanes go home when the queue is empty."""
        with self._changed:
            self._closing = True
            self._changed.notify(lanes)
            self._changed.notify_all()


class Lane(threading.Thread):
    """Runs batches until its waiting room is shut."""

    def __init__(self, engine: Engine, waiting: WaitingRoom) -> None:
        super().__init__(name="lane", daemon=True)
        self._engine = engine
        self._waiting = waiting
        self.listeners: list[Callable[[], None]] = []

    def run(self) -> None:
        """One transaction after the other."""
        while batch := self._waiting.take():
            self._run_batch(batch)
            _answer_all(batch)
            for wake in self.listeners:
                wake()

    def _run_batch(self, batch: list[Job]) -> None:
        for jobs in _by_transaction(batch):
            self._transact(jobs)
        # Locks are kept until the commit, so who collided with another lane can only be tried again after it, and alone.
        for _ in range(TRIES_AFTER_COLLISION):
            batch = [job for job in batch if job.error is not None and _collided(job.error)]
            for job in batch:
                job.error = None
                self._transact([job])

    def _transact(self, batch: list[Job]) -> None:
        kinds = _by_kind(batch)
        try:
            if len(kinds) == 1:
                if self._run_alone(batch):
                    return
                kinds = [[job] for job in batch]
            with self._engine.connect() as connection, connection.begin():
                for jobs in kinds:
                    self._run_jobs(connection, jobs)
        except Exception as error:
            # BEGIN, COMMIT or the connection itself failed: nothing of this batch is stored, whatever its use cases answered.
            logger.error("a transaction was not committed", extra={"error": type(error).__name__})  # its text may quote values
            for job in batch:
                job.error = Unavailable(detail="nothing was stored: the database cannot be reached")
                job.error.__cause__ = error

    def _run_alone(self, jobs: list[Job]) -> bool:
        """Run what has the transaction to itself, and so needs no savepoint, which on PostgreSQL is asked for and let go at length.

        False where it failed for several, of which some may be good: nothing is stored then, and each is to go alone.
        """
        with self._engine.connect() as connection, connection.begin() as transaction:
            try:
                _run(connection, jobs, within="rollback_only")
            except Exception as error:
                _raise_if_lost(connection, error)
                if transaction.is_active:
                    transaction.rollback()
                if len(jobs) > 1:
                    return False
                jobs[0].error = error
        return True

    def _run_jobs(self, connection: Connection, jobs: list[Job]) -> None:
        if jobs[0].bulk is not None and len(jobs) > 1:
            try:
                _run(connection, jobs)
            except Exception as error:
                _raise_if_lost(connection, error)
            else:
                return  # one bad item fails the whole list, so after an error each goes alone
        for job in jobs:
            try:
                _run(connection, [job])
            except Exception as error:
                _raise_if_lost(connection, error)
                job.error = error


def _run(
    connection: Connection, jobs: list[Job], *, within: Literal["create_savepoint", "rollback_only"] = "create_savepoint"
) -> None:
    """Run one use case: a bulk one for all of its items, or a plain one for one job."""
    with Session(bind=connection, join_transaction_mode=within, expire_on_commit=False) as session:
        results = _call(session, jobs)
        session.commit()
    for job, result in zip(jobs, results, strict=True):
        job.result = result


def _call(session: Session, jobs: list[Job]) -> Sequence[Any]:
    first = jobs[0]
    if first.bulk is not None:
        return first.bulk(session, [job.item for job in jobs])
    assert first.use_case is not None
    return [first.use_case(session)]


def _raise_if_lost(connection: Connection, error: Exception) -> None:
    """Without its connection no use case of the batch can be kept."""
    if connection.invalidated or connection.closed:
        raise error


def _collided(error: BaseException) -> bool:
    """Whether a use case failed because another lane did the same at the same moment; PostgreSQL alone has several lanes.

    The error is SQLAlchemy's, or the driver's own where it was called past that.
    """
    return getattr(getattr(error, "orig", error), "sqlstate", None) in COLLISIONS


def _by_transaction(batch: list[Job]) -> Iterator[list[Job]]:
    """The jobs in their order: those that follow each other together, and each that runs alone by itself."""
    for is_alone, jobs in groupby(batch, key=lambda job: job.alone):
        if is_alone:
            yield from ([job] for job in jobs)
        else:
            yield list(jobs)


def _by_kind(batch: list[Job]) -> list[list[Job]]:
    """Jobs of one bulk use case together, every other job alone, in order of first appearance."""
    kinds: dict[Any, list[Job]] = {}
    for job in batch:
        kinds.setdefault(job.bulk or id(job), []).append(job)
    return list(kinds.values())


def _answer_all(batch: list[Job]) -> None:
    """Hand over the outcomes, waking each event loop once."""
    loops: dict[asyncio.AbstractEventLoop, list[Job]] = {}
    for job in batch:
        if job.loop is None:
            job.settle()
        else:
            loops.setdefault(job.loop, []).append(job)
    for loop, jobs in loops.items():
        if not loop.is_closed():
            loop.call_soon_threadsafe(_settle_all, jobs)


def _settle_all(jobs: list[Job]) -> None:
    for job in jobs:
        job.settle()
