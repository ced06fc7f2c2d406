"""Code a span of a document, show what was coded, and take a code back."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, cast

from sqlmodel import Session

from assent_contracts.stances import Author
from assent_ingest.domain.documents import may_be_quoted
from assent_ingest.domain.passages import Coding, Span, SpanOutsideText, check_span, words_of
from assent_ingest.problems import DocumentWithoutText, UnknownRationale
from assent_ingest.service import announce
from assent_ingest.service.keep_rationales import begin_codebook
from assent_ingest.store import queries
from assent_ingest.store.tables import Block, Document, Passage
from assent_kit.etags import check_match
from assent_kit.identifiers import new_id
from assent_kit.problems import FieldError, InvalidRequest


def code_passage(session: Session, *, study: str, document: str, coding: Coding, coder: str) -> str:
    """Code a span and announce it; returns the passage's id.

    Raises NotFound, DocumentWithoutText, UnknownRationale, or InvalidRequest for a span that is not of the text.
    """
    begin_codebook(session, study)
    row = queries.find_document(session, study, document, to_change=True)
    if not row.characters:
        raise DocumentWithoutText(f"its status is {row.status}")
    if all(rationale.code != coding.code for rationale in queries.list_rationales(session, study)):
        raise UnknownRationale
    block = _block_of(session, row, coding.span)
    said = asdict(coding)
    said.pop("span")
    said["practice"] = coding.practice.model_dump(mode="json", exclude_defaults=True)
    passage = Passage(
        id=new_id("psg"),
        study=study,
        document=document,
        start=coding.span.start,
        end=coding.span.end,
        reader=row.reader,
        page=block.page,
        paragraph=block.paragraph,
        coder=coder,
        **said,
    )
    session.add(passage)
    session.flush()
    announce.passage_coded(session, passage)
    return passage.id


def _block_of(session: Session, document: Document, span: Span) -> Block:
    """The block in which the first word of a span stands. Raises InvalidRequest for a span outside the text or without words."""
    try:
        check_span(span, document.characters)
    except SpanOutsideText as error:
        raise InvalidRequest(errors=[FieldError(pointer="/end", message=str(error))]) from error
    blocks = queries.blocks_touching(session, document.id, span.start, span.end)
    said = words_of(span, blocks[0].start, [block.text for block in blocks])
    if not said.strip():
        raise InvalidRequest(errors=[FieldError(pointer="/start", message="there are no words in this span")])
    first = span.start + len(said) - len(said.lstrip())
    return next(block for block in blocks if first < block.end)


def show_passage(session: Session, study: str, passage: str) -> dict[str, Any]:
    """What was coded, without its words. Raises NotFound."""
    return queries.plain(queries.find_passage(session, study, passage))


def list_passages(
    session: Session, study: str, chosen: queries.PassageFilter, *, after: str | None, limit: int
) -> list[dict[str, Any]]:
    """Passages in the order of their coding, without their words. Raises NotFound for a document that is not of the study."""
    if chosen.document is not None:
        queries.find_document(session, study, chosen.document)
    return [queries.plain(row) for row in queries.list_passages(session, study, chosen, after=after, limit=limit)]


def uncode_passage(session: Session, study: str, passage: str, *, if_match: str) -> None:
    """Take a code back and announce it. Raises NotFound or StaleVersion."""
    row = queries.find_passage(session, study, passage)
    check_match(if_match, row.version)
    announce.passage_uncoded(session, row)
    session.delete(row)


def show_words(session: Session, study: str, ids: Sequence[str]) -> list[dict[str, Any]]:
    """The words of passages, in the order asked for; ids that the study has not are left out.

    Of a private person's document neither words nor title are given, whoever asks: `paraphrase_only` says so.
    """
    found = {passage.id: (passage, document) for passage, document in queries.passages_with_documents(session, study, ids)}
    return [_words(session, *found[id]) for id in dict.fromkeys(ids) if id in found]


def _words(session: Session, passage: Passage, document: Document) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "id": passage.id,
        "document": document.id,
        "locator": {"page": passage.page, "paragraph": passage.paragraph},
    }
    if not may_be_quoted(cast(Author, document.author)):
        return {**shown, "paraphrase_only": True}
    blocks = queries.blocks_touching(session, document.id, passage.start, passage.end)
    words = words_of(Span(passage.start, passage.end), blocks[0].start, [block.text for block in blocks])
    return {**shown, "text": words, "title": document.title}
