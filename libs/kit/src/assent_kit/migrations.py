"""Alembic for a service: its `migrations/env.py` calls `run`, its operators call `upgrade`."""

from collections.abc import Callable
from importlib import resources
from typing import Any

from alembic import command, context
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, MetaData

from assent_kit.engines import write_engine


class SchemaMismatch(RuntimeError):
    """The database is not at the version this code needs."""


def upgrade(url: str, package: str, to: str = "head") -> None:
    """Bring a database to the newest version of the migrations in `package`, which may take locks: run it before a rollout.

    Tests of a migration stop before it, at the version `to`.
    """
    engine = write_engine(url, lanes=1)
    try:
        with engine.connect() as connection:
            configuration = _configuration(package)
            configuration.attributes["connection"] = connection
            with connection.begin():
                command.upgrade(configuration, to)
    finally:
        engine.dispose()


def revise(url: str, package: str, tables: MetaData, message: str) -> None:
    """Write a new migration from the difference between the tables and a database; for developers."""
    engine = write_engine(url, lanes=1)
    try:
        with engine.connect() as connection, connection.begin():
            configuration = _configuration(package)
            configuration.attributes["connection"] = connection
            configuration.attributes["tables"] = tables
            command.revision(configuration, message=message, autogenerate=True)
    finally:
        engine.dispose()


def differences(engine: Engine, tables: MetaData) -> list[Any]:
    """What the tables say and the database does not; for the test that the two agree."""
    with engine.connect() as connection:
        migration = MigrationContext.configure(connection, opts={"compare_type": False, "include_object": _modelled(tables)})
        return list(compare_metadata(migration, tables))


def check(engine: Engine, package: str) -> None:
    """Refuse to run on a database of another version. Raises SchemaMismatch."""
    wanted = ScriptDirectory.from_config(_configuration(package)).get_current_head()
    with engine.connect() as connection:
        present = MigrationContext.configure(connection).get_current_revision()
    if present != wanted:
        raise SchemaMismatch(f"the database is at version {present}, this code needs {wanted}: run `migrate` first")


def run(tables: MetaData) -> None:
    """The body of a service's `migrations/env.py`."""
    connection: Connection = context.config.attributes["connection"]
    context.configure(connection=connection, target_metadata=tables, render_as_batch=True, include_object=_modelled(tables))
    context.run_migrations()


def _modelled(tables: MetaData) -> Callable[..., bool]:
    """Leaves alone what migrations make by hand: tables and indexes whose names begin with one of `tables.info["by_hand"]`."""
    by_hand = tuple(tables.info.get("by_hand", ()))

    def include(_object: object, name: str | None, _kind: str, reflected: bool, _compared: object) -> bool:
        return not (reflected and by_hand and (name or "").startswith(by_hand))

    return include


def _configuration(package: str) -> Config:
    configuration = Config()
    configuration.set_main_option("script_location", str(resources.files(package)))
    return configuration
