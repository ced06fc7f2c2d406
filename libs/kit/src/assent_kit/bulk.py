"""Statements about many rows that stay one short statement, whatever their number.

psycopg reads the text of a statement with hundreds of parameters for tens of milliseconds; an array or a JSON object is one parameter.
"""

from collections.abc import Collection
from typing import Any

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
