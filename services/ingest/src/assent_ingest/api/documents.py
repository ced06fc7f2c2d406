"""Documents: upload, register, text, original, removal."""

import logging
from datetime import date
from functools import partial
from typing import Annotated
from urllib.parse import quote

from anyio import to_thread
from fastapi import Depends, Query, Request, Response
from tenacity import RetryError

from assent_contracts.stances import Stakeholder
from assent_ingest.api.access import MANAGES, READS, Reader, Researcher, Store, sees_private_words
from assent_ingest.api.schemas import DocumentChanges, DocumentOut, TextOut
from assent_ingest.api.uploads import FORM, read_upload
from assent_ingest.domain.reading import Reading, Status, Unreadable
from assent_ingest.problems import REFUSALS, DocumentWithoutText, ParaphraseOnly
from assent_ingest.service import keep_document as keep
from assent_ingest.service import show_documents as shelf
from assent_ingest.service.read_document import read_document
from assent_ingest.store.queries import DocumentFilter
from assent_kit.app import router
from assent_kit.etags import IfMatch, answer, etag_of
from assent_kit.idempotency import OnceOnly
from assent_kit.paging import Page, PageQuery, paginate
from assent_kit.problems import Forbidden, InvalidRequest, NotFound, PreconditionRequired, StaleVersion, Unavailable, problems

logger = logging.getLogger(__name__)

routes = router(prefix="/v1/studies/{study}/documents", tags=["documents"], responses=problems(NotFound, Forbidden))


@routes.post(
    "",
    status_code=201,
    response_model=DocumentOut,
    responses={
        200: {"model": DocumentOut, "description": "these bytes are in the study already"},
        **problems(*REFUSALS.values(), InvalidRequest),
    },
    openapi_extra=FORM.body,
    dependencies=[Depends(FORM.bounded)],
)
async def upload(request: Request, study: str, who: Researcher, store: Store, once: OnceOnly) -> Response:
    """Read a file and keep it with its text.

    A file that cannot be read is refused and nothing of it is kept; a scan (`needs_ocr`) and one with broken fonts (`garbled`) are
    kept without text. The same bytes again answer 200 with the first document.
    """
    content, filename, metadata = await read_upload(request)
    file = await to_thread.run_sync(keep.Upload.of, content, filename)
    known = await store.read(keep.find_same, study, file.sha256)
    reading = None if known else await _read(request, content)
    home = f"/v1/studies/{study}/documents"
    facts = metadata.facts(filename)
    made = await once.create(
        store, home, keep.keep_document, study=study, facts=facts, upload=file, reading=reading, by=who.subject
    )
    first_time = made.repeated or made.first_result().new
    return await _show(request, study, made.id, store, status=201 if first_time else 200, location=made.location)


async def _read(request: Request, content: bytes) -> Reading:
    """Read a file in a process of its own. Raises Unavailable when too many are waiting for that."""
    settings, turns = request.app.state.settings, request.app.state.reading
    if turns.statistics().tasks_waiting >= settings.ingest_documents_waiting and not turns.available_tokens:
        raise Unavailable(detail="too many documents are being read at this moment", headers={"Retry-After": "30"})
    try:
        return await to_thread.run_sync(partial(read_document, content, seconds=settings.ingest_document_seconds), limiter=turns)
    except OSError as error:
        raise Unavailable(detail="no process can be started to read the document") from error
    except Unreadable as error:
        raise REFUSALS[error.refusal](error.why) from error


async def _show(
    request: Request, study: str, document: str, store: Store, *, status: int = 200, location: str | None = None
) -> Response:
    row = await store.read(shelf.show_document, study, document)
    headers = {"Location": location} if location else None
    shown = DocumentOut.of(row, verbatim=sees_private_words(request.state.principal))
    return answer(request, shown, etag=etag_of(row["version"]), status=status, headers=headers)


@routes.get("")
async def many(
    study: str,
    who: Reader,
    store: Store,
    page: PageQuery,
    stakeholder: Stakeholder | None = None,
    publisher: Annotated[str | None, Query(max_length=200, description="the whole name; case makes no difference")] = None,
    published_from: Annotated[date | None, Query(alias="from", description="published on this day or later")] = None,
    published_to: Annotated[date | None, Query(alias="to", description="published on this day or earlier")] = None,
    status: Status | None = None,
    q: Annotated[str | None, Query(max_length=200, min_length=1, description="part of the title, publisher or file name")] = None,
) -> Page[DocumentOut]:
    """Documents in the order of their upload."""
    chosen = DocumentFilter(
        stakeholder=stakeholder,
        publisher=publisher,
        published_from=published_from,
        published_to=published_to,
        status=status,
        q=q,
    )
    rows = await store.read(shelf.list_documents, study, chosen, after=page.after, limit=page.fetch)
    return paginate(rows, page, key=lambda row: row["id"], shape=partial(DocumentOut.of, verbatim=sees_private_words(who)))


@routes.get("/{document}", response_model=DocumentOut, dependencies=READS)
async def one(request: Request, study: str, document: str, store: Store) -> Response:
    """What the register says of a document."""
    return await _show(request, study, document, store)


@routes.patch(
    "/{document}",
    response_model=DocumentOut,
    responses=problems(PreconditionRequired, StaleVersion, InvalidRequest),
    dependencies=MANAGES,
)
async def change(request: Request, study: str, document: str, store: Store, body: DocumentChanges, if_match: IfMatch) -> Response:
    """Change facts of the register (JSON merge patch)."""
    changes = body.model_dump(exclude_unset=True)
    await store.write(keep.change_document, study, document, changes=changes, if_match=if_match)
    return await _show(request, study, document, store)


@routes.delete("/{document}", status_code=204, responses=problems(PreconditionRequired, StaleVersion), dependencies=MANAGES)
async def remove(study: str, document: str, store: Store, if_match: IfMatch) -> Response:
    """Delete the document, its original, its text and its passages."""
    await store.write(keep.remove_document, study, document, if_match=if_match)
    try:
        await store.checkpoint()
    except RetryError:
        # Somebody reads without pause. The document is gone; the log of SQLite is emptied at the next removal or restart.
        logger.warning("the write-ahead log could not be emptied after a removal")
    return Response(status_code=204)


@routes.get("/{document}/text", response_model=TextOut, responses=problems(DocumentWithoutText, ParaphraseOnly))
async def text(request: Request, study: str, document: str, who: Reader, store: Store) -> Response:
    """The canonical text with its blocks."""
    found = await store.read(shelf.show_text, study, document, verbatim=sees_private_words(who))
    return answer(request, TextOut(**found), etag=etag_of(f"{document}-text"))


@routes.get("/{document}/original", responses={200: {"content": {"application/octet-stream": {}}}, **problems(ParaphraseOnly)})
async def original(study: str, document: str, who: Reader, store: Store) -> Response:
    """The file as it came. It is a stranger's file: it is to be saved, and nothing in it may run."""
    content, media_type, filename, sha256 = await store.read(shelf.show_original, study, document, verbatim=sees_private_words(who))
    headers = {
        "Content-Disposition": f'attachment; filename="{filename.encode("ascii", "replace").decode().replace("?", "_")}"; '
        f"filename*=UTF-8''{quote(filename, safe='')}",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Cache-Control": "private, no-cache",
        "ETag": etag_of(sha256),
    }
    return Response(content, media_type=media_type, headers=headers)
