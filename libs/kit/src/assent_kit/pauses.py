"""Trying again, a little later each time, for as long as it takes: for what passes by itself."""

import logging
import threading
from collections.abc import Callable
from typing import TypeVar

from assent_kit.faults import passes_by_itself

T = TypeVar("T")
logger = logging.getLogger(__name__)

FIRST = 0.1
LONGEST = 5.0


class Pauses:
    """Retries work until it is done or `stop` is set."""

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop

    def until_done(self, work: Callable[[], T]) -> T | None:
        """What the work returns, or None when told to stop first. Raises what does not pass by itself."""
        pause = FIRST
        while not self._stop.is_set():
            try:
                return work()
            except Exception as error:
                if not passes_by_itself(error):
                    raise
                logger.warning("trying again", extra={"error": type(error).__name__, "pause": pause})
            self._stop.wait(pause)
            pause = min(2 * pause, LONGEST)
        return None
