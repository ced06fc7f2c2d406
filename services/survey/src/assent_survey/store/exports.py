"""Exports as rows and their files as pieces, and responses read page by page for them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, Text, delete, insert, null
from sqlalchemy import cast as sql_cast
from sqlmodel import Session, func, select

from assent_kit.paging import PageRequest
from assent_survey.store.export_tables import Export, ExportFile
from assent_survey.store.tables import Response

_RESPONSES = cast(Table, Response.__table__)
_PIECES = cast(Table, ExportFile.__table__)
_EXPORTS = cast(Table, Export.__table__)


def find_attempt(session: Session, export: str, attempt: str) -> Export | None:
    """The export, locked until this transaction ends, if it is still there and this attempt's to make."""
    found = session.get(Export, export, with_for_update=True)
    return found if found is not None and found.attempt == attempt else None


def list_exports(session: Session, study: str, page: PageRequest, *, collection: str | None) -> Sequence[Export]:
    """A page of exports in the order in which they were asked for."""
    wanted = select(Export).where(Export.study == study)
    if collection is not None:
        wanted = wanted.where(Export.collection == collection)
    if page.after is not None:
        wanted = wanted.where(Export.id > page.after)
    return session.exec(wanted.order_by(Export.id).limit(page.fetch)).all()


def exports_of(session: Session, collection: str) -> Sequence[Export]:
    """Every export of a collection, locked until this transaction ends."""
    return session.exec(select(Export).where(Export.collection == collection).with_for_update()).all()


def exports_before(session: Session, moment: datetime, limit: int) -> list[str]:
    """Exports that were made, or asked for and never made, before a moment."""
    age = func.coalesce(Export.made_at, Export.asked_at)
    return list(session.exec(select(Export.id).where(age < moment).limit(limit)))


def delete_exports(session: Session, exports: Sequence[str]) -> int:
    """Delete exports with their files; answers how many. First the rows: a piece that is being written waits for its row, or is seen."""
    connection = session.connection()
    gone = connection.execute(delete(_EXPORTS).where(_EXPORTS.c.id.in_(exports))).rowcount
    for export in exports:
        delete_file(session, export)
    return int(gone)


def delete_file(session: Session, export: str) -> None:
    """Delete an export's file."""
    session.connection().execute(delete(_PIECES).where(_PIECES.c.id == export))


def add_piece(session: Session, export: str, number: int, content: bytes) -> None:
    """Keep a piece of an export's file."""
    session.connection().execute(insert(_PIECES), {"id": export, "number": number, "content": content})


def read_piece(session: Session, export: str, number: int) -> bytes | None:
    """A piece of an export's file, and None when there is no such piece, or no more."""
    wanted = select(ExportFile.content).where(ExportFile.id == export, ExportFile.number == number)
    return session.exec(wanted).first()


def count_responses(session: Session, collection: str) -> int:
    """How many responses a collection has, of every kind."""
    return session.exec(select(func.count()).select_from(Response).where(Response.collection == collection)).one()


def page_of_responses(session: Session, collection: str, after: str, limit: int, *, received: bool) -> Sequence[Any]:
    """Responses of a collection in order of their ids, from `after` on, with their content as JSON text; `received_at` if wanted."""
    row = _RESPONSES.c
    received_at = row.received_at if received else null().label("received_at")
    wanted = (
        select(row.id, row.version, row.complete, row.test, received_at, sql_cast(row.content, Text).label("content"))  # type: ignore[call-overload]
        .where(row.collection == collection, row.id > after)
        .order_by(row.id)
        .limit(limit)
    )
    return session.connection().execute(wanted).all()
