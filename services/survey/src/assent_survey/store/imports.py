"""Imports as rows, their files as pieces, and very many responses looked up and kept at once."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from itertools import repeat
from typing import Any, cast

import orjson
from sqlalchemy import Column, Table, delete, insert
from sqlmodel import Session, col, or_, select

from assent_kit.bulk import (
    Packed,
    is_postgres,
    kept_moment,
    load_columns,
    load_lines,
    load_packed,
    load_unless_there,
    rows_where_among,
)
from assent_kit.jobs.table import OVER
from assent_kit.paging import PageRequest
from assent_survey.formats.bucket import RESPONDENT_DRAFT, RESPONSE_DRAFT, SHARED, Bucket, Span
from assent_survey.store.fieldwork_tables import RespondentToken
from assent_survey.store.import_tables import Import, ImportFile
from assent_survey.store.tables import Collection as Facts
from assent_survey.store.tables import Job, Respondent, Response, Withdrawn
from assent_survey.store.vignette_tables import VignetteAssignment

_PIECES = cast(Table, ImportFile.__table__)
_RESPONSES = cast(Table, Response.__table__)
_RESPONDENTS = cast(Table, Respondent.__table__)
_WITHDRAWN = cast(Table, Withdrawn.__table__)
_TOKENS = cast(Table, RespondentToken.__table__)
_ASSIGNMENTS = cast(Table, VignetteAssignment.__table__)

ASKED = 100  # of a bucket whose rows are likely to be new
_APART = (_WITHDRAWN.c.blind_index, _TOKENS.c.respondent_index, _ASSIGNMENTS.c.respondent_index)

DRAFTED = ("id", "finished", "said", "size", "arrival", "revision", "content", "problems")
"""Columns of a response that are as the reader of a file drafted them."""

STANDING = "response_index, respondent_index, said, complete, revision"


def find_attempt(session: Session, id: str, attempt: str) -> Import | None:
    """The import, locked until this transaction ends, if it is still there and this attempt's to make."""
    found = session.get(Import, id, with_for_update=True)
    return found if found is not None and found.attempt == attempt and found.ended_at is None else None


def list_imports(session: Session, study: str, page: PageRequest, *, collection: str | None) -> Sequence[Import]:
    """A page of imports in the order in which they were asked for."""
    wanted = select(Import).where(Import.study == study)
    if collection is not None:
        wanted = wanted.where(Import.collection == collection)
    if page.after is not None:
        wanted = wanted.where(Import.id > page.after)
    return session.exec(wanted.order_by(Import.id).limit(page.fetch)).all()


def imports_left_over(session: Session, before: datetime) -> Sequence[Import]:
    """Imports that are over and still have their file, and those whose file began to arrive before a moment and never was whole."""
    over = select(Job.id).where(col(Job.state).in_(OVER))
    never_whole = (col(Import.job).is_(None)) & (col(Import.asked_at) < before)
    left = or_(col(Import.job).in_(over), never_whole)
    return session.exec(select(Import).where(Import.has_file, left).limit(20)).all()


def is_stopped(session: Session, row: Import) -> bool:
    """Whether the job of an import was cancelled, or is about to be."""
    job = session.get(Job, row.job)
    return job is None or job.cancelling or job.state in OVER


def add_piece(session: Session, id: str, number: int, content: bytes) -> None:
    """Keep a piece of an import's file."""
    session.connection().execute(insert(_PIECES), {"id": id, "number": number, "content": content})


def read_piece(session: Session, id: str, number: int) -> bytes | None:
    """A piece of an import's file, and None when there is no such piece, or no more."""
    return session.exec(select(ImportFile.content).where(ImportFile.id == id, ImportFile.number == number)).first()


def delete_file(session: Session, id: str) -> None:
    """Delete an import's file."""
    session.connection().execute(delete(_PIECES).where(_PIECES.c.id == id))


def texts_among(session: Session, table: Table, column: str, values: Collection[str], *, where: str = "") -> set[str]:
    """Which of very many texts a column holds; `where` narrows it."""
    if not _any(session, table.c[column]):
        return set()
    return {text for (text,) in rows_where_among(session, column, table.name, f"{where}{column}", values)}


def withdrawn_of(session: Session, blind_indexes: Collection[str]) -> set[str]:
    """Which of very many respondents or responses withdrew."""
    return texts_among(session, _WITHDRAWN, "blind_index", blind_indexes)


def set_apart(session: Session, respondents: Collection[str]) -> set[str]:
    """Those of very many respondents whose token is for tests, or who were assigned vignettes."""
    tests = texts_among(session, _TOKENS, "respondent_index", respondents, where="test AND ")
    return tests | texts_among(session, _ASSIGNMENTS, "respondent_index", respondents)


def standing(session: Session, response_indexes: Collection[str]) -> dict[str, Any]:
    """What is known of very many responses, by blind index: rows of `STANDING`."""
    if not _any_between(session, _RESPONSES.c.response_index, response_indexes):
        return {}
    return {row[0]: row for row in rows_where_among(session, STANDING, "response", "response_index", response_indexes)}


def contents_of(session: Session, response_indexes: Collection[str]) -> dict[str, Any]:
    """What very many responses hold, by blind index."""
    found = rows_where_among(session, "response_index, content", "response", "response_index", response_indexes)
    return {index: orjson.loads(content) if isinstance(content, str) else content for index, content in found}


def tokens_of(session: Session, study: str, collection: str, respondents: Sequence[str], drafts: Sequence[str]) -> dict[str, str]:
    """The tokens of very many respondents, by blind index; those who have none are given the first that was drafted for them."""
    there = _any_between(session, _RESPONDENTS.c.blind_index, respondents)
    known = dict(rows_where_among(session, "blind_index, id", "respondent", "blind_index", respondents)) if there else {}
    given: dict[str, str] = {}
    for respondent, token in zip(respondents, drafts, strict=True):
        given.setdefault(respondent, token)
    fresh = {respondent: token for respondent, token in given.items() if respondent not in known} if known else given
    if fresh:
        columns: dict[str, Any] = {
            "id": list(fresh.values()),
            "study": repeat(study),
            "collection": repeat(collection),
            "blind_index": list(fresh),
        }
        load_columns(session, "respondent", columns)
    return given | known


def may_be_new(session: Session, bucket: Bucket) -> bool:
    """Whether every row of a bucket may be a new response of a new respondent: nobody withdrew or is apart, and of some nothing is known.

    The others' keys tell when they are kept (`load_drafts`), which costs less than to ask for all of them.
    """
    if not bucket.distinct:
        return False
    for column, span, name in (
        (_RESPONSES.c.response_index, bucket.responses, "response"),
        (_RESPONDENTS.c.blind_index, bucket.respondents, "respondent"),
    ):
        if _any_in(session, column, span):
            some = bucket.texts(name)[:: max(1, bucket.count // ASKED)]
            if rows_where_among(session, column.name, column.table.name, column.name, some):
                return False
    if not any(_any(session, column) for column in _APART):
        return True
    people = bucket.texts("respondent")
    return not withdrawn_of(session, [*people, *bucket.texts("response")]) and not set_apart(session, people)


def load_drafts(session: Session, collection: Facts, bucket: Bucket) -> bool:
    """Keep every row of a bucket as the new response of a new respondent that was drafted of it; or none, where one was known."""
    return load_unless_there(session, lambda: _load_drafts(session, collection, bucket))


def _load_drafts(session: Session, collection: Facts, bucket: Bucket) -> None:
    drafts = bucket.drafts
    if is_postgres(session):
        load_lines(session, "respondent", RESPONDENT_DRAFT, drafts.lines["respondent"])
        load_lines(session, "response", (*RESPONSE_DRAFT, *SHARED), drafts.lines["response"])
        return
    columns: dict[str, Any] = {
        name: column if isinstance(column, Packed) else repeat(column) for name, column in drafts.columns.items()
    }
    moment = repeat(kept_moment(session, drafts.at))
    whose: dict[str, Any] = {"study": repeat(collection.study), "collection": repeat(collection.id)}
    people = {"id": columns["respondent"], "blind_index": columns["respondent_index"], **whose}
    shared = {**whose, "version": repeat(1), "test": repeat(0), "received_at": moment, "changed_at": moment}
    load_packed(session, "respondent", people, bucket.count)
    load_packed(session, "response", {**columns, **shared}, bucket.count)


def load_responses(session: Session, columns: Mapping[str, Any]) -> None:
    """Keep very many new responses."""
    load_columns(session, "response", columns)


def _any(session: Session, column: Column[Any]) -> bool:
    return session.execute(select(column).limit(1)).first() is not None


def _any_between(session: Session, column: Column[Any], values: Collection[str]) -> bool:
    """Whether there is any row between the least and the greatest: thousands of neighbours are often all new."""
    return bool(values) and _any_in(session, column, Span(min(values), max(values)))


def _any_in(session: Session, column: Column[Any], span: Span) -> bool:
    return session.execute(select(column).where(column.between(*span)).limit(1)).first() is not None
