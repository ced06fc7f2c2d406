"""Tokens by blind index, and what has become of each batch of them."""

from collections.abc import Collection, Sequence
from typing import Any, cast

from sqlalchemy import Table, delete, insert
from sqlmodel import Session, col, select

from assent_survey.store.fieldwork_tables import RespondentToken

Row = dict[str, Any]

_TOKENS = cast(Table, RespondentToken.__table__)


def insert_tokens(session: Session, rows: Sequence[Row]) -> None:
    """Keep new tokens, many at once."""
    session.connection().execute(insert(_TOKENS), rows)


def token_by_index(session: Session, token_index: str) -> RespondentToken | None:
    """A token that is issued and not withdrawn."""
    return session.get(RespondentToken, token_index)


def test_tokens_among(session: Session, respondent_indexes: Collection[str]) -> set[str]:
    """Which of these respondents hold a token that was issued for tests."""
    wanted = select(RespondentToken.respondent_index).where(
        col(RespondentToken.respondent_index).in_(respondent_indexes), col(RespondentToken.test)
    )
    return set(session.exec(wanted))


def delete_token(session: Session, respondent_index: str) -> None:
    """Forget the token of a respondent, if they hold one."""
    session.connection().execute(delete(_TOKENS).where(_TOKENS.c.respondent_index == respondent_index))
