"""Statements about many rows that stay one short statement, whatever their number.

psycopg reads the text of a statement with hundreds of parameters for tens of milliseconds; an array or a JSON object is one parameter.
Very many rows are loaded past SQLAlchemy, which looks at each value.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import reduce
from itertools import islice, repeat
from typing import Any

import orjson
from sqlalchemy import ARRAY, Column, ColumnElement, Table, any_, bindparam
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.exc import IntegrityError
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


Question = tuple[str, tuple[Any, ...]]
"""A statement in the driver's own words, and what is bound to it."""


def rows_where_among(session: Session, wanted: str, table: str, column: str, values: Collection[str]) -> Sequence[Any]:
    """`SELECT wanted FROM table` of the rows whose `column` is one of these texts, for many thousands. Names are the caller's own."""
    if not values:
        return []
    return session.connection().exec_driver_sql(*where_among(session, wanted, table, column, values)).all()


def where_among(session: Session, wanted: str, table: str, column: str, values: Collection[str]) -> Question:
    """The question that `rows_where_among` asks. Texts go as one of JSON: as an array, the driver looks at each."""
    if is_postgres(session):
        among_them = "= ANY(ARRAY(SELECT json_array_elements_text(%s::json)))"
    else:
        among_them = "IN (SELECT value FROM json_each(?))"
    return f"SELECT {wanted} FROM {table} WHERE {column} {among_them}", (orjson.dumps(list(values)).decode(),)  # noqa: S608  # ours


def ask_together(session: Session, *questions: Question) -> list[list[tuple[Any, ...]]]:
    """The rows that each question finds. They are answered in their order; PostgreSQL gets all of them in one journey."""
    connection = session.connection()
    if not is_postgres(session):
        return [[tuple(row) for row in connection.exec_driver_sql(*question)] for question in questions]
    driver: Any = connection.connection.driver_connection
    with driver.pipeline():
        cursors = [driver.execute(*question) for question in questions]
    return [cursor.fetchall() if cursor.description else [] for cursor in cursors]


def load(session: Session, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert very many rows: COPY on PostgreSQL, one prepared statement on SQLite. JSON is text, moments are `kept_moment`s.

    Whole numbers are for columns of four bytes: COPY is binary, because bytes as text would be twice as long and read digit by digit.
    """
    names = ", ".join(columns)
    if not is_postgres(session):
        marks = ", ".join("?" * len(columns))
        if given := list(rows):
            session.connection().exec_driver_sql(f"INSERT INTO {table} ({names}) VALUES ({marks})", given)  # noqa: S608
        return
    from psycopg.types.numeric import Int4  # SQLite needs no driver of PostgreSQL's

    driver: Any = session.connection().connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f"COPY {table} ({names}) FROM STDIN (FORMAT BINARY)") as copy:
        for row in rows:
            copy.write_row([Int4(value) if type(value) is int else value for value in row])


def load_columns(session: Session, table: str, columns: "Mapping[str, Sequence[Any] | repeat[Any]]") -> None:
    """The same, column by column: sequences of one length, and `repeat(value)` for what all rows share. Takes no bytes.

    For the largest loads: rows are put together without a step of Python for each, and PostgreSQL gets whole blocks of text.
    """
    names = ", ".join(columns)
    driver: Any = session.connection().connection.driver_connection
    if not is_postgres(session):
        values = ", ".join(_literal(next(each)) if isinstance(each, repeat) else "?" for each in columns.values())
        varying = zip(*(each for each in columns.values() if not isinstance(each, repeat)), strict=True)
        driver.executemany(f"INSERT INTO {table} ({names}) VALUES ({values})", varying)  # noqa: S608
        return
    lines = map("\t".join, zip(*map(_copied, columns.values()), strict=False))
    with driver.cursor() as cursor, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
        for block in _blocks(lines):
            copy.write(block)


def load_unless_there(session: Session, load: Callable[[], None]) -> bool:
    """Load rows, and answer True; or load none of them and answer False, where a key of one is there already."""
    dialect: Any = session.get_bind().dialect
    try:
        with session.begin_nested():
            load()
    except (IntegrityError, dialect.loaded_dbapi.IntegrityError):  # the driver's own, where it was called past SQLAlchemy
        return False
    return True


def load_lines(session: Session, table: str, columns: Sequence[str], lines: bytes) -> None:
    """Insert rows that are put together already, as lines of PostgreSQL's COPY."""
    driver: Any = session.connection().connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
        copy.write(lines)


@dataclass(frozen=True, slots=True)
class Packed:
    """A column of texts as one text, in bytes of UTF-8: each of one `width`, or each with a place among `places`.

    A place is where it begins, counted from 1, in `START_DIGITS` digits, and its length in `LENGTH_DIGITS`. An empty text is no value.
    """

    text: bytes
    width: int = 0
    places: bytes = b""


START_DIGITS, LENGTH_DIGITS = 10, 8


def load_packed(session: Session, table: str, columns: "Mapping[str, Packed | repeat[Any]]", count: int) -> None:
    """Insert so many rows into SQLite by one statement that cuts them out of packed columns, without a step of Python for any.

    Whatever differs from load to load is bound: the driver keeps statements by their text, each with the megabytes bound to it.
    """
    bound: list[Any] = [count]
    values = ", ".join(_bind(next(each), bound) if isinstance(each, repeat) else _cut(each, bound) for each in columns.values())
    rows = "WITH RECURSIVE row(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM row WHERE n < ?1 - 1)"
    statement = f"{rows} INSERT INTO {table} ({', '.join(columns)}) SELECT {values} FROM row"  # noqa: S608  # names of ours
    session.connection().exec_driver_sql(statement, tuple(bound))


def _bind(value: Any, bound: list[Any]) -> str:
    bound.append(value)
    return f"?{len(bound)}"


def _cut(column: Packed, bound: list[Any]) -> str:
    """What cuts the n-th text out; in bytes, because to count characters SQLite would go through all before."""
    text = _bind(column.text, bound)
    if column.width:
        start, length = f"n * {column.width} + 1", str(column.width)
    else:
        places, place = _bind(column.places, bound), START_DIGITS + LENGTH_DIGITS
        start = f"CAST(substr({places}, n * {place} + 1, {START_DIGITS}) AS INTEGER)"
        length = f"CAST(substr({places}, n * {place} + {START_DIGITS + 1}, {LENGTH_DIGITS}) AS INTEGER)"
    return f"nullif(CAST(substr({text}, {start}, {length}) AS TEXT), '')"


def _literal(value: str | float | None) -> str:
    """A value as it stands in a statement: to bind it to each of very many rows would cost more."""
    match value:
        case None:
            return "NULL"
        case str():
            return "'" + value.replace("'", "''") + "'"
        case _:
            return repr(value + 0)  # a truth value as a number


_LINES = 500  # of a block: the server reads one while the next is put together
_ESCAPES = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"}


def _blocks(lines: Iterator[str]) -> Iterator[str]:
    while some := list(islice(lines, _LINES)):
        yield "\n".join([*some, ""])


def _copied(column: "Sequence[Any] | repeat[Any]") -> Iterable[str]:
    """A column as COPY reads it. Texts are looked at all at once, because hardly any needs an escape."""
    if isinstance(column, repeat):
        return repeat(_word(next(column)))
    try:
        text = "".join(column)
    except TypeError:  # not texts, or not all of them
        return map(_word, column)
    return map(_word, column) if any(mark in text for mark in _ESCAPES) else column


def _word(value: Any) -> str:
    match value:
        case None:
            return "\\N"
        case str():
            return reduce(lambda text, mark: text.replace(mark, _ESCAPES[mark]), _ESCAPES, value)
        case datetime():
            return value.isoformat()
        case _:
            return str(value)


def kept_moment(session: Session, moment: datetime) -> Any:
    """A moment as the driver of the session's database takes it, past SQLAlchemy."""
    return moment if is_postgres(session) else moment.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")
