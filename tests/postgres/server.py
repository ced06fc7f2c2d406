"""A PostgreSQL server for the tests, in a temporary folder on a free port of the loopback.

`ASSENT_TEST_POSTGRES_URL=postgresql+psycopg://user:password@host/postgres` uses a server of your own instead; the user must be allowed to
create databases. Without PostgreSQL's programs the tests that need it skip with a reason on a user's machine and fail in CI.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url
from tests.kafka.broker import free_ports
from tests.support import IN_CI

from assent_kit.identifiers import new_id


@contextmanager
def run_postgres() -> Iterator[str]:
    """A server of our own; gives the address of its first database. It refuses to run as root, so root runs it as `postgres`."""
    programs = _programs()
    # Not pytest's folder: the `postgres` user could not enter it.
    with tempfile.TemporaryDirectory(prefix="assent-postgres-") as name:
        folder = Path(name)
        user = "postgres" if os.geteuid() == 0 else None
        if user:
            account = pwd.getpwnam(user)
            os.chown(folder, account.pw_uid, account.pw_gid)
        (port,) = free_ports(1)

        def run(*command: str) -> None:
            subprocess.run(command, check=True, capture_output=True, timeout=60, user=user, cwd=folder)

        data = str(folder / "data")
        run(str(programs / "initdb"), "-D", data, "-U", "assent", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
        options = f"-p {port} -h 127.0.0.1 -k {folder} -c max_connections=200"
        # Without -l it would keep our pipes open for as long as it lives.
        run(str(programs / "pg_ctl"), "start", "-D", data, "-w", "-l", str(folder / "server.log"), "-o", options)
        try:
            yield f"postgresql+psycopg://assent@127.0.0.1:{port}/postgres"
        finally:
            run(str(programs / "pg_ctl"), "stop", "-D", data, "-m", "immediate")


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a server's first database; make your own with `new_database`."""
    if own := os.environ.get("ASSENT_TEST_POSTGRES_URL"):
        yield own
        return
    with run_postgres() as url:
        yield url


@contextmanager
def databases_on(server: str) -> Iterator[Callable[[], str]]:
    """Makes empty databases on a server and gives their addresses; they are dropped at the end."""
    address = make_url(server)
    names: list[str] = []

    def make() -> str:
        names.append(new_id("test").lower())
        _execute(server, f"CREATE DATABASE {names[-1]}")
        return address.set(database=names[-1]).render_as_string(hide_password=False)

    yield make
    for name in names:
        _execute(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def new_database(postgres: str) -> Iterator[Callable[[], str]]:
    """Makes empty databases for one test."""
    with databases_on(postgres) as make:
        yield make


def _execute(url: str, statement: str) -> None:
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(statement)  # type: ignore[call-overload]


def _programs() -> Path:
    """The folder of PostgreSQL's own programs."""
    if found := shutil.which("initdb"):
        return Path(found).parent
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if not folders:
        (pytest.fail if IN_CI else pytest.skip)("there is no PostgreSQL server on this machine")
    return folders[-1].parent
