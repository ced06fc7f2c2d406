"""Tokens by blind index, and what has become of each batch of them."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Literal, cast

from sqlalchemy import ColumnElement, Table, and_, case, delete, insert
from sqlmodel import Session, col, func, select

from assent_kit.paging import PageRequest
from assent_kit.problems import NotFound
from assent_survey.store.fieldwork_tables import RespondentToken, TokenBatch
from assent_survey.store.tables import Respondent, Response

Outcome = Literal["waiting", "started", "complete", "declined"]
"""Nothing has arrived; something has; it is finished with consent; it is finished without."""

Row = dict[str, Any]
AT_ONCE = 500  # tokens that are looked up by one statement

_TOKENS = cast(Table, RespondentToken.__table__)


def insert_tokens(session: Session, rows: Sequence[Row]) -> None:
    """Keep new tokens, many at once."""
    session.connection().execute(insert(_TOKENS), rows)


def token_by_index(session: Session, token_index: str) -> RespondentToken | None:
    """A token that is issued and not withdrawn."""
    return session.get(RespondentToken, token_index)


def lock_token(session: Session, token_index: str) -> bool:
    """Keep a token for this transaction alone; answers whether it is still there."""
    wanted = select(RespondentToken.token_index).where(RespondentToken.token_index == token_index).with_for_update()
    return session.exec(wanted).first() is not None


def test_tokens_among(session: Session, respondent_indexes: Collection[str]) -> set[str]:
    """Which of these respondents hold a token that was issued for tests."""
    wanted = select(RespondentToken.respondent_index).where(
        col(RespondentToken.respondent_index).in_(respondent_indexes), col(RespondentToken.test)
    )
    return set(session.exec(wanted))


def delete_token(session: Session, respondent_index: str) -> None:
    """Forget the token of a respondent, if they hold one."""
    session.connection().execute(delete(_TOKENS).where(_TOKENS.c.respondent_index == respondent_index))


def report_dispositions(session: Session, collection: str, dispositions: Mapping[str, str | None]) -> set[str]:
    """Keep what was reported of a collection's tokens, {token_index: disposition}; answers which of them there are."""
    there: set[str] = set()
    indexes = list(dispositions)
    for start in range(0, len(indexes), AT_ONCE):
        some = col(RespondentToken.token_index).in_(indexes[start : start + AT_ONCE])
        # Held, because whoever withdraws meanwhile deletes theirs.
        for row in session.exec(select(RespondentToken).where(RespondentToken.collection == collection, some).with_for_update()):
            row.disposition = dispositions[row.token_index]
            there.add(row.token_index)
    return there


def find_batch(session: Session, study: str, collection: str, batch: str) -> TokenBatch:
    """A batch of tokens of the study. Raises NotFound."""
    found = session.get(TokenBatch, batch)
    if found is None or (found.study, found.collection) != (study, collection):
        raise NotFound
    return found


def list_batches(session: Session, study: str, collection: str, page: PageRequest) -> Sequence[TokenBatch]:
    """A page of a collection's batches, in order of their issue."""
    wanted = select(TokenBatch).where(TokenBatch.study == study, TokenBatch.collection == collection)
    if page.after is not None:
        wanted = wanted.where(TokenBatch.id > page.after)
    return session.exec(wanted.order_by(TokenBatch.id).limit(page.fetch)).all()


def count_outcomes(session: Session, batches: Collection[str]) -> dict[str, dict[Outcome, int]]:
    """How many tokens of each batch have come to what: {batch: {outcome: count}}. Tokens of whoever withdrew are in none."""
    outcomes = select(RespondentToken.batch, outcome_of_token().label("outcome"))
    each = with_responses(outcomes).where(col(RespondentToken.batch).in_(batches)).subquery()
    counted = select(each.c.batch, each.c.outcome, func.count()).group_by(each.c.batch, each.c.outcome)
    found: dict[str, dict[Outcome, int]] = {batch: {} for batch in batches}
    for batch, outcome, count in session.exec(counted):
        found[batch][outcome] = count
    return found


def with_responses(wanted: Any) -> Any:
    """A SELECT of tokens, one row each, beside whatever arrived under them; a test only where the token is one."""
    return (
        wanted.select_from(RespondentToken)
        .join(Respondent, col(Respondent.blind_index) == RespondentToken.respondent_index, isouter=True)
        .join(Response, and_(col(Response.respondent) == Respondent.id, col(Response.test) == RespondentToken.test), isouter=True)
        .group_by(RespondentToken.token_index)
    )


def outcome_of_token() -> ColumnElement[str]:
    """What a token has come to, over everything that arrived under it; for a SELECT `with_responses`."""

    def some(condition: Any) -> ColumnElement[bool]:
        return func.max(case((condition, 1), else_=0)) == 1

    complete = col(Response.complete)
    return case(
        (some(and_(complete, consented())), "complete"),
        (some(complete), "declined"),
        (some(col(Response.id).is_not(None)), "started"),
        else_="waiting",
    )


def consented() -> ColumnElement[bool]:
    """Whether a response may be used at all."""
    kept: ColumnElement[bool] = col(Response.content)["consented"].as_boolean()
    return kept
