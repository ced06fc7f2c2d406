"""Finding items of the bank."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from assent_kit.paging import PageRequest
from assent_survey.store.bank_tables import BankItem


def list_bank_items(
    session: Session,
    study: str,
    page: PageRequest,
    *,
    q: str | None,
    purpose: str | None,
    operation: str | None,
    licence: str | None,
) -> Sequence[BankItem]:
    """A page of the bank in order of making; `q` is looked for in all words of an item."""
    wanted = select(BankItem).where(BankItem.study == study)
    if q is not None:
        wanted = wanted.where(col(BankItem.searched).contains(q.casefold(), autoescape=True))
    for column, value in ((BankItem.purpose, purpose), (BankItem.operation, operation), (BankItem.licence, licence)):
        if value is not None:
            wanted = wanted.where(col(column) == value)
    if page.after is not None:
        wanted = wanted.where(col(BankItem.id) > page.after)
    return session.exec(wanted.order_by(col(BankItem.id)).limit(page.fetch)).all()


def taken_already(session: Session, study: str, places: Sequence[str]) -> set[str]:
    """Which of these places the bank has an item from."""
    wanted = select(BankItem.taken_from).where(BankItem.study == study, col(BankItem.taken_from).in_(places))
    return {place for place in session.exec(wanted) if place is not None}
