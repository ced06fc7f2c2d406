"""Keeping two transactions from passing each other unseen. SQLite writes one at a time and needs nothing.

A withdrawal and the arrival of a response: on PostgreSQL whoever keeps responses first locks the list of the withdrawn against
additions, so a withdrawal waits until they have committed, and then deletes what they kept. It runs alone: of two transactions with
both, each would wait for the other. A connection's change and the deliveries that are held for want of it: whoever reads deliveries
first holds their connections as they are, so a better mapping or access waits, and then finds all that it must have tried again. An
export that is asked for and answers that leave exports: one waits for the other, so that the export is either found and deleted, or
reads what has changed.
"""

from collections.abc import Collection as Several

from sqlmodel import Session, col, select

from assent_kit.bulk import Question, is_postgres
from assent_survey.store.tables import Collection, Connection, Delivery


def hold_off_withdrawals(session: Session) -> None:
    """To be called before the list of the withdrawn is read by anyone who will keep a response in this transaction."""
    for statement, bound in withdrawals_held_off(session):
        session.connection().exec_driver_sql(statement, bound)


def withdrawals_held_off(session: Session) -> list[Question]:
    """The same, to be asked together with what comes after it."""
    return [("LOCK TABLE withdrawn IN SHARE MODE", ())] if is_postgres(session) else []


def hold_collection(session: Session, collection: str) -> None:
    """To be called before an export of a collection is asked for in this transaction."""
    if is_postgres(session):
        session.exec(select(Collection.id).where(Collection.id == collection).with_for_update(read=True)).all()


def take_collection(session: Session, collection: str) -> None:
    """To be called before the exports of a collection are looked up by anyone who changes, in this transaction, what may be in them."""
    if is_postgres(session):
        session.exec(select(Collection.id).where(Collection.id == collection).with_for_update(key_share=True)).all()


def connections_taken(session: Session, connections: Several[str]) -> list[Question]:
    """To be asked first where what arrives by these connections must be received by one after the other."""
    taken = ("SELECT id FROM connection WHERE id = ANY(%s) ORDER BY id FOR UPDATE", (list(connections),))
    return [taken] if is_postgres(session) else []


def hold_connections(session: Session, deliveries: Several[str]) -> None:
    """To be called before deliveries, or what holds them, are read by anyone who will quarantine some of them in this transaction."""
    theirs = select(Delivery.connection).where(col(Delivery.id).in_(deliveries))
    wanted = select(Connection.id).where(col(Connection.id).in_(theirs)).order_by(Connection.id).with_for_update(read=True)
    if is_postgres(session):
        session.exec(wanted).all()
