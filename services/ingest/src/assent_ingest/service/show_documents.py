"""The register, the text and the originals, as plain data."""

from typing import Any, cast

from sqlmodel import Session

from assent_contracts.stances import Author
from assent_ingest.domain import text as canonical
from assent_ingest.domain.documents import may_be_quoted
from assent_ingest.domain.reading import MEDIA_TYPES, Format
from assent_ingest.problems import DocumentWithoutText, ParaphraseOnly
from assent_ingest.store import queries
from assent_ingest.store.tables import Blob, Document
from assent_kit import blobs


def show_document(session: Session, study: str, document: str) -> dict[str, Any]:
    """What the register says of a document. Raises NotFound."""
    return queries.plain(queries.find_document(session, study, document))


def list_documents(
    session: Session, study: str, chosen: queries.DocumentFilter, *, after: str | None, limit: int
) -> list[dict[str, Any]]:
    """Documents in the order of their upload."""
    return [queries.plain(row) for row in queries.list_documents(session, study, chosen, after=after, limit=limit)]


def show_text(session: Session, study: str, document: str, *, verbatim: bool) -> dict[str, Any]:
    """The canonical text with its blocks. Raises NotFound, DocumentWithoutText, or ParaphraseOnly unless `verbatim` words are allowed."""
    row = _readable(session, study, document, verbatim=verbatim)
    blocks = queries.blocks_of(session, document)
    if not blocks:
        raise DocumentWithoutText(f"its status is {row.status}")
    return {
        "document": row.id,
        "reader": row.reader,
        "characters": row.characters,
        "text": canonical.join(block.text for block in blocks),
        "blocks": [block.model_dump(include={"start", "end", "kind", "page", "paragraph"}) for block in blocks],
    }


def show_original(session: Session, study: str, document: str, *, verbatim: bool) -> tuple[bytes, str, str, str]:
    """The file as it came: its bytes, media type, name and hash. Raises NotFound or ParaphraseOnly."""
    row = _readable(session, study, document, verbatim=verbatim)
    return blobs.read(session, Blob, document), MEDIA_TYPES[cast(Format, row.format)], row.filename, row.sha256


def _readable(session: Session, study: str, document: str, *, verbatim: bool) -> Document:
    row = queries.find_document(session, study, document)
    if not verbatim and not may_be_quoted(cast(Author, row.author)):
        raise ParaphraseOnly
    return row
