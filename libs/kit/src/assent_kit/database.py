"""The database of one service: reads in threads, and every write through the lane.

A use case is a plain synchronous function of a session that is all or nothing and returns plain data. The lane runs what has queued up
inside one transaction, each use case in a savepoint of its own unless it is alone, commits once and then answers: group commit without a
timer. A use case that fails rolls back alone; when the COMMIT fails, everyone of the batch is told that nothing was stored.

Not here: what is written (each service's `store` and `service`).
"""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from anyio import to_thread
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session
from tenacity import retry, retry_if_result, stop_after_delay, wait_random_exponential

from assent_kit.engines import read_engine, write_engine
from assent_kit.lane import Job, Lane, LaneClosed, WaitingRoom, runs_alone
from assent_kit.problems import Unavailable

P = ParamSpec("P")
T = TypeVar("T")
I = TypeVar("I")  # noqa: E741

LONGEST_WRITE = 15.0  # seconds a caller waits for the lane before it is told to come back


class Database:
    """Reads and writes of one service's database.

    **Usage**: `await database.write(open_study, title="…")`, `await database.read(find_study, "stu_…")`; `write_blocking` and
    `read_blocking` from threads. `write_bulk` hands all waiting items of one bulk use case to it as one list.
    """

    def __init__(self, url: str, *, lanes: int = 1) -> None:
        self.url = url
        self.is_sqlite = url.startswith("sqlite")
        count = 1 if self.is_sqlite else lanes
        self._readers = read_engine(url)
        self._writers = write_engine(url, lanes=count)
        self._waiting = WaitingRoom()
        self._gathered: dict[asyncio.AbstractEventLoop, list[Job]] = {}
        self._lanes = [Lane(self._writers, self._waiting) for _ in range(count)]
        for lane in self._lanes:
            lane.start()

    async def write(self, use_case: Callable[Concatenate[Session, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a use case in the lane and answer after its commit. Raises what it raises, or Unavailable."""
        return cast(T, await self._answer(Job(lambda session: use_case(session, *args, **kwargs), alone=runs_alone(use_case))))

    def write_blocking(self, use_case: Callable[Concatenate[Session, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """The same from a thread."""
        return cast(T, self._answer_blocking(Job(lambda session: use_case(session, *args, **kwargs), alone=runs_alone(use_case))))

    async def write_bulk(self, use_case: Callable[[Session, list[I]], Sequence[T]], item: I, /) -> T:
        """Hand one item to a bulk use case, which gets all that are waiting as one list and answers as many results in their order."""
        return cast(T, await self._answer(Job(bulk=use_case, item=item)))

    def write_bulk_blocking(self, use_case: Callable[[Session, list[I]], Sequence[T]], items: Sequence[I], /) -> list[T]:
        """Hand several items to a bulk use case, as one list and in one savepoint."""
        return self.write_blocking(lambda session: list(use_case(session, list(items))))

    async def read(self, query: Callable[Concatenate[Session, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a query in a thread, in one read-only transaction."""
        return await to_thread.run_sync(lambda: self.read_blocking(query, *args, **kwargs))

    def read_blocking(self, query: Callable[Concatenate[Session, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """The same from a thread."""
        try:
            with Session(self._readers) as session:
                return query(session, *args, **kwargs)
        except DBAPIError as error:
            if _is_outage(error):
                raise Unavailable(detail="the database cannot be reached") from error
            raise

    def after_commit(self, wake: Callable[[], None]) -> None:
        """Have `wake` called, in the lane's thread, after each commit: the relay looks for new events then."""
        for lane in self._lanes:
            lane.listeners.append(wake)

    async def checkpoint(self) -> None:
        """After an erasure: empty SQLite's write-ahead log, which still holds the old pages. Nothing to do on PostgreSQL."""
        await to_thread.run_sync(self.checkpoint_blocking)

    @retry(
        retry=retry_if_result(lambda emptied: not emptied),
        wait=wait_random_exponential(multiplier=0.02, max=0.5),
        stop=stop_after_delay(30),
    )
    def checkpoint_blocking(self) -> bool:
        """The same from a thread. It is busy while a reader is open, so it is tried again; raises RetryError after 30 s."""
        if not self.is_sqlite:
            return True
        connection = self._readers.raw_connection()
        try:
            cursor = connection.cursor()
            busy = bool(cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0])
            cursor.close()
            return not busy
        finally:
            connection.close()

    def reachable(self) -> bool:
        """Whether a trivial query is answered now; for readiness."""
        try:
            with Session(self._readers) as session:
                session.connection().execute(text("SELECT 1"))
        except DBAPIError:
            return False
        return True

    def close(self) -> None:
        """Finish what is queued, then stop the lanes and let go of the connections."""
        self._waiting.close(len(self._lanes))
        for lane in self._lanes:
            lane.join(timeout=LONGEST_WRITE)
        self._readers.dispose()
        self._writers.dispose()

    async def _answer(self, job: Job) -> Any:
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Any] = loop.create_future()
        job.reply_to(loop, answer)
        self._gather(loop, job)
        too_late = loop.call_later(LONGEST_WRITE, _give_up, answer)
        try:
            return await answer
        finally:
            too_late.cancel()

    def _answer_blocking(self, job: Job) -> Any:
        answer: Future[Any] = Future()
        job.reply_to(None, answer)
        self._queue([job])
        return answer.result()

    def _gather(self, loop: asyncio.AbstractEventLoop, job: Job) -> None:
        """Queue together what one turn of the event loop brings: fewer wake-ups and larger batches, still without a timer."""
        gathered = self._gathered.setdefault(loop, [])
        gathered.append(job)
        if len(gathered) == 1:
            loop.call_soon(lambda: self._queue(self._gathered.pop(loop)))

    def _queue(self, jobs: Sequence[Job]) -> None:
        """Queue jobs; those for which there is no room are answered so at once."""
        try:
            self._waiting.put(jobs)
        except LaneClosed as error:
            for job in jobs:
                job.error = Unavailable(detail="the service is too busy or shutting down")
                job.error.__cause__ = error
                job.settle()


def _give_up(answer: asyncio.Future[Any]) -> None:
    if not answer.done():
        answer.set_exception(Unavailable(detail="the database is too busy"))


def _is_outage(error: DBAPIError) -> bool:
    return error.connection_invalidated or type(error).__name__ in ("OperationalError", "InterfaceError")
