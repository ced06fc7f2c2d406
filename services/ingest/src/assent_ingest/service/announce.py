"""What the other services hear: the whole state of a document, a passage or the codebook, and never a word of a text."""

from collections.abc import Sequence
from typing import cast

from sqlmodel import Session

from assent_contracts.events import ingest
from assent_contracts.practice import Practice
from assent_contracts.registry import DOCUMENT_INGESTED, DOCUMENT_REMOVED, PASSAGE_CODED, PASSAGE_UNCODED, RATIONALES_PUBLISHED
from assent_contracts.stances import Author, DocumentKind, PassageStance, Stakeholder
from assent_ingest.domain.documents import may_be_quoted
from assent_ingest.domain.rationales import RationaleStance
from assent_ingest.store.tables import Document, Passage, Rationale
from assent_kit.outbox import append


def document_ingested(session: Session, document: Document) -> None:
    """Say what the register says of a document; the title of a private person's stays here."""
    author = cast(Author, document.author)
    state = ingest.Document(
        study=document.study,
        document=document.id,
        title=document.title if may_be_quoted(author) else None,
        stakeholder=cast(Stakeholder, document.stakeholder),
        kind=cast(DocumentKind, document.kind),
        author=author,
        publisher=document.publisher,
        published_on=document.published_on,
        status=document.status,
    )
    append(session, DOCUMENT_INGESTED, state, version=document.version)


def document_removed(session: Session, document: Document) -> None:
    """Say that a document is gone."""
    append(session, DOCUMENT_REMOVED, None, key=document.id, study=document.study, version=document.version + 1)


def passage_coded(session: Session, passage: Passage) -> None:
    """Say what a passage was coded as, and where it stands."""
    state = ingest.Passage(
        study=passage.study,
        passage=passage.id,
        document=passage.document,
        code=passage.code,
        stance=cast(PassageStance, passage.stance),
        practice=Practice.model_validate(passage.practice),
        start=passage.start,
        end=passage.end,
        page=passage.page,
        paragraph=passage.paragraph,
    )
    append(session, PASSAGE_CODED, state, version=passage.version)


def passage_uncoded(session: Session, passage: Passage) -> None:
    """Say that a passage is gone."""
    append(session, PASSAGE_UNCODED, None, key=passage.id, study=passage.study, version=passage.version + 1)


def rationales_published(session: Session, study: str, rationales: Sequence[Rationale], *, version: int) -> None:
    """Say what the codebook holds, whole."""
    told = tuple(
        ingest.Rationale(code=one.code, label=one.label, definition=one.definition, stance=cast(RationaleStance, one.stance))
        for one in rationales
    )
    append(session, RATIONALES_PUBLISHED, ingest.RationaleCodebook(study=study, rationales=told), version=version)
