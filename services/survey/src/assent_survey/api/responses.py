"""Responses: coded answers as they stand, their history, and direct submission."""

from typing import Annotated, Any

from fastapi import Depends, Request, Response

from assent_kit.app import router
from assent_kit.auth import ANALYSTS, RESEARCHERS, Principal, allow
from assent_kit.etags import IfMatch, answer, etag_of
from assent_kit.idempotency import OnceOnly
from assent_kit.paging import Page, PageQuery, paginate
from assent_kit.problems import (
    Forbidden,
    IdempotencyConflict,
    InvalidRequest,
    NotFound,
    PreconditionRequired,
    SecretAlreadyShown,
    StaleVersion,
    Unauthenticated,
    problems,
)
from assent_survey.api.fieldwork_schemas import ResponseChange
from assent_survey.api.schemas import ResponseIn, ResponseMade, ResponseOut, VersionsOut
from assent_survey.api.shapes import response_out, versions_out
from assent_survey.problems import CollectionIsClosed, RespondentHasWithdrawn
from assent_survey.service.keys import Keys
from assent_survey.service.mark_test import mark_test
from assent_survey.service.submit_response import delete_submitted, submit_response
from assent_survey.store import tables
from assent_survey.store.queries import find, list_responses, versions_of_response

routes = router(
    prefix="/v1/studies/{study}/responses", tags=["responses"], responses=problems(Unauthenticated, Forbidden, NotFound)
)

Analyst = Annotated[Principal, Depends(allow(ANALYSTS))]
Researcher = Annotated[Principal, Depends(allow(RESEARCHERS))]


@routes.post(
    "",
    status_code=201,
    response_model=ResponseMade,
    responses=problems(InvalidRequest, IdempotencyConflict, SecretAlreadyShown, CollectionIsClosed, RespondentHasWithdrawn),
)
async def submit(request: Request, study: str, who: Researcher, body: ResponseIn, once: OnceOnly) -> Response:
    """Submit a response. The answer holds the respondent's withdrawal code, once: hand it to them.

    Answers that the instrument does not know are refused, all of them named, unless `accept_problems` is set: then the others are kept,
    and these are listed with the response as its `problems`.
    """
    database, keys, submitted = request.app.state.database, Keys.of(request.app.state.settings), body.model_dump()
    try:
        made = await once.create(database, f"/v1/studies/{study}/responses", submit_response, study, keys=keys, **submitted)
    except RespondentHasWithdrawn:
        await database.write(delete_submitted, study, keys=keys, **submitted)
        raise
    code = made.first_result().withdrawal_code
    try:
        row = await database.read(find, tables.Response, study, made.id)
    except NotFound as gone:  # whoever gave it withdrew in the meantime
        raise RespondentHasWithdrawn from gone
    whole = ResponseMade(**_shape(row, who).model_dump(), withdrawal_code=code)
    return answer(request, whole, etag=etag_of(row.version), status=201, headers={"Location": made.location})


@routes.get("")
async def list_all(
    request: Request,
    study: str,
    who: Analyst,
    page: PageQuery,
    collection: str | None = None,
    respondent: str | None = None,
    complete: bool | None = None,
) -> Page[ResponseOut]:
    """Responses in order of their arrival, without open texts."""
    filters = {"collection": collection, "respondent": respondent, "complete": complete}
    rows = await request.app.state.database.read(list_responses, study, page, **filters)
    return paginate(rows, page, key=lambda row: row.id, shape=lambda row: response_out(row, with_texts=False))


@routes.get("/{response}", response_model=ResponseOut)
async def show(request: Request, study: str, response: str, who: Analyst) -> Response:
    """A response as it stands."""
    row = await request.app.state.database.read(find, tables.Response, study, response)
    return answer(request, _shape(row, who), etag=etag_of(row.version))


@routes.patch("/{response}", response_model=ResponseOut, responses=problems(InvalidRequest, PreconditionRequired, StaleVersion))
async def mark(request: Request, study: str, response: str, who: Researcher, body: ResponseChange, if_match: IfMatch) -> Response:
    """Say whether a response is a test, whatever the platform says. A test is never counted, exported or estimated."""
    await request.app.state.database.write(mark_test, study, response, if_match, test=body.test)
    row = await request.app.state.database.read(find, tables.Response, study, response)
    return answer(request, _shape(row, who), etag=etag_of(row.version))


@routes.get("/{response}/versions", response_model=VersionsOut)
async def show_versions(request: Request, study: str, response: str, who: Analyst) -> Response:
    """Every version of a response, oldest first."""
    rows = await request.app.state.database.read(versions_of_response, study, response)
    return answer(request, versions_out(rows, with_texts=who.role in RESEARCHERS), etag=etag_of(rows[-1].number))


def _shape(row: Any, who: Principal) -> ResponseOut:
    return response_out(row, with_texts=who.role in RESEARCHERS)
