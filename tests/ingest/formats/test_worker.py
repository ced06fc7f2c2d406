"""The worker process: its limits hold, its network is closed, and whatever becomes of it is said of the file."""

import subprocess
import sys

import pytest
from tests.ingest.makers import pdf
from tests.support import shared

from assent_ingest.domain.reading import Unreadable
from assent_ingest.service.read_document import read_document

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the limits of a process are Linux's here")


def worker(program: str) -> tuple[str, ...]:
    """A worker that is confined as ours is and then runs a program instead of reading."""
    confined = "from assent_ingest.formats.confinement import confine; confine(); print(flush=True)\n"
    return (sys.executable, "-I", "-c", confined + program)


def refusal(content: bytes, *, program: str, seconds: float = 60) -> str:
    """What the file is refused for."""
    with pytest.raises(Unreadable) as refused:
        read_document(content, seconds=seconds, worker=worker(program))
    return refused.value.refusal


def test_a_worker_that_hangs_is_killed_with_its_children() -> None:
    children = "import os, time\nos.fork()\ntime.sleep(600)"
    assert refusal(b"x", program=children, seconds=1) == "timed_out"


def test_a_worker_that_takes_too_much_memory_dies_alone() -> None:
    assert refusal(b"x", program="import ctypes, os\ntry:\n bytearray(2 << 30)\nexcept MemoryError:\n os.abort()") == "limit_hit"


def test_processor_time_is_limited() -> None:
    limits = "import resource\nassert resource.getrlimit(resource.RLIMIT_CPU) == (60, 60)\n"
    burn = "resource.setrlimit(resource.RLIMIT_CPU, (1, 1))\nwhile True: pass"
    assert refusal(b"x", program=limits + burn) == "limit_hit"


def test_a_worker_that_fails_says_the_file_is_damaged() -> None:
    assert refusal(b"x" * 10_000_000, program="raise SystemExit(3)") == "damaged"


@pytest.mark.parametrize(
    "attempt",
    [
        "import socket; socket.socket()",
        "import socket; socket.create_connection(('127.0.0.1', 9))",
        "open('/dev/shm/assent-worker-test', 'wb').write(bytes(1 << 20))",
        "[open('/dev/null') for _ in range(100)]",
    ],
)  # fmt: skip
def test_what_the_worker_must_not_do_fails(attempt: str) -> None:
    ignore = "import signal\nsignal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
    program = f"{ignore}try:\n {attempt}\nexcept OSError:\n print('refused')"
    ran = subprocess.run(worker(program), capture_output=True, text=True, timeout=60, check=True)
    assert ran.stdout.strip() == "refused", ran.stderr


def test_a_worker_that_cannot_start_is_not_the_files_fault() -> None:
    with pytest.raises(OSError, match="does not start"):
        read_document(b"x", seconds=60, worker=(sys.executable, "-I", "-m", "assent_ingest.nowhere"))


def test_the_worker_answers_for_a_good_file() -> None:
    reading = read_document(pdf("Data save lives."), seconds=60)
    assert (reading.status, reading.pages, [block.text for block in reading.blocks]) == ("ready", 1, ["Data save lives."])
    assert "pypdfium2" in reading.reader


def test_a_file_that_unpacks_to_hundreds_of_megabytes_is_survived() -> None:
    content = shared("documents", "hostile", "synth_flatebomb.pdf").read_bytes()
    assert read_document(content, seconds=100).characters < 100
