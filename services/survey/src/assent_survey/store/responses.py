"""Responses and the people behind them, by blind index."""

from collections.abc import Collection, Sequence
from typing import cast

from sqlalchemy import Table, delete
from sqlmodel import Session, col, func, select

from assent_kit.outbox import OUTBOX
from assent_survey.store.tables import Respondent, Response, ResponseVersion, Withdrawn


def withdrawn_among(session: Session, blind_indexes: Collection[str]) -> set[str]:
    """Which of these withdrew."""
    return set(session.exec(select(Withdrawn.blind_index).where(col(Withdrawn.blind_index).in_(blind_indexes))))


def respondents_by_index(session: Session, blind_indexes: Collection[str]) -> dict[str, str]:
    """Tokens of known respondents, by blind index."""
    wanted = select(Respondent.blind_index, Respondent.id).where(col(Respondent.blind_index).in_(blind_indexes))
    return dict(session.exec(wanted).all())


def responses_by_index(session: Session, blind_indexes: Collection[str]) -> dict[str, Response]:
    """Known responses by blind index, locked until this transaction ends."""
    wanted = select(Response).where(col(Response.response_index).in_(blind_indexes)).with_for_update()
    return {response.response_index: response for response in session.exec(wanted)}


def responses_of(session: Session, token: str) -> Sequence[Response]:
    """Every response of a respondent."""
    return session.exec(select(Response).where(Response.respondent == token).with_for_update()).all()


def remember_withdrawn(session: Session, study: str, blind_indexes: Collection[str]) -> None:
    """What arrives under these from now on is dropped."""
    new = set(blind_indexes) - withdrawn_among(session, blind_indexes)
    for blind_index in sorted(new):
        session.add(Withdrawn(blind_index=blind_index, study=study))
    session.flush()


def delete_responses(session: Session, responses: Collection[str]) -> tuple[int, int]:
    """Delete responses with all their versions; answers how many of each."""
    versions = delete(cast(Table, ResponseVersion.__table__)).where(col(ResponseVersion.response).in_(responses))
    removed_versions = int(session.connection().execute(versions).rowcount)
    rows = delete(cast(Table, Response.__table__)).where(col(Response.id).in_(responses))
    return int(session.connection().execute(rows).rowcount), removed_versions


def delete_respondents(session: Session, tokens: Collection[str]) -> None:
    """Forget tokens and their blind indexes."""
    session.connection().execute(delete(cast(Table, Respondent.__table__)).where(col(Respondent.id).in_(tokens)))


def waiting_events(session: Session, topic: str, keys: Collection[str]) -> int:
    """How many events about these have not been published yet."""
    about = (OUTBOX.c.aggregatetype == topic, OUTBOX.c.aggregateid.in_(keys))
    return int(session.connection().execute(select(func.count()).select_from(OUTBOX).where(*about)).scalar_one())
