"""Statements about many rows that stay one short statement, whatever their number.

psycopg reads the text of a statement with hundreds of parameters for tens of milliseconds; an array or a JSON object is one parameter.
Very many rows are loaded past SQLAlchemy, which looks at each value.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import ARRAY, Column, ColumnElement, Table, any_, bindparam
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlmodel import Session


def among(session: Session, column: "Column[Any]", values: Collection[Any]) -> ColumnElement[bool]:
    """`column IN values`, for hundreds of values."""
    if is_postgres(session):
        return column == any_(bindparam(None, list(values), type_=ARRAY(column.type), unique=True))
    return column.in_(values)


def upsert(session: Session, table: Table) -> Any:
    """An INSERT that has ON CONFLICT, in the words of the session's database."""
    return postgres_insert(table) if is_postgres(session) else sqlite_insert(table)


def is_postgres(session: Session) -> bool:
    """Whether the session's database is PostgreSQL; else it is SQLite."""
    return session.get_bind().dialect.name == "postgresql"


def rows_where_among(session: Session, wanted: str, table: str, column: str, values: Collection[str]) -> Sequence[Any]:
    """`SELECT wanted FROM table` of the rows whose `column` is one of these texts, for many thousands. Names are the caller's own."""
    if not values:
        return []
    if is_postgres(session):
        statement, given = f"SELECT {wanted} FROM {table} WHERE {column} = ANY(%s)", (list(values),)  # noqa: S608  # names of ours
        return session.connection().exec_driver_sql(statement, given).all()
    statement = f"SELECT {wanted} FROM {table} WHERE {column} IN (SELECT value FROM json_each(?))"  # noqa: S608
    return session.connection().exec_driver_sql(statement, (orjson.dumps(list(values)).decode(),)).all()


def load(session: Session, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert very many rows: COPY on PostgreSQL, one prepared statement on SQLite. JSON is text, moments are `kept_moment`s."""
    names = ", ".join(columns)
    if not is_postgres(session):
        marks = ", ".join("?" * len(columns))
        if given := list(rows):
            session.connection().exec_driver_sql(f"INSERT INTO {table} ({names}) VALUES ({marks})", given)  # noqa: S608
        return
    driver: Any = session.connection().connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def kept_moment(session: Session, moment: datetime) -> Any:
    """A moment as the driver of the session's database takes it, past SQLAlchemy."""
    return moment if is_postgres(session) else moment.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")
