"""How many requests a platform still lets an account make."""

from datetime import datetime

from sqlmodel import Session

from assent_survey.domain.pacing import Levels
from assent_survey.store.tables import Allowance


def find_allowance(session: Session, account: str) -> Allowance | None:
    """What is left to an account, locked until this transaction ends; None for one that has asked nothing yet."""
    return session.get(Allowance, account, with_for_update=True)


def keep_allowance(session: Session, account: str, levels: Levels, *, not_before: datetime | None) -> None:
    """Keep what is left."""
    row = session.get(Allowance, account) or Allowance(account=account, minute=0, day=0, at=levels.at)
    row.minute, row.day, row.at, row.not_before = levels.minute, levels.day, levels.at, not_before
    session.add(row)
