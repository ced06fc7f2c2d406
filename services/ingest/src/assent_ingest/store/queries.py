"""Reading and writing rows. Everything is scoped to a study; a thing of another study is as absent as one that never was."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import delete, func, insert, or_
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel, col, select

from assent_ingest.domain import text as canonical
from assent_ingest.domain.queries import Term
from assent_ingest.store import search_index
from assent_ingest.store.tables import Block, Codebook, Document, Passage, Rationale
from assent_kit.problems import NotFound

ROWS_AT_ONCE = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentFilter:
    """Which documents are wanted; an absent field means any."""

    stakeholder: str | None = None
    publisher: str | None = None
    published_from: date | None = None
    published_to: date | None = None
    status: str | None = None
    q: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PassageFilter:
    """Which passages are wanted; an absent field means any."""

    document: str | None = None
    code: str | None = None
    stance: str | None = None
    stakeholder: str | None = None


def plain(row: SQLModel) -> dict[str, Any]:
    """A row as plain data, which may leave its session."""
    return row.model_dump()


def insert_unless_there(session: Session, row: SQLModel) -> bool:
    """Insert a row unless another has its key or its unique values, even one being written at this moment. Says whether it did."""
    table = type(row).__table__  # type: ignore[attr-defined]
    dialect = sqlite if session.connection().dialect.name == "sqlite" else postgresql
    statement = dialect.insert(table).values(row.model_dump()).on_conflict_do_nothing().returning(*table.primary_key)
    return session.connection().execute(statement).first() is not None


def find_document(session: Session, study: str, document: str, *, to_change: bool = False) -> Document:
    """A document of the study. Raises NotFound."""
    wanted = select(Document).where(Document.study == study, Document.id == document)
    found = session.exec(wanted.with_for_update() if to_change else wanted).one_or_none()
    if found is None:
        raise NotFound
    return found


def find_same_file(session: Session, study: str, sha256: str) -> Document | None:
    """The study's document with these very bytes."""
    return session.exec(select(Document).where(Document.study == study, Document.sha256 == sha256)).one_or_none()


def list_documents(session: Session, study: str, chosen: DocumentFilter, *, after: str | None, limit: int) -> Sequence[Document]:
    """Documents in the order of their upload."""
    wanted = select(Document).where(Document.study == study, col(Document.id) > (after or ""))
    if chosen.stakeholder is not None:
        wanted = wanted.where(Document.stakeholder == chosen.stakeholder)
    if chosen.publisher is not None:
        wanted = wanted.where(func.lower(Document.publisher) == func.lower(chosen.publisher))
    if chosen.published_from is not None:
        wanted = wanted.where(col(Document.published_last) >= chosen.published_from)
    if chosen.published_to is not None:
        wanted = wanted.where(col(Document.published_first) <= chosen.published_to)
    if chosen.status is not None:
        wanted = wanted.where(Document.status == chosen.status)
    if chosen.q is not None:
        named = (
            col(column).icontains(chosen.q, autoescape=True) for column in (Document.title, Document.publisher, Document.filename)
        )
        wanted = wanted.where(or_(*named))
    return session.exec(wanted.order_by(col(Document.id)).limit(limit)).all()


def add_blocks(session: Session, document: str, blocks: Sequence[canonical.Block]) -> None:
    """Keep the text of a new document and index it."""
    for first in range(0, len(blocks), ROWS_AT_ONCE):
        rows = [
            {
                "document": document,
                "start": block.start,
                "end": block.end,
                "kind": block.kind,
                "page": block.page,
                "paragraph": block.paragraph,
                "text": block.text,
                "words": block.words,
            }
            for block in blocks[first : first + ROWS_AT_ONCE]
        ]
        session.connection().execute(insert(Block), rows)
    search_index.add(session, document)


def blocks_of(session: Session, document: str) -> Sequence[Block]:
    """A document's blocks in order."""
    return session.exec(select(Block).where(Block.document == document).order_by(col(Block.start))).all()


def blocks_touching(session: Session, document: str, start: int, end: int) -> Sequence[Block]:
    """The blocks that a span touches, and those that it only borders on, in order."""
    wanted = select(Block).where(Block.document == document, col(Block.start) <= end, col(Block.end) >= start)
    return session.exec(wanted.order_by(col(Block.start))).all()


def remove_text(session: Session, document: str) -> None:
    """Delete a document's text, from the index too."""
    session.connection().execute(delete(Block).where(col(Block.document) == document))
    search_index.rebuild(session)


def blocks_proposed(
    session: Session, study: str, terms: Sequence[Term], *, stakeholder: str | None, after: int, limit: int
) -> Sequence[tuple[Block, Document]]:
    """Blocks that may match, in the order of upload and reading, each with its document."""
    wanted = (
        select(Block, Document)
        .join(Document, col(Document.id) == col(Block.document))
        .where(Document.study == study, col(Block.id) > after, search_index.proposes(session, terms))
    )
    if stakeholder is not None:
        wanted = wanted.where(Document.stakeholder == stakeholder)
    return session.exec(wanted.order_by(col(Block.id)).limit(limit)).all()


def find_passage(session: Session, study: str, passage: str) -> Passage:
    """A passage of the study. Raises NotFound."""
    found = session.get(Passage, passage)
    if found is None or found.study != study:
        raise NotFound
    return found


def list_passages(session: Session, study: str, chosen: PassageFilter, *, after: str | None, limit: int) -> Sequence[Passage]:
    """Passages in the order of their coding."""
    wanted = select(Passage).where(Passage.study == study, col(Passage.id) > (after or ""))
    if chosen.document is not None:
        wanted = wanted.where(Passage.document == chosen.document)
    if chosen.code is not None:
        wanted = wanted.where(Passage.code == chosen.code)
    if chosen.stance is not None:
        wanted = wanted.where(Passage.stance == chosen.stance)
    if chosen.stakeholder is not None:
        theirs = select(Document.id).where(Document.study == study, Document.stakeholder == chosen.stakeholder)
        wanted = wanted.where(col(Passage.document).in_(theirs))
    return session.exec(wanted.order_by(col(Passage.id)).limit(limit)).all()


def passages_with_documents(session: Session, study: str, ids: Iterable[str]) -> Sequence[tuple[Passage, Document]]:
    """Those of the passages that the study has, each with its document."""
    wanted = select(Passage, Document).join(Document, col(Document.id) == col(Passage.document))
    return session.exec(wanted.where(Passage.study == study, col(Passage.id).in_(list(ids)))).all()


def passages_of(session: Session, document: str) -> Sequence[Passage]:
    """All passages of a document."""
    return session.exec(select(Passage).where(Passage.document == document)).all()


def remove_passages(session: Session, document: str) -> None:
    """Delete all passages of a document."""
    session.connection().execute(delete(Passage).where(col(Passage.document) == document))


def find_codebook(session: Session, study: str, *, to_change: bool = False) -> Codebook | None:
    """The study's codebook, once it has one of its own."""
    wanted = select(Codebook).where(Codebook.study == study)
    return session.exec(wanted.with_for_update() if to_change else wanted).one_or_none()


def list_rationales(session: Session, study: str) -> Sequence[Rationale]:
    """The study's rationales in their order."""
    return session.exec(select(Rationale).where(Rationale.study == study).order_by(col(Rationale.position))).all()
