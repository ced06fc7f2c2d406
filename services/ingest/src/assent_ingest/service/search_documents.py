"""Search the text of all documents of a study. The index proposes blocks; whether and where they match is decided by the domain."""

from typing import Any, cast

from sqlmodel import Session

from assent_contracts.stances import Author
from assent_ingest.domain.documents import may_be_quoted
from assent_ingest.domain.queries import EmptyQuery, find, parse, snippet
from assent_ingest.store import queries
from assent_ingest.store.tables import Block, Document
from assent_kit.problems import FieldError, InvalidRequest

PROPOSED_AT_ONCE = 100


def search(
    session: Session, study: str, query: str, *, stakeholder: str | None, after: int, limit: int, verbatim: bool
) -> list[dict[str, Any]]:
    """Blocks in which every term occurs, in the order of upload and reading.

    Without `verbatim`, hits in a private person's document carry no snippet. Raises InvalidRequest for a query without words.
    """
    try:
        terms = parse(query)
    except EmptyQuery as error:
        raise InvalidRequest(errors=[FieldError(pointer="?q", message=str(error))]) from error
    hits: list[dict[str, Any]] = []
    while True:
        proposed = queries.blocks_proposed(session, study, terms, stakeholder=stakeholder, after=after, limit=PROPOSED_AT_ONCE)
        for block, document in proposed:
            if places := find(terms, block.text):
                hits.append(_hit(block, document, places, verbatim=verbatim))
            if len(hits) == limit:
                return hits
        if len(proposed) < PROPOSED_AT_ONCE:
            return hits
        after = cast(int, proposed[-1][0].id)


def _hit(block: Block, document: Document, places: list[tuple[int, int]], *, verbatim: bool) -> dict[str, Any]:
    """A block that matches: where it is, where in it the terms stand, and what the register says of its document."""
    shown = verbatim or may_be_quoted(cast(Author, document.author))
    return {
        "position": str(block.id),
        "document": document.model_dump(
            include={"id", "title", "stakeholder", "kind", "author", "publisher", "published_on"} - (set() if shown else {"title"})
        ),
        "locator": {"page": block.page, "paragraph": block.paragraph},
        "start": block.start,
        "end": block.end,
        "hits": [{"start": block.start + start, "end": block.start + end} for start, end in places],
        **({"snippet": snippet(block.text, places[0])} if shown else {"paraphrase_only": True}),
    }
