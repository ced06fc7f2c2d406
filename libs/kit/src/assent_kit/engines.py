"""Database engines as this project needs them: one for writing, one for reading.

As shipped, SQLite's driver opens and commits transactions by itself, and each RELEASE of a savepoint commits. So the driver is told to
leave transactions alone and BEGIN is sent here: IMMEDIATE for the writer, which then never fails half-way with "database is locked".
"""

import time
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DisconnectionError

LONGEST_WAIT = 5.0  # seconds to connect, or to wait for a lock
WRITER_CACHE = 32 * 1024  # KiB of pages that SQLite's writer keeps
IDLE = 1.0  # seconds after which a connection may have been lost unnoticed
READERS = 40  # as many as the thread pool of the web framework has threads


def write_engine(url: str, *, lanes: int) -> Engine:
    """An engine with one connection per lane."""
    if _is_sqlite(url):
        engine = _sqlite_engine(url, begin="BEGIN IMMEDIATE", pool_size=lanes)
        # SQLite's 2 MB would be read and spilled again and again by thousands of rows whose index is in no order.
        event.listen(engine, "connect", lambda connection, _: connection.execute(f"PRAGMA cache_size=-{WRITER_CACHE}"))
        return engine
    engine = create_engine(url, pool_size=lanes, max_overflow=1, hide_parameters=True, connect_args=_postgres_arguments())
    _ask_when_idle(engine)
    return engine


def read_engine(url: str) -> Engine:
    """An engine whose transactions cannot write, and see one moment from their first statement to their last."""
    if _is_sqlite(url):
        engine = _sqlite_engine(url, begin="BEGIN", pool_size=READERS)
        event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA query_only=ON"))
        return engine
    return create_engine(
        url,
        pool_size=8,
        max_overflow=READERS - 8,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args=_postgres_arguments(),
        isolation_level="REPEATABLE READ",
        execution_options={"postgresql_readonly": True},
    )


def _ask_when_idle(engine: Engine) -> None:
    """Ask the server whether a connection still stands, but not between transactions that follow each other: it is a journey for each.

    `pool_pre_ping` asks always. A connection that is lost in between fails its transaction, as one that is lost within it.
    """

    @event.listens_for(engine, "checkin")
    def _note(_connection: Any, record: Any) -> None:
        record.info["used_at"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def _ask(connection: Any, record: Any, _proxy: Any) -> None:
        now = time.monotonic()
        if now - record.info.get("used_at", now) < IDLE:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise DisconnectionError from error  # the pool then connects anew


def _is_sqlite(url: str) -> bool:
    return make_url(url).get_backend_name() == "sqlite"


def _postgres_arguments() -> dict[str, Any]:
    # A plan is made for each execution: one kept from when a table was empty would read all of it ever after, until it is analysed.
    settings = {"lock_timeout": int(LONGEST_WAIT * 1000), "plan_cache_mode": "force_custom_plan"}
    return {"connect_timeout": int(LONGEST_WAIT), "options": " ".join(f"-c {name}={value}" for name, value in settings.items())}


def _sqlite_engine(url: str, *, begin: str, pool_size: int) -> Engine:
    arguments = {"isolation_level": None, "check_same_thread": False, "timeout": LONGEST_WAIT}
    engine = create_engine(url, pool_size=pool_size, max_overflow=0, hide_parameters=True, connect_args=arguments)

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:
        # FULL, because NORMAL loses acknowledged rows when the power fails; secure_delete, because an erased row must leave the file.
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine
