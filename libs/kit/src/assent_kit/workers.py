"""Background loops of a service: a unit of work again and again, and a pause when there was nothing to do."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from assent_kit.database import Database

logger = logging.getLogger(__name__)

LONGEST_PAUSE = 30.0  # seconds after repeated failures


@dataclass(frozen=True, slots=True)
class Worker:
    """A named unit of work. `run_once(database, settings)` says whether it did anything; `pause` is in seconds.

    A worker that is `eager` is woken by each commit in its process instead of sleeping its pause out. One that has a `rest`, in seconds,
    takes it after each unit too: in one process it shares the interpreter and the lane with those who answer requests.
    """

    name: str
    run_once: Callable[[Database, Any], bool]
    pause: float
    eager: bool = False
    rest: float = 0.0


class WorkerThread(threading.Thread):
    """Runs one worker until it is told to stop."""

    def __init__(self, worker: Worker, database: Database, settings: Any) -> None:
        super().__init__(name=worker.name, daemon=True)
        self._worker = worker
        self._database = database
        self._settings = settings
        self._wake = threading.Event()
        self._ending = threading.Event()
        if worker.eager:
            database.after_commit(self._wake.set)

    def run(self) -> None:
        """Work, and pause; a failure is logged and tried again after a growing pause."""
        failures = 0
        while not self._ending.is_set():
            self._wake.clear()
            try:
                busy = self._worker.run_once(self._database, self._settings)
                failures = 0
            except Exception:
                failures += 1
                busy = False
                logger.exception("a worker failed", extra={"worker": self._worker.name, "failures": failures})
            if busy:
                self._ending.wait(self._worker.rest)
            else:
                self._wake.wait(min(self._worker.pause * 2**failures, LONGEST_PAUSE) if failures else self._worker.pause)

    def stop(self) -> None:
        """Finish the present unit of work and end."""
        self._ending.set()
        self._wake.set()
