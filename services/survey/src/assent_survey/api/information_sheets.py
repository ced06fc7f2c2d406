"""Information sheets: what parents are told before they take part, version by version."""

from typing import Annotated

from fastapi import Depends, Request, Response

from assent_kit.app import router
from assent_kit.auth import READERS, RESEARCHERS, Principal, allow
from assent_kit.etags import answer, etag_of
from assent_kit.problems import Forbidden, InvalidRequest, NotFound, Unauthenticated, problems
from assent_survey.api.fieldwork_schemas import SheetOut, SheetsOut
from assent_survey.domain.information_sheet import Sheet
from assent_survey.problems import InformationSheetIsFixed
from assent_survey.service.information_sheets import put_sheet, read_sheet, read_sheets
from assent_survey.store.fieldwork_tables import InformationSheet

routes = router(
    prefix="/v1/studies/{study}/collections/{collection}/information-sheet",
    tags=["fieldwork"],
    responses=problems(Unauthenticated, Forbidden, NotFound),
)

Reader = Annotated[Principal, Depends(allow(READERS))]
Researcher = Annotated[Principal, Depends(allow(RESEARCHERS))]


@routes.put("", response_model=SheetOut, responses=problems(InvalidRequest, InformationSheetIsFixed))
async def put(request: Request, study: str, collection: str, who: Researcher, body: Sheet) -> Response:
    """Show this version from now on, under the name that the ethics approval gives it. Versions are kept as they were shown."""
    await request.app.state.database.write(put_sheet, study, collection, body)
    return await _show(request, study, collection)


@routes.get("", response_model=SheetOut)
async def show(request: Request, study: str, collection: str, who: Reader) -> Response:
    """The version that is shown now."""
    return await _show(request, study, collection)


@routes.get("/versions", response_model=SheetsOut)
async def show_versions(request: Request, study: str, collection: str, who: Reader) -> Response:
    """Every version, oldest first. A response was given under the newest one from before it was received."""
    rows = await request.app.state.database.read(read_sheets, study, collection)
    return answer(request, SheetsOut(items=[_shape(row) for row in rows]), etag=etag_of(rows[-1].number))


async def _show(request: Request, study: str, collection: str) -> Response:
    row = await request.app.state.database.read(read_sheet, study, collection)
    return answer(request, _shape(row), etag=etag_of(row.number))


def _shape(row: InformationSheet) -> SheetOut:
    sheet = Sheet(version=row.version, languages=row.languages)
    return SheetOut(version=row.version, number=row.number, since=row.made_at, languages=sheet.languages)
