"""Collections: waves of fieldwork with an instrument."""

from typing import Annotated, Any

from fastapi import Depends, Request, Response

from assent_kit.app import router
from assent_kit.auth import READERS, RESEARCHERS, Principal, allow
from assent_kit.etags import IfMatch, answer, etag_of
from assent_kit.idempotency import OnceOnly
from assent_kit.paging import Page, PageQuery, paginate
from assent_kit.problems import (
    Forbidden,
    IdempotencyConflict,
    InvalidRequest,
    NotFound,
    PreconditionRequired,
    StaleVersion,
    Unauthenticated,
    problems,
)
from assent_survey.api.schemas import CollectionChange, CollectionIn, CollectionOut
from assent_survey.api.shapes import collection_out
from assent_survey.domain.collection import CollectionFacts
from assent_survey.problems import NotPublished
from assent_survey.service.open_collection import change_collection, close_collection, open_collection
from assent_survey.store.queries import find, list_page
from assent_survey.store.tables import Collection

routes = router(
    prefix="/v1/studies/{study}/collections", tags=["collections"], responses=problems(Unauthenticated, Forbidden, NotFound)
)

Reader = Annotated[Principal, Depends(allow(READERS))]
Researcher = Annotated[Principal, Depends(allow(RESEARCHERS))]


@routes.post(
    "", status_code=201, response_model=CollectionOut, responses=problems(InvalidRequest, IdempotencyConflict, NotPublished)
)
async def create(request: Request, study: str, who: Researcher, body: CollectionIn, once: OnceOnly) -> Response:
    """Open a collection of a published version."""
    facts = CollectionFacts.model_validate(body.model_dump(exclude={"instrument", "number"}))
    made = await once.create(
        request.app.state.database,
        f"/v1/studies/{study}/collections",
        open_collection,
        study,
        instrument=body.instrument,
        number=body.number,
        facts=facts,
    )
    return await _show(request, study, made.id, status=201, headers={"Location": made.location})


@routes.get("")
async def list_collections(
    request: Request,
    study: str,
    who: Reader,
    page: PageQuery,
    instrument: str | None = None,
) -> Page[CollectionOut]:
    """Collections in order of their opening."""
    rows = await request.app.state.database.read(list_page, Collection, study, page, instrument=instrument)
    return paginate(rows, page, key=lambda row: row.id, shape=collection_out)


@routes.get("/{collection}", response_model=CollectionOut)
async def show(request: Request, study: str, collection: str, who: Reader) -> Response:
    """A collection."""
    return await _show(request, study, collection)


@routes.patch("/{collection}", response_model=CollectionOut, responses=problems(InvalidRequest, PreconditionRequired, StaleVersion))
async def change(
    request: Request,
    study: str,
    collection: str,
    who: Researcher,
    body: CollectionChange,
    if_match: IfMatch,
) -> Response:
    """Correct what is said of a collection, also of a closed one. Its instrument stays."""
    patch = body.model_dump(exclude_unset=True)
    await request.app.state.database.write(change_collection, study, collection, if_match, patch)
    return await _show(request, study, collection)


@routes.post("/{collection}/close", response_model=CollectionOut)
async def close(request: Request, study: str, collection: str, who: Researcher) -> Response:
    """Take no more responses. What has arrived is still applied; what arrives later is quarantined."""
    await request.app.state.database.write(close_collection, study, collection)
    return await _show(request, study, collection)


async def _show(request: Request, study: str, collection: str, **extra: Any) -> Response:
    row = await request.app.state.database.read(find, Collection, study, collection)
    return answer(request, collection_out(row), etag=etag_of(row.version), **extra)
