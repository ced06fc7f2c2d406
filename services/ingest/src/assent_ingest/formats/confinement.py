"""What the worker takes from itself before it reads: memory, processor time, files, core dumps and the network.

A filter in the kernel (seccomp) refuses every new socket, without privileges and in any container; where there is no such filter,
the pod's network policy stands alone. This is against parsers that are led astray, not a jail for code that has been taken over.
"""

import ctypes
import platform
import resource
import struct
import sys

MEMORY = 1536 * 1024 * 1024
PROCESSOR_SECONDS = 60
OPEN_FILES = 64
WRITTEN_BYTES = 64 * 1024

_LIMITS = (
    (resource.RLIMIT_AS, MEMORY),
    (resource.RLIMIT_CPU, PROCESSOR_SECONDS),
    (resource.RLIMIT_FSIZE, WRITTEN_BYTES),
    (resource.RLIMIT_CORE, 0),
    (resource.RLIMIT_NOFILE, OPEN_FILES),
)

# From the kernel's headers: the machine as the audit subsystem names it, and its numbers of socket, socketpair and io_uring_setup.
_MACHINES = {"x86_64": (0xC000003E, (41, 53, 425)), "aarch64": (0xC00000B7, (198, 199, 425))}
_LOAD, _EQUAL, _RETURN = 0x20, 0x15, 0x06
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000 | 13  # 13 is EACCES
_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _FILTER_MODE = 38, 22, 2


def confine() -> None:
    """Set every limit for this process; they cannot be raised again. Elsewhere than on Linux some may not exist."""
    for limit, value in _LIMITS:
        _, hardest = resource.getrlimit(limit)
        bound = value if hardest == resource.RLIM_INFINITY else min(value, hardest)
        try:
            resource.setrlimit(limit, (bound, bound))
        except (ValueError, OSError):
            if sys.platform == "linux":
                raise
    refuse_sockets()


def refuse_sockets() -> bool:
    """Have the kernel refuse new sockets from now on. False where it cannot."""
    if sys.platform != "linux" or platform.machine() not in _MACHINES:
        return False
    machine, calls = _MACHINES[platform.machine()]
    steps = [(_LOAD, 0, 0, 4), (_EQUAL, 0, len(calls) + 1, machine), (_LOAD, 0, 0, 0)]
    steps += [(_EQUAL, len(calls) - number, 0, call) for number, call in enumerate(calls)]
    steps += [(_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _REFUSE)]
    program = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
    header = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(steps), ctypes.addressof(program)))
    kernel = ctypes.CDLL(None)
    kernel.prctl.argtypes = [ctypes.c_int, *[ctypes.c_ulong] * 4]
    if kernel.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        return False
    return bool(kernel.prctl(_PR_SET_SECCOMP, _FILTER_MODE, ctypes.addressof(header), 0, 0) == 0)
