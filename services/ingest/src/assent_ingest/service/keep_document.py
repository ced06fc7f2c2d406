"""Take a document into the register, change what is said of it, and take it out again with everything that came of it."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sqlmodel import Session

from assent_ingest.domain.documents import Facts, period_of
from assent_ingest.domain.reading import Reading
from assent_ingest.service import announce
from assent_ingest.service.keep_rationales import begin_codebook
from assent_ingest.store import queries
from assent_ingest.store.tables import Blob, Document
from assent_kit import blobs
from assent_kit.etags import check_match
from assent_kit.identifiers import new_id
from assent_kit.problems import Unavailable


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it came."""

    content: bytes
    filename: str
    sha256: str

    @classmethod
    def of(cls, content: bytes, filename: str) -> "Upload":
        """With the hash by which the same file is known again."""
        return cls(content, filename, hashlib.sha256(content).hexdigest())


@dataclass(frozen=True, slots=True)
class Kept:
    """The document that holds these bytes, and whether it is new."""

    id: str
    new: bool


def find_same(session: Session, study: str, sha256: str) -> str | None:
    """The id of the study's document with these bytes."""
    found = queries.find_same_file(session, study, sha256)
    return found.id if found else None


def keep_document(session: Session, *, study: str, facts: Facts, upload: Upload, reading: Reading | None, by: str) -> Kept:
    """Keep a file with its text and announce it; the same bytes again are the document that there is.

    `reading` may be None only when the bytes are there already. Raises Unavailable when they went away meanwhile.
    """
    known = find_same(session, study, upload.sha256)
    if known:
        return Kept(known, new=False)
    if reading is None:
        raise Unavailable(detail="the document with these bytes was removed at this moment")
    begin_codebook(session, study)
    document = _document(study, facts, upload, reading, by)
    if not queries.insert_unless_there(session, document):
        return Kept(find_same(session, study, upload.sha256) or "", new=False)
    blobs.put(session, Blob, document.id, upload.content)
    queries.add_blocks(session, document.id, reading.blocks)
    announce.document_ingested(session, document)
    return Kept(document.id, new=True)


def change_document(session: Session, study: str, document: str, *, changes: Mapping[str, Any], if_match: str) -> None:
    """Change facts of the register and announce them. Raises NotFound or StaleVersion."""
    row = queries.find_document(session, study, document, to_change=True)
    check_match(if_match, row.version)
    for name, value in changes.items():
        setattr(row, name, value)
    if "published_on" in changes:
        _date(row)
    row.version += 1
    session.flush()
    announce.document_ingested(session, row)


def remove_document(session: Session, study: str, document: str, *, if_match: str) -> None:
    """Delete a document, its original, its text, its passages and its words in the index, and announce that they are gone."""
    row = queries.find_document(session, study, document, to_change=True)
    check_match(if_match, row.version)
    for passage in queries.passages_of(session, document):
        announce.passage_uncoded(session, passage)
    queries.remove_passages(session, document)
    announce.document_removed(session, row)
    blobs.remove(session, Blob, document)
    queries.remove_text(session, document)
    session.delete(row)


def _document(study: str, facts: Facts, upload: Upload, reading: Reading, by: str) -> Document:
    document = Document(
        id=new_id("doc"),
        study=study,
        **asdict(facts),
        filename=upload.filename,
        bytes=len(upload.content),
        sha256=upload.sha256,
        format=reading.format,
        status=reading.status,
        reader=reading.reader,
        pages=reading.pages,
        unread_pages=list(reading.unread_pages),
        characters=reading.characters,
        created_by=by,
    )
    _date(document)
    return document


def _date(document: Document) -> None:
    """Keep the days that `published_on` stands for, so that documents can be chosen by date."""
    period = period_of(document.published_on) if document.published_on else None
    document.published_first = period.first if period else None
    document.published_last = period.last if period else None
