"""The full-text index: which blocks may hold the words of a query.

It proposes a superset and decides nothing (domain/queries.py does), so SQLite and PostgreSQL answer alike. It is fed folded words, and a
query reaches it only as those: letters and digits, never a caller's own syntax.
"""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, bindparam, text
from sqlmodel import Session

from assent_ingest.domain.queries import INDEXED_LENGTH, Term

_ON_SQLITE = "block.id IN (SELECT rowid FROM block_words WHERE block_words MATCH :words)"
_ON_POSTGRESQL = "array_to_tsvector(string_to_array(block.words, ' ')) @@ CAST(:words AS tsquery)"


def proposes(session: Session, terms: Sequence[Term]) -> ColumnElement[bool]:
    """The condition that a row of `block` may match the terms."""
    clause, words = (_ON_SQLITE, _match(terms)) if _is_sqlite(session) else (_ON_POSTGRESQL, _tsquery(terms))
    return text(clause).bindparams(bindparam("words", words, unique=True))  # type: ignore[return-value]


def add(session: Session, document: str) -> None:
    """Index the blocks of a new document. PostgreSQL does so by itself."""
    if _is_sqlite(session):
        statement = "INSERT INTO block_words (rowid, words) SELECT id, words FROM block WHERE document = :document"
        session.connection().execute(text(statement), {"document": document})


def rebuild(session: Session) -> None:
    """Make the index anew after blocks were deleted: SQLite's keeps the words of deleted rows otherwise."""
    if _is_sqlite(session):
        session.connection().execute(text("INSERT INTO block_words (block_words) VALUES ('rebuild')"))


def _is_sqlite(session: Session) -> bool:
    return session.connection().dialect.name == "sqlite"


def _match(terms: Sequence[Term]) -> str:
    """FTS5: phrases in order."""
    phrases = (" ".join(word[:INDEXED_LENGTH] for word in term.words) for term in terms)
    return " AND ".join(f'"{phrase}"{" *" if term.open_ended else ""}' for phrase, term in zip(phrases, terms, strict=True))


def _tsquery(terms: Sequence[Term]) -> str:
    """PostgreSQL: every word, wherever it stands."""
    wanted = []
    for term in terms:
        for number, word in enumerate(term.words, start=1):
            beginning = term.open_ended and number == len(term.words)
            wanted.append(f"'{word[:INDEXED_LENGTH]}'{':*' if beginning else ''}")
    return " & ".join(wanted)
