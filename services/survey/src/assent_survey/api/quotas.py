"""Quotas of a collection: cells with targets, live counts for researchers, and an answer for the survey platform that screens."""

from typing import Annotated

from fastapi import Depends, Header, Request, Response

from assent_kit.app import router
from assent_kit.auth import RESEARCHERS, Principal, allow
from assent_kit.etags import etag_of
from assent_kit.problems import Forbidden, InvalidRequest, NotFound, StaleVersion, Unauthenticated, problems
from assent_survey.api.fieldwork_schemas import CellOut, KindIn, QuotasIn, QuotasOut, ScreenedOut
from assent_survey.domain.quotas import Filled, kind_of, screen
from assent_survey.service.quotas import Quotas, read_quotas, set_quotas
from assent_survey.store.queries import find
from assent_survey.store.tables import Collection

routes = router(
    prefix="/v1/studies/{study}/collections/{collection}/quotas",
    tags=["fieldwork"],
    responses=problems(Unauthenticated, Forbidden, NotFound),
)

# Counts of small cells tell about people, so that nobody below a researcher is shown any.
Researcher = Annotated[Principal, Depends(allow(RESEARCHERS))]
IfMatchOptional = Annotated[str | None, Header(alias="If-Match", description="the ETag of the version to replace")]


@routes.put("", response_model=QuotasOut, responses=problems(InvalidRequest, StaleVersion))
async def put(
    request: Request, study: str, collection: str, who: Researcher, body: QuotasIn, if_match: IfMatchOptional = None
) -> Response:
    """Replace the quotas, whole."""
    await request.app.state.database.write(set_quotas, study, collection, body.cells, if_match=if_match)
    request.app.state.screening.forget(collection)
    return await _show(request, study, collection)


@routes.get("", response_model=QuotasOut)
async def show(request: Request, study: str, collection: str, who: Researcher) -> Response:
    """The quotas as full as they are now: finished responses with consent that are no tests."""
    return await _show(request, study, collection)


@routes.post("/check", response_model=ScreenedOut, responses=problems(InvalidRequest))
async def check(request: Request, study: str, collection: str, who: Researcher, body: KindIn) -> ScreenedOut:
    """Whether somebody of this kind is still wanted. Cells of which something is not known yet do not count."""
    await request.app.state.database.read(find, Collection, study, collection)
    cells = await request.app.state.screening.cells(collection)
    state, theirs = screen(cells, kind_of(body.groups, body.answers))
    return ScreenedOut(state=state, cells=[_cell(each) for each in theirs])


async def _show(request: Request, study: str, collection: str) -> Response:
    """With the ETag of the plan, which is no reason to keep an answer: its counts are live."""
    quotas = await request.app.state.database.read(read_quotas, study, collection)
    headers = {"ETag": etag_of(quotas.version), "Cache-Control": "no-store"}
    return Response(_shape(quotas).model_dump_json(), headers=headers, media_type="application/json")


def _shape(quotas: Quotas) -> QuotasOut:
    return QuotasOut(usable=quotas.usable, cells=[_cell(each) for each in quotas.cells])


def _cell(filled: Filled) -> CellOut:
    target = filled.cell.target
    return CellOut(**filled.cell.model_dump(), count=filled.count, remaining=max(0, target - filled.count), state=filled.state)
