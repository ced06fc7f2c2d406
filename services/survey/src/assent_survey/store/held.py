"""What is held of one respondent, to be read; without the locks that a withdrawal takes."""

from collections.abc import Sequence

from sqlmodel import Session, func, select

from assent_survey.store.responses import given_by
from assent_survey.store.tables import Delivery, Response


def responses_of(session: Session, respondent_index: str) -> Sequence[Response]:
    """Every response of a respondent, oldest first."""
    return session.exec(select(Response).where(given_by(respondent_index)).order_by(Response.id)).all()


def deliveries_of(session: Session, respondent_index: str) -> int:
    """How many raw deliveries are known to be theirs and still hold what they brought."""
    theirs = (Delivery.respondent_index == respondent_index, func.length(Delivery.body) > 0)
    return session.exec(select(func.count()).select_from(Delivery).where(*theirs)).one()
