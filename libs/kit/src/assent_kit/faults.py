"""Which failures pass by themselves, so that trying again later is the cure, and which come back however often one tries."""

import sqlite3

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from assent_kit.bus import BusUnavailable
from assent_kit.problems import Unavailable

_PASSING_SQLITE = {
    sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PROTOCOL, sqlite3.SQLITE_INTERRUPT, sqlite3.SQLITE_NOMEM,
}  # fmt: skip

_PASSING_SQLSTATES = ("08", "25006", "40", "53", "55P03", "57", "58")
"""Connections, a standby, serialisation and deadlock, resources, locks, shutdown, input and output."""


def passes_by_itself(error: BaseException) -> bool:
    """Whether an error of the database or the bus is about their state and not about what they were asked to do."""
    if isinstance(error, Unavailable | BusUnavailable | PoolTimeout):
        return True
    if not isinstance(error, DBAPIError):
        return False
    if error.connection_invalidated:
        return True
    cause = error.orig
    if isinstance(cause, sqlite3.Error):
        return getattr(cause, "sqlite_errorcode", 0) & 0xFF in _PASSING_SQLITE
    state = getattr(cause, "sqlstate", None)
    if state is None:  # the driver itself gave up: the connection is gone
        return type(error).__name__ in ("OperationalError", "InterfaceError")
    return str(state).startswith(_PASSING_SQLSTATES)
