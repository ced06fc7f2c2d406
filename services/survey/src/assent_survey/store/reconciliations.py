"""Reconciliations, and which responses the platform still had in each."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import cast

from sqlalchemy import Table, update
from sqlmodel import Session, col, or_, select

from assent_kit.paging import PageRequest
from assent_kit.problems import NotFound
from assent_survey.store.tables import Connection, Reconciliation, Response

_RESPONSES = cast(Table, Response.__table__)


def running_reconciliation(session: Session, connection: str) -> Reconciliation | None:
    """The one that is under way for a connection."""
    wanted = select(Reconciliation).where(Reconciliation.connection == connection, Reconciliation.state == "running")
    return session.exec(wanted).first()


def find_reconciliation(session: Session, study: str, connection: str, id: str) -> Reconciliation:
    """A reconciliation of the connection. Raises NotFound."""
    found = session.get(Reconciliation, id)
    if found is None or (found.study, found.connection) != (study, connection):
        raise NotFound
    return found


def list_reconciliations(session: Session, study: str, connection: str, page: PageRequest) -> Sequence[Reconciliation]:
    """A page of a connection's reconciliations, newest first."""
    wanted = select(Reconciliation).where(Reconciliation.study == study, Reconciliation.connection == connection)
    if page.after is not None:
        wanted = wanted.where(col(Reconciliation.id) < page.after)
    return session.exec(wanted.order_by(col(Reconciliation.id).desc()).limit(page.fetch)).all()


def last_finished(session: Session, connection: str, *, whole: bool) -> Reconciliation | None:
    """The newest finished one of a connection; only those that looked at everything when `whole`."""
    wanted = select(Reconciliation).where(Reconciliation.connection == connection, Reconciliation.state == "done")
    if whole:
        wanted = wanted.where(col(Reconciliation.since).is_(None))
    return session.exec(wanted.order_by(col(Reconciliation.id).desc()).limit(1)).first()


def last_started(session: Session, connection: str) -> Reconciliation | None:
    """The newest one of a connection, whatever became of it."""
    wanted = select(Reconciliation).where(Reconciliation.connection == connection)
    return session.exec(wanted.order_by(col(Reconciliation.id).desc()).limit(1)).first()


def connections_to_reconcile(session: Session) -> Sequence[Connection]:
    """Living connections with access and a schedule."""
    wanted = select(Connection).where(
        col(Connection.reconcile_hours).is_not(None), col(Connection.access).is_not(None), col(Connection.deleted_at).is_(None)
    )
    return session.exec(wanted).all()


def mark_listed(session: Session, reconciliation: str, response_indexes: Collection[str]) -> None:
    """Remember that the platform still has these responses."""
    listed = update(_RESPONSES).where(_RESPONSES.c.response_index.in_(response_indexes)).values(listed_by=reconciliation)
    session.connection().execute(listed)


def not_listed(session: Session, reconciliation: Reconciliation, before: datetime, limit: int) -> list[tuple[str, str]]:
    """Responses of the connection, as (id, blind index), that were here before a moment and that the platform did not list."""
    wanted = (
        select(Response.id, Response.response_index)
        .where(Response.connection == reconciliation.connection, Response.received_at < before)
        .where(or_(col(Response.listed_by).is_(None), col(Response.listed_by) != reconciliation.id))
        .order_by(col(Response.id))
        .limit(limit)
    )
    return list(session.exec(wanted).all())


def claim_due(session: Session, moment: datetime, until: datetime) -> Reconciliation | None:
    """The running reconciliation that has been due for longest, kept from others `until` then; None when none is due."""
    wanted = select(Reconciliation).where(Reconciliation.state == "running", col(Reconciliation.due_at) <= moment)
    found = session.exec(wanted.order_by(col(Reconciliation.due_at)).limit(1).with_for_update(skip_locked=True)).first()
    if found is not None:
        found.due_at = until
        session.add(found)
        session.flush()
        session.refresh(found)
        session.expunge(found)
    return found
