"""Keeping two transactions from passing each other unseen. SQLite writes one at a time and needs nothing.

A withdrawal and the arrival of a response: on PostgreSQL whoever keeps responses first locks the list of the withdrawn against
additions, so a withdrawal waits until they have committed, and then deletes what they kept. A connection's change and the deliveries
that are held for want of it: whoever reads deliveries first holds their connections as they are, so a better mapping or access waits,
and then finds all that it must have tried again.
"""

from collections.abc import Collection

from sqlalchemy import text
from sqlmodel import Session, col, select

from assent_survey.store.tables import Connection, Delivery


def hold_off_withdrawals(session: Session) -> None:
    """To be called before the list of the withdrawn is read by anyone who will keep a response in this transaction."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("LOCK TABLE withdrawn IN SHARE MODE"))


def take_connections(session: Session, connections: Collection[str]) -> None:
    """To be called where what arrives by these connections must be received by one after the other."""
    if session.get_bind().dialect.name == "postgresql":
        wanted = select(Connection.id).where(col(Connection.id).in_(connections)).order_by(Connection.id).with_for_update()
        session.exec(wanted).all()


def hold_connections(session: Session, deliveries: Collection[str]) -> None:
    """To be called before deliveries, or what holds them, are read by anyone who will quarantine some of them in this transaction."""
    theirs = select(Delivery.connection).where(col(Delivery.id).in_(deliveries))
    wanted = select(Connection.id).where(col(Connection.id).in_(theirs)).order_by(Connection.id).with_for_update(read=True)
    if session.get_bind().dialect.name == "postgresql":
        session.exec(wanted).all()
