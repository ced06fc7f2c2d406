"""The job that reads a file of responses: out of the database into a process of its own, and from there into responses.

Each bucket of rows is a transaction, which also notes that it is done: a worker that takes over an import goes on with the next one, so
nothing is doubled and the counts are right. The file and what was read from it stand in a folder of the worker's only while it runs.
"""

import os
import pickle
import queue
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

from sqlmodel import Session

from assent_kit.bulk import is_postgres
from assent_kit.database import Database
from assent_kit.identifiers import new_id
from assent_kit.jobs.worker import Stopped, Task
from assent_kit.problems import InternalError, Problem, Unavailable
from assent_kit.tables import now
from assent_survey.domain.import_plan import ImportPlan
from assent_survey.formats.bucket import Bucket
from assent_survey.formats.reading import Order
from assent_survey.problems import ColumnsUnfit, FileUnreadable, ImportOvertaken
from assent_survey.service.define_instrument import published_items
from assent_survey.service.keep_rows import Attempt, foresee, keep_rows
from assent_survey.service.keys import Keys
from assent_survey.store import imports as store
from assent_survey.store.import_tables import Import
from assent_survey.store.tables import Collection

BROKEN_OFF = "the reader of the file broke off"


def run_import(task: Task) -> str:
    """Import the file that was asked for; answers the import's path. Raises FileUnreadable, ColumnsUnfit, ImportOvertaken, Stopped."""
    database, id = task.database, task.request["import"]
    attempt = database.write_blocking(begin_attempt, id)
    try:
        with TemporaryDirectory() as folder:
            order, buckets_done, dry_run = database.read_blocking(
                order_of, attempt, Path(folder), task.settings.survey_import_bytes
            )
            _fetch_file(database, id, order.path)
            with _reader(order, Keys.of(task.settings).blind.key, buckets_done) as said:
                _Run(task, attempt, dry_run=dry_run).follow(said)
        database.write_blocking(finish, attempt)
    except Stopped:
        # Cancelled, or another worker has it: only then is the file still wanted.
        database.write_blocking(clear_up, attempt, only_if_over=True)
        raise
    except Unavailable:
        raise  # it is tried again, and needs its file
    except Problem:
        database.write_blocking(clear_up, attempt)
        raise
    return f"/v1/studies/{attempt.study}/imports/{id}"


def begin_attempt(session: Session, id: str) -> Attempt:
    """Take an import in hand. Raises ImportOvertaken when it is there no more."""
    row = session.get(Import, id, with_for_update=True)
    if row is None or not row.has_file:
        raise ImportOvertaken
    row.attempt = new_id("try")
    session.add(row)
    return Attempt(id, row.attempt, row.study, row.collection)


def order_of(session: Session, attempt: Attempt, folder: Path, most_bytes: int) -> tuple[Order, int, bool]:
    """What is to be read, how many buckets have been kept before, and whether it is only to be tried."""
    row, into = session.get_one(Import, attempt.id), session.get_one(Collection, attempt.collection)
    order = Order(
        path=folder / "file",
        kind=row.kind,
        plan=ImportPlan.model_validate(row.plan),
        items=published_items(session, into.instrument, into.number),
        id=row.id,
        study=into.study,
        collection=into.id,
        instrument=into.instrument,
        number=into.number,
        closed_at=into.closed_at,
        most_bytes=most_bytes,
        is_sqlite=not is_postgres(session),
    )
    return order, row.buckets_done, row.dry_run


def note_found(session: Session, attempt: Attempt, found: dict[str, Any]) -> None:
    """Keep what the file holds. Raises ImportOvertaken."""
    row = store.find_attempt(session, attempt.id, attempt.name)
    if row is None:
        raise ImportOvertaken
    row.found = found
    session.add(row)


def note_foreseen(session: Session, attempt: Attempt, outcomes: Counter[str]) -> None:
    """Keep what would become of the rows. Raises ImportOvertaken."""
    row = store.find_attempt(session, attempt.id, attempt.name)
    if row is None:
        raise ImportOvertaken
    row.outcomes = dict(outcomes)
    session.add(row)


def finish(session: Session, attempt: Attempt) -> None:
    """Say that all rows are kept, and delete the file. Raises ImportOvertaken."""
    row = store.find_attempt(session, attempt.id, attempt.name)
    if row is None:
        raise ImportOvertaken
    row.ended_at, row.has_file = now(), False
    session.add(row)
    store.delete_file(session, attempt.id)


def clear_up(session: Session, attempt: Attempt, *, only_if_over: bool = False) -> None:
    """Delete the file of an import that will not go on."""
    row = store.find_attempt(session, attempt.id, attempt.name)
    if row is None or (only_if_over and not store.is_stopped(session, row)):
        return
    row.has_file = False
    session.add(row)
    store.delete_file(session, attempt.id)


class _Run:
    """One attempt, as it follows what the reader says."""

    def __init__(self, task: Task, attempt: Attempt, *, dry_run: bool) -> None:
        self._task, self._attempt, self._dry_run = task, attempt, dry_run
        self._say = task.paced_progress()
        self._rows = self._kept = 0
        self._foreseen: Counter[str] = Counter()

    def follow(self, said: Iterator[tuple[Any, ...]]) -> None:
        """Until the reader has said all. Raises what `run_import` does."""
        database, attempt = self._task.database, self._attempt
        for kind, *words in said:
            match kind:
                case "rows":
                    self._rows = max(words)
                    self._say(self._kept, self._rows, "reading rows")
                case "unreadable":
                    raise FileUnreadable(words[0])
                case "unfit":
                    raise ColumnsUnfit("; ".join(words[0])[:500])
                case "broken":
                    raise InternalError(f"the reader of the file failed: {words[0]}")
                case "found":
                    database.write_blocking(note_found, attempt, words[0])
                case "bucket":
                    self._take(*words)
        if self._dry_run:
            database.write_blocking(note_foreseen, attempt, self._foreseen)

    def _take(self, number: int, bucket: Bucket | None) -> None:
        if not self._dry_run:
            self._task.database.write_blocking(keep_rows, self._attempt, number, bucket)
        elif bucket is not None:
            self._foreseen += self._task.database.read_blocking(foresee, bucket)
        self._kept += 0 if bucket is None else bucket.count
        self._say(self._kept, max(self._rows, self._kept), "keeping responses")


def _fetch_file(database: Database, id: str, path: Path) -> None:
    with path.open("wb") as file:
        number = 0
        while (piece := database.read_blocking(store.read_piece, id, number)) is not None:
            file.write(piece)
            number += 1


@contextmanager
def _reader(order: Order, key: bytes, first: int) -> Iterator[Iterator[tuple[Any, ...]]]:
    """A process that reads the file, and what it says. It is stopped at the end, whatever happens."""
    command = [sys.executable, "-m", "assent_survey.formats"]
    frugal = {**os.environ, "MALLOC_ARENA_MAX": "2"}  # glibc keeps memory for each thread
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, cwd=order.path.parent, env=frugal) as process:  # noqa: S603
        assert process.stdin is not None
        assert process.stdout is not None
        listener = _Listener(process.stdout)
        try:
            with suppress(BrokenPipeError), process.stdin as order_to:
                pickle.dump((order, key, first), order_to)
            listener.start()
            yield listener.heard()
            if process.wait() != 0:
                raise FileUnreadable(BROKEN_OFF)
        finally:
            process.kill()
            listener.stop()


class _Listener(threading.Thread):
    """Hears one thing ahead, so that the reader works while rows are kept."""

    def __init__(self, stream: IO[bytes]) -> None:
        super().__init__(name="import", daemon=True)
        self._stream = stream
        self._heard: queue.Queue[tuple[Any, ...] | None] = queue.Queue(maxsize=1)
        self._stopped = threading.Event()

    def run(self) -> None:
        """Until the reader's output ends."""
        said: tuple[Any, ...] | None = ()
        while said is not None:
            try:
                said = pickle.load(self._stream)  # noqa: S301  # from a process of our own
            except (EOFError, pickle.UnpicklingError, OSError, ValueError):
                said = None
            if not self._put(said):
                return

    def heard(self) -> Iterator[tuple[Any, ...]]:
        """What was said, in its order."""
        while (said := self._heard.get()) is not None:
            yield said

    def stop(self) -> None:
        """Stop hearing; nobody takes what is still said."""
        self._stopped.set()
        if self.is_alive():
            self.join()

    def _put(self, said: tuple[Any, ...] | None) -> bool:
        """Hand it on when the one before was taken; answers whether somebody will."""
        while not self._stopped.is_set():
            with suppress(queue.Full):
                self._heard.put(said, timeout=0.1)
                return True
        return False
