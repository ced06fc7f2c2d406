"""Responses and the people behind them, by blind index. Arrivals are written many at once."""

from collections.abc import Collection, Sequence
from typing import Any, cast

from sqlalchemy import Table, delete, insert, or_, update
from sqlmodel import Session, col, func, select

from assent_kit.bulk import rows_where_among
from assent_kit.outbox import OUTBOX
from assent_survey.store.tables import FormerRespondent, Respondent, Response, ResponseVersion, Withdrawn

Row = dict[str, Any]

_RESPONSES = cast(Table, Response.__table__)
_VERSIONS = cast(Table, ResponseVersion.__table__)
_RESPONDENTS = cast(Table, Respondent.__table__)
_FORMER = cast(Table, FormerRespondent.__table__)


def withdrawn_among(session: Session, blind_indexes: Collection[str]) -> set[str]:
    """Which of these withdrew."""
    return {index for (index,) in rows_where_among(session, "blind_index", "withdrawn", "blind_index", blind_indexes)}


def respondents_by_index(session: Session, blind_indexes: Collection[str]) -> dict[str, str]:
    """Tokens of known respondents, by blind index."""
    wanted = select(Respondent.blind_index, Respondent.id).where(col(Respondent.blind_index).in_(blind_indexes))
    return dict(session.exec(wanted).all())


def responses_by_index(session: Session, blind_indexes: Collection[str]) -> Sequence[Any]:
    """Known responses as rows, locked until this transaction ends."""
    return (
        session.connection()
        .execute(_RESPONSES.select().where(_RESPONSES.c.response_index.in_(blind_indexes)).with_for_update())
        .all()
    )


def responses_between(session: Session, first: str, last: str, most: int) -> Sequence[Any]:
    """Responses between two ids as rows, in order of their ids."""
    wanted = _RESPONSES.select().where(_RESPONSES.c.id.between(first, last)).order_by(_RESPONSES.c.id).limit(most)
    return session.connection().execute(wanted).all()


def given_by(respondent_index: str) -> Any:
    """The condition that a response is of a respondent: it stands under their name, or an account of it once named them."""
    token = select(Respondent.id).where(Respondent.blind_index == respondent_index)
    former = select(FormerRespondent.response).where(FormerRespondent.respondent_index == respondent_index)
    return or_(col(Response.respondent).in_(token), col(Response.id).in_(former))


def indexes_of(session: Session, respondent_index: str) -> set[str]:
    """The blind indexes of a respondent's responses."""
    return set(session.exec(select(Response.response_index).where(given_by(respondent_index))))


def insert_respondents(session: Session, rows: Sequence[Row]) -> None:
    """Keep new tokens."""
    if rows:
        session.connection().execute(insert(_RESPONDENTS), rows)


def insert_former(session: Session, names: Collection[tuple[str, str]]) -> None:
    """Keep whom accounts of responses named, as ids of responses and blind indexes; those responses are locked."""
    if names:
        theirs = _FORMER.select().where(_FORMER.c.response.in_({response for response, _ in names}))
        known = {(row.response, row.respondent_index) for row in session.connection().execute(theirs)}
        if missing := [{"response": response, "respondent_index": index} for response, index in sorted(set(names) - known)]:
            session.connection().execute(insert(_FORMER), missing)


def write_responses(session: Session, *, new: Sequence[Row], known: Sequence[Row]) -> None:
    """Keep new responses and what stands now of known ones. Raises StaleDataError when a known one is there no more."""
    if new:
        session.connection().execute(insert(_RESPONSES), new)
    for changes in _alike(known):
        session.execute(update(Response), changes)


def insert_versions(session: Session, rows: Sequence[Row]) -> None:
    """Keep versions that stand no more."""
    if rows:
        session.connection().execute(insert(_VERSIONS), rows)


def newest_version(response: Response) -> ResponseVersion:
    """The version that stands, which is not kept a second time until another takes its place."""
    return ResponseVersion(
        response=response.id,
        number=response.version,
        made_at=response.changed_at,
        **response.model_dump(include={"delivery", "complete", "content", "problems", "form_version"}),
    )


def remember_withdrawn(session: Session, study: str, blind_indexes: Collection[str]) -> None:
    """What arrives under these from now on is dropped."""
    for blind_index in sorted(set(blind_indexes) - withdrawn_among(session, blind_indexes)):
        session.add(Withdrawn(blind_index=blind_index, study=study))
    session.flush()


def delete_responses(session: Session, responses: Collection[str]) -> tuple[int, int]:
    """Delete responses with all their versions; answers how many of each."""
    connection = session.connection()
    connection.execute(delete(_FORMER).where(_FORMER.c.response.in_(responses)))
    superseded = int(connection.execute(delete(_VERSIONS).where(_VERSIONS.c.response.in_(responses))).rowcount)
    deleted = int(connection.execute(delete(_RESPONSES).where(_RESPONSES.c.id.in_(responses))).rowcount)
    return deleted, superseded + deleted


def delete_respondents(session: Session, tokens: Collection[str]) -> None:
    """Forget tokens and their blind indexes."""
    session.connection().execute(delete(_RESPONDENTS).where(_RESPONDENTS.c.id.in_(tokens)))


def delete_respondents_without_responses(session: Session, tokens: Collection[str]) -> None:
    """Forget those of these tokens of whom nothing is left."""
    left = set(session.exec(select(Response.respondent).where(col(Response.respondent).in_(tokens))))
    delete_respondents(session, set(tokens) - left)


def waiting_events(session: Session, topic: str, keys: Collection[str]) -> int:
    """How many events about these have not been published yet."""
    about = (OUTBOX.c.aggregatetype == topic, OUTBOX.c.aggregateid.in_(keys))
    return int(session.connection().execute(select(func.count()).select_from(OUTBOX).where(*about)).scalar_one())


def _alike(rows: Sequence[Row]) -> list[list[Row]]:
    """Rows by the columns that they set."""
    by_columns: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        by_columns.setdefault(tuple(row), []).append(row)
    return list(by_columns.values())
