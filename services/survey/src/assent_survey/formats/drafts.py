"""Coded rows as the new responses that most of them become: with an id, a respondent's token, and in the form in which the database
takes in many rows at once.

Everything is made here, so that whoever keeps the rows has only to hand them over. Which rows are new, and who has a token already, is
the service's to find out (keep_rows).
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from assent_kit.bulk import LENGTH_DIGITS, START_DIGITS, Packed
from assent_kit.identifiers import new_ids
from assent_kit.tables import now
from assent_survey.formats.bucket import RESPONSE_DRAFT, SHARED, Bucket, Drafts, Row, Span
from assent_survey.formats.coded_columns import Strings, concat
from assent_survey.formats.reading import Order

_LEFT_PADDED: Any = pc.utf8_lpad
_REPLACED: Any = pc.replace_substring


def drafted(rows: pa.Table, order: Order) -> Bucket:
    """The rows, and drafts of them. Ids are in the order of the file, tokens in that of the rows."""
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
        drafts=_drafts(columns, order),
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


def _drafts(rows: Mapping[str, Any], order: Order) -> Drafts:
    at = now()
    named = {"respondent": "token", "respondent_index": "respondent", "response_index": "response", "complete": "finished"}
    columns = {name: _text(rows[named.get(name, name)]) for name in RESPONSE_DRAFT}
    if order.is_sqlite:
        return Drafts(
            at, {}, {name: column if isinstance(column, str | None) else pack(column) for name, column in columns.items()}
        )
    respondents = _lines(columns["respondent"], columns["respondent_index"], order.study, order.collection)
    shared = {"study": order.study, "collection": order.collection, "version": "1", "test": "0"}
    shared |= dict.fromkeys(("received_at", "changed_at"), at.isoformat())
    responses = _lines(*(_copied(column) for column in columns.values()), *(shared[name] for name in SHARED))
    return Drafts(at, {"respondent": respondents, "response": responses}, {})


def _text(column: Any) -> Strings | str | None:
    """A column as texts; as one text where all of several are alike, or None where there is none."""
    if pa.types.is_boolean(column.type):
        column = column.cast(pa.int8())
    if column.null_count == len(column):
        return None
    text = column.cast(pa.string())
    first = text[0]
    is_shared = len(text) > 1 and text.null_count == 0 and pc.all(pc.equal(text, first)).as_py()
    return str(first) if is_shared else text


def _copied(column: Strings | str | None) -> Strings | str:
    """A column as PostgreSQL's COPY reads it. Only JSON can hold a sign that needs an escape, and only a backslash."""
    if column is None:
        return "\\N"
    if isinstance(column, str):
        return column.replace("\\", "\\\\")
    return pc.fill_null(_REPLACED(column, "\\", "\\\\"), "\\N")


def _lines(*columns: Strings | str) -> bytes:
    cells: list[Any] = []
    for column in columns:
        cells += [column, "\t"]
    return _buffer(concat(*cells[:-1], "\n"))[1]


def pack(texts: Strings) -> Packed:
    """Texts one after the other, and where each is unless all are of one width."""
    offsets, text = _buffer(pc.fill_null(texts, ""))
    starts, lengths = offsets[:-1] - offsets[0] + 1, np.diff(offsets)
    if lengths.min() == lengths.max() > 0:
        return Packed(text, width=int(lengths[0]))
    digits = zip((starts, lengths), (START_DIGITS, LENGTH_DIGITS), strict=True)
    padded = [_LEFT_PADDED(pa.array(numbers).cast(pa.string()), width, "0") for numbers, width in digits]
    return Packed(text, places=_buffer(concat(*padded))[1])


def _buffer(texts: Strings) -> tuple[npt.NDArray[np.int32], bytes]:
    """Where each text begins and the last ends, and all of them, as Arrow keeps them: one after the other."""
    _, places, text = texts.buffers()
    offsets = np.frombuffer(places, np.int32)[texts.offset : texts.offset + len(texts) + 1]
    return offsets, bytes(memoryview(text)[offsets[0] : offsets[-1]])
