"""The worker: reads one document from standard input and writes what it found to standard output as JSON, under limits.

The parent keeps the wall clock and kills the whole process group; processor time, memory, files and the network are limited here,
before the first byte is read. See `service/read_document.py` for the other side.
"""

import importlib
import json
import os
import sys
from dataclasses import asdict
from typing import Any, BinaryIO

from assent_ingest.domain.reading import MAXIMUM_BYTES, Reading, Unreadable
from assent_ingest.formats.confinement import confine
from assent_ingest.formats.sniff import recognise

# Sent first, so that a worker that cannot even start is not taken for a bad file. JSON allows it before a value.
READY = b"\n"


def answer(data: bytes) -> dict[str, Any]:
    """What became of the document: the fields of a `Reading`, or `{refusal, why}`."""
    try:
        if len(data) > MAXIMUM_BYTES:
            raise Unreadable("too_large", "The file is too large.")
        reader = importlib.import_module(f"assent_ingest.formats.{recognise(data)}")
        reading: Reading = reader.read(data)
        return asdict(reading)
    except Unreadable as unreadable:
        return {"refusal": unreadable.refusal, "why": unreadable.why}
    except MemoryError:
        return {"refusal": "limit_hit", "why": "Reading the file takes more memory than a document may have."}


def main(source: BinaryIO, target: BinaryIO) -> None:
    """Read, answer, stop."""
    target.write(json.dumps(answer(source.read())).encode("ascii"))
    target.flush()


if __name__ == "__main__":
    # Libraries that print must not spoil the answer, and what they print may be a document's words.
    channel = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, sys.stdout.fileno())
    os.dup2(silence, sys.stderr.fileno())
    confine()
    channel.write(READY)
    channel.flush()
    main(sys.stdin.buffer, channel)
