"""Keeping a withdrawal and the arrival of a response from passing each other unseen.

SQLite writes one transaction at a time and needs nothing. On PostgreSQL whoever keeps responses first locks the list of the
withdrawn against additions: a withdrawal waits until they have committed, and then deletes what they kept.
"""

from sqlalchemy import text
from sqlmodel import Session


def hold_off_withdrawals(session: Session) -> None:
    """To be called before the list of the withdrawn is read by anyone who will keep a response in this transaction."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("LOCK TABLE withdrawn IN SHARE MODE"))
