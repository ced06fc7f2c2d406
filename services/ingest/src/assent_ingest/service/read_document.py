"""Read one document in a process of its own, which is killed when it takes too long.

A parser of foreign files may hang, exhaust memory or crash: it then takes its process with it and nothing else. The other side is
`assent_ingest.formats`; what each document may cost is set there.
"""

import json
import logging
import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from typing import IO, Any

from assent_ingest.domain.reading import Reading, Unreadable
from assent_ingest.domain.text import Block

logger = logging.getLogger(__name__)

# -I: neither the working directory nor the environment decides what the worker imports.
WORKER = (sys.executable, "-I", "-m", "assent_ingest.formats")
# Twenty million characters, twice, escaped, with their places.
LARGEST_ANSWER = 512 * 1024 * 1024
_STOPPED_BY = {
    -signal.SIGXCPU: "Reading the file takes more processor time than a document may have.",
    -signal.SIGKILL: "Reading the file takes more memory or processor time than a document may have.",
    -signal.SIGABRT: "Reading the file takes more memory than a document may have.",
}


def read_document(content: bytes, *, seconds: float, worker: tuple[str, ...] = WORKER) -> Reading:
    """What is in a file. Blocks for at most about `seconds`.

    Raises Unreadable for whatever is wrong with the file, and OSError where no worker can be started.
    """
    process = subprocess.Popen(  # noqa: S603 - our own module; the file goes in as bytes
        worker, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True
    )
    assert process.stdin is not None
    assert process.stdout is not None
    late = threading.Event()
    watch = threading.Timer(seconds, _stop, [process, late])
    feeder = threading.Thread(target=_feed, args=[process.stdin, content], daemon=True)
    watch.start()
    feeder.start()
    with process.stdout as channel:
        answer = channel.read(LARGEST_ANSWER + 1)
    watch.cancel()
    if len(answer) > LARGEST_ANSWER:
        _stop(process, late)
    code = process.wait()
    feeder.join()
    if late.is_set():
        raise Unreadable("timed_out", f"Reading the file takes longer than {seconds:g} seconds.")
    return _reading(answer, code)


def _feed(channel: IO[bytes], content: bytes) -> None:
    """Hand the file over; a worker that died no longer listens."""
    with suppress(OSError), channel:
        channel.write(content)


def _stop(process: "subprocess.Popen[bytes]", late: threading.Event) -> None:
    """Kill the worker and whatever it may have started."""
    late.set()
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def _reading(answer: bytes, code: int) -> Reading:
    """The worker's answer, or what its end says about the file."""
    if not answer:
        raise OSError(f"the worker that reads documents does not start (exit code {code})")
    if code:
        logger.warning("a reader failed", extra={"exit_code": code})
    if code in _STOPPED_BY:
        raise Unreadable("limit_hit", _STOPPED_BY[code])
    if code:
        raise Unreadable("damaged", "The file makes its reader fail.")
    found: dict[str, Any] = json.loads(answer)
    if "refusal" in found:
        raise Unreadable(found["refusal"], found["why"])
    found["blocks"] = tuple(Block(**block) for block in found["blocks"])
    found["unread_pages"] = tuple(found["unread_pages"])
    return Reading(**found)
