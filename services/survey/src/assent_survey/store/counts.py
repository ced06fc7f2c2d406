"""Counting responses in the database: those that may be used, by what was answered; and how far every respondent has come."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from sqlmodel import Session, col, func, select

from assent_survey.store.fieldwork_tables import RespondentToken, TokenBatch
from assent_survey.store.tables import Response
from assent_survey.store.tokens import consented, outcome_of_token, with_responses

Key = tuple[Literal["groups", "answers"], str]


def count_usable(session: Session, collection: str, keys: Sequence[Key]) -> list[tuple[dict[Key, str], int]]:
    """How many finished responses with consent that are no tests there are of each kind: values of `keys`, and their number.

    One scan of the collection, grouped; a kind has no value where nothing was answered.
    """
    values = [col(Response.content)[what][name].as_string() for what, name in keys]
    usable = (*_no_tests(collection), col(Response.complete), consented())
    wanted = select(func.count(), *values).where(*usable)
    if values:
        wanted = wanted.group_by(*values)
    return [
        ({key: value for key, value in zip(keys, row[1:], strict=True) if value is not None}, row[0])
        for row in session.execute(wanted)
    ]


def finished_by_respondent(session: Session, collection: str) -> Iterator[tuple[str, bool]]:
    """Every finished response that is no test: its respondent's token in events, and whether there is consent."""
    wanted = select(Response.respondent, consented()).where(*_no_tests(collection), col(Response.complete))
    yield from session.exec(wanted.execution_options(yield_per=5000))


def unfinished_by_respondent(session: Session, collection: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every unfinished response that is no test: its respondent's token in events, and its content."""
    wanted = select(Response.respondent, Response.content).where(*_no_tests(collection), col(Response.complete).is_(False))
    yield from session.exec(wanted.execution_options(yield_per=1000))


def silent_tokens(session: Session, collection: str) -> dict[str | None, int]:
    """How many tokens that are not for tests nothing has arrived under, by the disposition that was reported of them."""
    each = with_responses(select(RespondentToken.disposition, outcome_of_token().label("outcome")))
    theirs = each.where(RespondentToken.collection == collection, col(RespondentToken.test).is_(False)).subquery()
    silent = select(theirs.c.disposition, func.count()).where(theirs.c.outcome == "waiting").group_by(theirs.c.disposition)
    return dict(session.exec(silent).all())


def count_tokens(session: Session, collection: str) -> tuple[int, int]:
    """How many tokens were issued, not for tests, and how many of them are gone, because their respondents withdrew."""
    batches = (TokenBatch.collection == collection, col(TokenBatch.test).is_(False))
    issued = int(session.exec(select(func.coalesce(func.sum(TokenBatch.issued), 0)).where(*batches)).one())
    tokens = (RespondentToken.collection == collection, col(RespondentToken.test).is_(False))
    return issued, issued - session.exec(select(func.count()).select_from(RespondentToken).where(*tokens)).one()


def _no_tests(collection: str) -> tuple[Any, Any]:
    return Response.collection == collection, col(Response.test).is_(False)
