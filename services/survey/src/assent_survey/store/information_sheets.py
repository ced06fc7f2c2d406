"""Versions of information sheets."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from assent_survey.store.fieldwork_tables import InformationSheet


def sheet_versions(session: Session, collection: str) -> Sequence[InformationSheet]:
    """Every version, oldest first."""
    wanted = select(InformationSheet).where(InformationSheet.collection == collection)
    return session.exec(wanted.order_by(col(InformationSheet.number))).all()
