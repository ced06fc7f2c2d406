"""Passages: code a span, list and fetch codes, take one back, and the words of many in one batch."""

from typing import Annotated

from fastapi import Query, Request, Response

from assent_contracts.practice import Term
from assent_contracts.stances import PassageStance, Stakeholder
from assent_ingest.api.access import CODES, READS, Coder, Store
from assent_ingest.api.schemas import PassageIds, PassageIn, PassageOut, PassageTexts
from assent_ingest.problems import DocumentWithoutText, UnknownRationale
from assent_ingest.service import code_passage as coding
from assent_ingest.store.queries import PassageFilter
from assent_kit.app import router
from assent_kit.etags import IfMatch, answer, etag_of
from assent_kit.idempotency import OnceOnly
from assent_kit.paging import Page, PageQuery, PageRequest, paginate
from assent_kit.problems import Forbidden, InvalidRequest, NotFound, PreconditionRequired, StaleVersion, problems

routes = router(prefix="/v1/studies/{study}", tags=["passages"], responses=problems(NotFound, Forbidden))

Code = Annotated[Term | None, Query(description="a rationale of the codebook")]


@routes.post(
    "/documents/{document}/passages",
    status_code=201,
    response_model=PassageOut,
    responses=problems(InvalidRequest, UnknownRationale, DocumentWithoutText),
)
async def code(request: Request, study: str, document: str, who: Coder, store: Store, body: PassageIn, once: OnceOnly) -> Response:
    """Code a span of the canonical text; who codes is recorded."""
    home = f"/v1/studies/{study}/passages"
    made = await once.create(
        store, home, coding.code_passage, study=study, document=document, coding=body.coding(), coder=who.subject
    )
    return await _show(request, study, made.id, store, status=201, location=made.location)


async def _show(
    request: Request, study: str, passage: str, store: Store, *, status: int = 200, location: str | None = None
) -> Response:
    row = await store.read(coding.show_passage, study, passage)
    headers = {"Location": location} if location else None
    return answer(request, PassageOut.of(row), etag=etag_of(row["version"]), status=status, headers=headers)


@routes.get("/documents/{document}/passages", dependencies=READS)
async def of_document(study: str, document: str, store: Store, page: PageQuery) -> Page[PassageOut]:
    """The passages of a document in the order of their coding."""
    return await _page(store, study, page, PassageFilter(document=document))


@routes.get("/passages", dependencies=READS)
async def many(
    study: str,
    store: Store,
    page: PageQuery,
    code: Code = None,
    stance: PassageStance | None = None,
    stakeholder: Stakeholder | None = None,
) -> Page[PassageOut]:
    """The study's passages in the order of their coding."""
    return await _page(store, study, page, PassageFilter(code=code, stance=stance, stakeholder=stakeholder))


async def _page(store: Store, study: str, page: PageRequest, chosen: PassageFilter) -> Page[PassageOut]:
    rows = await store.read(coding.list_passages, study, chosen, after=page.after, limit=page.fetch)
    return paginate(rows, page, key=lambda row: row["id"], shape=PassageOut.of)


@routes.get("/passages/{passage}", response_model=PassageOut, dependencies=READS)
async def one(request: Request, study: str, passage: str, store: Store) -> Response:
    """What was coded, without its words."""
    return await _show(request, study, passage, store)


@routes.delete("/passages/{passage}", status_code=204, responses=problems(PreconditionRequired, StaleVersion), dependencies=CODES)
async def uncode(study: str, passage: str, store: Store, if_match: IfMatch) -> Response:
    """Take a code back."""
    await store.write(coding.uncode_passage, study, passage, if_match=if_match)
    return Response(status_code=204)


@routes.post("/passages/texts", response_model_exclude_none=True, responses=problems(InvalidRequest), dependencies=READS)
async def texts(study: str, store: Store, body: PassageIds) -> PassageTexts:
    """The words of up to 500 passages; a private person's are never given, whoever asks."""
    return PassageTexts.model_validate({"items": await store.read(coding.show_words, study, body.ids)})
