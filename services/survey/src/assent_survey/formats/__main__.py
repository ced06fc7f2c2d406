"""The process that reads a file of responses: `python -m assent_survey.formats`, an order on its input, coded rows on its output.

A process of its own, because coding keeps one processor busy while the service's own thread writes, and because a file that leads a
library astray must not take the service with it. What it says is a row of pickled tuples, of which the first word tells the kind.
"""

import pickle
import resource
import sys
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict
from typing import IO, Any

import pyarrow as pa

from assent_survey.domain.blind import BlindIndex
from assent_survey.domain.import_plan import column_faults
from assent_survey.formats.drafts import drafted
from assent_survey.formats.face import Unreadable
from assent_survey.formats.reading import MOST_TOLD, Found, Order, Reading, open_file
from assent_survey.formats.spool import Spool

MEMORY = 4 * 1024**3


class Voice:
    """Says things to the service, one at a time. A spool is said on a thread of its own while the next is read."""

    def __init__(self, out: IO[bytes], order: Order, first: int) -> None:
        self._out, self._order, self._first, self._said = out, order, first, 0
        self._one_at_a_time = threading.Lock()
        self._speaker = ThreadPoolExecutor(1)
        self._speaking: Future[None] | None = None

    def say(self, *words: Any) -> None:
        """Say something."""
        with self._one_at_a_time:
            pickle.dump(words, self._out, protocol=pickle.HIGHEST_PROTOCOL)
            self._out.flush()

    def say_spool(self, spool: Spool) -> None:
        """Say the rows of a spool bucket by bucket, once the spool before has been said."""
        self.wait()
        self._speaking = self._speaker.submit(self._say_spool, spool)

    def wait(self) -> None:
        """Until all has been said."""
        if self._speaking is not None:
            self._speaking.result()

    def _say_spool(self, spool: Spool) -> None:
        start, self._said = self._said, self._said + spool.buckets
        for bucket in range(max(0, self._first - start), spool.buckets):
            rows = spool.take(bucket)
            self.say("bucket", start + bucket, None if rows is None else drafted(rows, self._order))
        spool.close()


def main() -> None:
    """Read the order, then say the rows, bucket by bucket, and at last what was found."""
    _, hardest = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY if hardest == resource.RLIM_INFINITY else min(MEMORY, hardest), hardest))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    pa.set_memory_pool(pa.system_memory_pool())  # Arrow's own keeps what it was once given
    order, key, first = pickle.load(sys.stdin.buffer)  # noqa: S301  # from the service itself
    voice = Voice(sys.stdout.buffer, order, first)
    try:
        read(order, BlindIndex(key), voice)
    except Unreadable as why:
        voice.say("unreadable", str(why))
    except MemoryError:
        voice.say("unreadable", "it needs more memory than there is for it")
    except Exception as error:
        voice.say("broken", type(error).__name__)  # what it says may quote cells


def read(order: Order, blind: BlindIndex, voice: Voice) -> None:
    """Say what the file holds; buckets before the voice's first have been kept by an attempt before. Raises Unreadable."""
    file = open_file(order)
    if faults := [fault.message for fault in column_faults(order.plan, list(file.header))]:
        voice.say("unfit", faults)
        return
    reading = Reading(order, blind)
    for spool in reading.read(file, lambda rows: voice.say("rows", rows, file.rows)):
        voice.say_spool(spool)
    voice.wait()
    voice.say("found", told(reading.found))


def told(found: Found) -> dict[str, Any]:
    """What was found, as plain data. No answer is in it."""
    return {
        "rows": found.rows,
        "blank": found.blank,
        "rejected": found.rejected,
        "rejected_rows": [asdict(each) for each in found.rejected_rows],
        "with_problems": found.with_problems,
        "problems": [{"item": item, "why": why, "rows": count} for (item, why), count in sorted(found.problems.items())],
        "columns_not_read": list(found.unread[:MOST_TOLD]),
    }


if __name__ == "__main__":
    main()
