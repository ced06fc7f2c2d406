"""How many durable writes a second the disk takes: no durable commit can be faster, so every other figure is printed beside this one."""

import os
import sys
import tempfile
import time
from pathlib import Path

BLOCK = b"\0" * 4096


def measure(seconds: float = 1.0, folder: str | Path | None = None) -> float:
    """Overwrites of 4 kB made durable by fdatasync, a second, from one writer."""
    with tempfile.TemporaryFile(dir=folder) as file:
        descriptor = file.fileno()
        os.write(descriptor, BLOCK)
        os.fsync(descriptor)
        count, started = 0, time.perf_counter()
        while (elapsed := time.perf_counter() - started) < seconds:
            os.pwrite(descriptor, BLOCK, 0)
            os.fdatasync(descriptor)
            count += 1
        return count / elapsed


if __name__ == "__main__":
    sys.stdout.write(f"fsync: {measure():,.0f} durable 4 kB writes/s from one writer\n")
