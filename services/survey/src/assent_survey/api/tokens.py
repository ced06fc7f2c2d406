"""Tokens of a collection's respondents: issued in batches, shown once, counted ever after."""

import csv
import io
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Depends, Request, Response

from assent_kit.app import router
from assent_kit.auth import RESEARCHERS, Principal, allow
from assent_kit.etags import answer, etag_of
from assent_kit.idempotency import OnceOnly
from assent_kit.paging import Page, PageQuery, paginate
from assent_kit.problems import (
    Forbidden,
    IdempotencyConflict,
    InvalidRequest,
    NotFound,
    SecretAlreadyShown,
    Unauthenticated,
    problems,
)
from assent_survey.api.fieldwork_schemas import TokenBatchOut, TokensIn, TokensMade
from assent_survey.problems import CollectionIsClosed
from assent_survey.service.keys import Keys
from assent_survey.service.tokens import Batch, Issued, issue_tokens, read_batch, read_batches
from assent_survey.settings import SurveySettings

routes = router(
    prefix="/v1/studies/{study}/collections/{collection}/tokens",
    tags=["fieldwork"],
    responses=problems(Unauthenticated, Forbidden, NotFound),
)

Researcher = Annotated[Principal, Depends(allow(RESEARCHERS))]

_ALSO_CSV: dict[int | str, dict[str, Any]] = {201: {"content": {"text/csv": {"schema": {"type": "string"}}}}}
_UNCACHED = {"Cache-Control": "no-store"}


@routes.post(
    "",
    status_code=201,
    response_model=TokensMade,
    responses={**_ALSO_CSV, **problems(InvalidRequest, IdempotencyConflict, SecretAlreadyShown, CollectionIsClosed)},
)
async def issue(request: Request, study: str, collection: str, who: Researcher, body: TokensIn, once: OnceOnly) -> Response:
    """Issue tokens. They are in this answer and nowhere else: as a list, or as a file for `Accept: text/csv`."""
    settings, database = request.app.state.settings, request.app.state.database
    at = f"/v1/studies/{study}/collections/{collection}/tokens"
    keys = Keys.of(settings)
    made = await once.create(database, at, issue_tokens, study, keys=keys, collection=collection, **body.model_dump())
    issued = made.first_result()
    headers = {"Location": made.location, **_UNCACHED}
    if "text/csv" in request.headers.get("accept", ""):
        name = {"Content-Disposition": f'attachment; filename="tokens-{issued.id}.csv"'}
        return Response(_file(issued, settings), status_code=201, headers=headers | name, media_type="text/csv")
    batch = await database.read(read_batch, study, collection, issued.id)
    whole = TokensMade(**_shape(batch).model_dump(), page=_page_of("{token}", settings), tokens=issued.tokens)
    return answer(request, whole, etag=_etag(batch), status=201, headers=headers)


@routes.get("")
async def list_all(request: Request, study: str, collection: str, who: Researcher, page: PageQuery) -> Page[TokenBatchOut]:
    """Batches in order of their issue, with what their tokens have come to; never the tokens."""
    batches = await request.app.state.database.read(read_batches, study, collection, page)
    return paginate(batches, page, key=lambda batch: batch.row.id, shape=_shape)


@routes.get("/{batch}", response_model=TokenBatchOut)
async def show(request: Request, study: str, collection: str, batch: str, who: Researcher) -> Response:
    """A batch, with what its tokens have come to."""
    found = await request.app.state.database.read(read_batch, study, collection, batch)
    return answer(request, _shape(found), etag=_etag(found))


def _shape(batch: Batch) -> TokenBatchOut:
    row, counts = batch.row, batch.outcomes
    named = row.model_dump(include={"id", "label", "test", "issued_at", "issued"})
    outcomes: Mapping[str, int] = {name: counts.get(name, 0) for name in ("waiting", "started", "complete", "declined")}
    return TokenBatchOut(**named, **outcomes, withdrawn=row.issued - sum(outcomes.values()))


def _etag(batch: Batch) -> str:
    return etag_of("-".join(f"{batch.outcomes.get(name, 0)}" for name in ("waiting", "started", "complete", "declined")))


def _file(issued: Issued, settings: SurveySettings) -> str:
    lines = io.StringIO()
    writer = csv.writer(lines)
    writer.writerow(["token", "page"])
    writer.writerows([token, _page_of(token, settings)] for token in issued.tokens)
    return lines.getvalue()


def _page_of(token: str, settings: SurveySettings) -> str:
    return f"{settings.public_url.rstrip('/')}/v1/p/{token}"
