"""Finding things: every SELECT of one thing or of a page. Things of other studies are not found."""

from collections.abc import Sequence
from typing import Any, TypeVar

from sqlalchemy import text
from sqlalchemy.orm import defer
from sqlmodel import Session, col, func, select

from assent_kit.paging import PageRequest
from assent_kit.problems import NotFound
from assent_survey.store.deliveries import unindexed
from assent_survey.store.responses import newest_version
from assent_survey.store.tables import (
    IN_QUARANTINE,
    IS_PENDING,
    IS_SET_ASIDE,
    PENDING,
    SET_ASIDE,
    WAS_ASKED_FOR,
    WAS_READ,
    Collection,
    Connection,
    Delivery,
    Instrument,
    InstrumentVersion,
    Response,
    ResponseVersion,
    Withdrawal,
)

T = TypeVar("T", Instrument, Collection, Connection, Delivery, Response, Withdrawal)


def find(session: Session, table: type[T], study: str, id: str, *, lock: bool = False) -> T:
    """One thing of the study; with `lock`, nobody else changes it until this transaction ends. Raises NotFound."""
    found = session.get(table, id, with_for_update=lock or None)
    if found is None or found.study != study:
        raise NotFound
    return found


def find_version(session: Session, study: str, instrument: str, number: int) -> InstrumentVersion:
    """A published version. Raises NotFound."""
    found = session.get(InstrumentVersion, (instrument, number))
    if found is None or found.study != study:
        raise NotFound
    return found


def list_page(session: Session, table: type[T], study: str, page: PageRequest, **filters: Any) -> Sequence[T]:
    """A page of the study's things in order of their ids, that is of their making; filters that are None do not count."""
    wanted = select(table).where(table.study == study)
    for name, value in filters.items():
        if value is not None:
            wanted = wanted.where(getattr(table, name) == value)
    if page.after is not None:
        wanted = wanted.where(col(table.id) > page.after)
    return session.exec(wanted.order_by(col(table.id)).limit(page.fetch)).all()


def list_responses(session: Session, study: str, page: PageRequest, **filters: Any) -> Sequence[Response]:
    """A page of the study's responses. Those of all collections are gathered from theirs, because an index of a study's would cost
    each response that is kept, and a study has few collections."""
    narrow = filters.get("collection") is not None or filters.get("respondent") is not None or filters.get("complete") is False
    if narrow:
        return list_page(session, Response, study, page, **filters)
    ids: list[str] = []
    for collection in session.exec(select(Collection.id).where(Collection.study == study)).all():
        wanted = select(Response.id).where(Response.collection == collection)
        if filters.get("complete") is not None:
            wanted = wanted.where(Response.complete == filters["complete"])
        if page.after is not None:
            wanted = wanted.where(col(Response.id) > page.after)
        ids += session.exec(wanted.order_by(col(Response.id)).limit(page.fetch))
    found = select(Response).where(col(Response.id).in_(sorted(ids)[: page.fetch]))
    return session.exec(found.order_by(col(Response.id))).all()


def list_connections(session: Session, study: str, page: PageRequest, *, collection: str | None) -> Sequence[Connection]:
    """A page of connections that are not deleted, in order of their making."""
    wanted = select(Connection).where(Connection.study == study, col(Connection.deleted_at).is_(None))
    if collection is not None:
        wanted = wanted.where(Connection.collection == collection)
    if page.after is not None:
        wanted = wanted.where(Connection.id > page.after)
    return session.exec(wanted.order_by(Connection.id).limit(page.fetch)).all()


def find_connection(session: Session, connection: str) -> Connection | None:
    """A connection by its id alone, as its hook's address names it; also a deleted one."""
    return session.get(Connection, connection)


def held_in_quarantine(session: Session, connection: str) -> dict[str, int]:
    """How many deliveries of a connection wait in quarantine, by reason."""
    counted = (
        select(Delivery.reason, func.count())
        .where(Delivery.connection == connection, text(IN_QUARANTINE))
        .group_by(Delivery.reason)
    )
    return {reason or "": count for reason, count in session.exec(counted)}


def list_deliveries(session: Session, study: str, page: PageRequest, **filters: Any) -> Sequence[Delivery]:
    """A page of deliveries without their bodies, in order of arrival."""
    wanted = select(Delivery).options(defer(Delivery.body), defer(Delivery.headers))  # type: ignore[arg-type]
    for name, value in filters.items():
        if value is not None:
            wanted = wanted.where(getattr(Delivery, name) == value)
    state = filters.get("state")
    is_pending = state in PENDING
    is_narrow = is_pending or filters.get("connection") is not None or filters.get("response") is not None
    wanted = wanted.where((unindexed(Delivery.study) if is_narrow else Delivery.study) == study)
    if state is not None:
        wanted = wanted.where(text(IS_PENDING if is_pending else WAS_READ))
    if state in SET_ASIDE:
        wanted = wanted.where(text(IS_SET_ASIDE))
    if filters.get("origin") not in (None, "hook"):
        wanted = wanted.where(text(WAS_ASKED_FOR))
    if page.after is not None:
        wanted = wanted.where(col(Delivery.id) > page.after)
    return session.exec(wanted.order_by(col(Delivery.id)).limit(page.fetch)).all()


def versions_of_response(session: Session, study: str, response: str) -> Sequence[ResponseVersion]:
    """Every version of a response, oldest first. Raises NotFound."""
    found = find(session, Response, study, response)
    wanted = select(ResponseVersion).where(ResponseVersion.response == response).order_by(col(ResponseVersion.number))
    return [*session.exec(wanted), newest_version(found)]


def response_by_code(session: Session, study: str, code_index: str) -> Response | None:
    """The response that a withdrawal code was given for."""
    return session.exec(select(Response).where(Response.study == study, Response.code_index == code_index)).first()
