"""Coded rows as the new responses that most of them become: with an id, a respondent's token, and in the form in which the database
takes in many rows at once.

Everything is made here, so that whoever keeps the rows has only to hand them over. Which rows are new, and who has a token already, is
the service's to find out (keep_rows).
"""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from assent_kit.identifiers import new_ids
from assent_kit.tables import now
from assent_survey.formats.bucket import RESPONSE_DRAFT, SHARED, Bucket, Drafts, Row, Span
from assent_survey.formats.coded_columns import Strings, concat
from assent_survey.formats.reading import Order

_LEFT_PADDED: Any = pc.utf8_lpad
_REPLACED: Any = pc.replace_substring


def bucket_of(rows: pa.Table, order: Order, number: int) -> Bucket:
    """The rows, and drafts of them. Ids are in the order of the file, tokens in that of the rows."""
    rows = rows.combine_chunks()
    ids, tokens = _ids_of(rows), pa.array(new_ids("rsd", rows.num_rows))
    arrivals = concat(f"dlv{order.id[3:]}", _LEFT_PADDED(rows.column("row").cast(pa.string()), 9, "0"))
    for name, column in (("id", ids), ("token", tokens), ("arrival", arrivals)):
        rows = rows.append_column(name, column)
    rows = rows.select(list(Row._fields)).combine_chunks()
    columns = dict(zip(rows.column_names, (_whole(column) for column in rows.columns), strict=True))
    return Bucket(
        count=rows.num_rows,
        distinct=all(pc.count_distinct(columns[name]).as_py() == rows.num_rows for name in ("response", "respondent")),
        largest=pc.max(pc.binary_length(columns["content"])).as_py(),
        ids=_span(columns["id"]),
        responses=_span(columns["response"]),
        respondents=_span(columns["respondent"]),
        packed=_packed(rows),
        drafts=_drafts(columns, order, number),
    )


def _ids_of(rows: pa.Table) -> Strings:
    places: Any = pa.array(np.argsort(np.argsort(rows.column("row").to_numpy())))
    return pa.array(new_ids("rsp", rows.num_rows)).take(places)


def _whole(column: Any) -> Any:
    (chunk,) = column.chunks
    return chunk


def _span(texts: Any) -> Span:
    found: Any = pc.min_max(texts).as_py()
    return Span(found["min"], found["max"])


def _packed(rows: pa.Table) -> bytes:
    out = pa.BufferOutputStream()
    with pa.ipc.new_stream(out, rows.schema) as writer:
        writer.write_table(rows)
    return out.getvalue().to_pybytes()


def _drafts(rows: Mapping[str, Any], order: Order, number: int) -> Drafts:
    at = now()
    named = {"respondent": "token", "respondent_index": "respondent", "response_index": "response", "complete": "finished"}
    columns = {name: rows[named.get(name, name)] for name in RESPONSE_DRAFT}
    if order.is_sqlite:
        file = order.path.parent / f"drafts-{number}"
        _write_file(file, columns)
        return Drafts(at, {}, file)
    respondents = _lines(columns["respondent"], columns["respondent_index"], order.study, order.collection)
    shared = {"study": order.study, "collection": order.collection, "version": "1", "test": "f"}
    shared |= dict.fromkeys(("received_at", "changed_at"), at.isoformat())
    responses = _lines(*(_copied(column) for column in columns.values()), *(shared[name] for name in SHARED))
    return Drafts(at, {"respondent": respondents, "response": responses}, None)


def _copied(column: Any) -> Strings:
    """A column as PostgreSQL's COPY reads it. Of texts only JSON can hold a sign that needs an escape, and only a backslash."""
    if pa.types.is_string(column.type):
        return _REPLACED(column, "\\", "\\\\")
    return pc.fill_null(column.cast(pa.string()), "\\N")


def _lines(*columns: Strings | str) -> bytes:
    cells: list[Any] = []
    for column in columns:
        cells += [column, "\t"]
    lines = concat(*cells[:-1], "\n")
    _, offsets, text = lines.buffers()
    start, *_, end = np.frombuffer(offsets, np.int32)[lines.offset : lines.offset + len(lines) + 1].tolist()
    return bytes(text.slice(start, end - start))


def _write_file(path: Path, columns: Mapping[str, Any]) -> None:
    """A file that is read once, so nothing of it need be safe."""
    names, marks = ", ".join(columns), ", ".join("?" * len(columns))
    with closing(sqlite3.connect(path, isolation_level=None)) as file:
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "locking_mode=EXCLUSIVE"):
            file.execute(f"PRAGMA {pragma}")
        file.execute(f"CREATE TABLE draft ({names})")
        file.execute("BEGIN")
        file.executemany(
            f"INSERT INTO draft VALUES ({marks})",  # noqa: S608  # marks
            zip(*(column.to_pylist() for column in columns.values()), strict=True),
        )
        file.execute("COMMIT")
