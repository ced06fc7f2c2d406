"""Codebooks: the columns that exports have, and what their numbers mean."""

from typing import Annotated, Any, Literal

from fastapi import Depends, Path, Query, Request, Response

from assent_kit.app import router
from assent_kit.auth import READERS, Principal, allow
from assent_kit.problems import Forbidden, InvalidRequest, NotFound, Unauthenticated, problems
from assent_survey.api.export_schemas import ByLanguage, CodebookOut
from assent_survey.exports.ddi import ddi_document
from assent_survey.exports.dictionary import dictionary_of
from assent_survey.service.describe_data import codebook_of_collection, codebook_of_version

routes = router(
    prefix="/v1/studies/{study}", tags=["exports"], responses=problems(Unauthenticated, Forbidden, NotFound, InvalidRequest)
)

Reader = Annotated[Principal, Depends(allow(READERS))]
_DDI: dict[int | str, dict[str, Any]] = {200: {"content": {"application/xml": {"schema": {"type": "string"}}}}}
VersionNumber = Annotated[int, Path(ge=1, le=1_000_000)]


@routes.get("/instruments/{instrument}/versions/{number}/codebook")
async def of_version(
    request: Request, study: str, instrument: str, number: VersionNumber, who: Reader, language: ByLanguage = None
) -> CodebookOut:
    """The columns that an export of any collection of this version would have."""
    codebook = await request.app.state.database.read(codebook_of_version, study, instrument, number, language)
    return CodebookOut(**dictionary_of(codebook))


@routes.get("/collections/{collection}/codebook", response_model=CodebookOut, responses=_DDI)
async def of_collection(
    request: Request,
    study: str,
    collection: str,
    who: Reader,
    language: ByLanguage = None,
    form: Annotated[Literal["json", "ddi"], Query(alias="as", description="JSON, or DDI-Codebook 2.5")] = "json",
) -> Response:
    """The columns that an export of this collection has."""
    codebook = await request.app.state.database.read(codebook_of_collection, study, collection, language=language)
    if form == "ddi":
        headers = {"Content-Disposition": f'attachment; filename="{collection}-ddi.xml"', "X-Content-Type-Options": "nosniff"}
        return Response(ddi_document(codebook), media_type="application/xml", headers=headers)
    return Response(CodebookOut(**dictionary_of(codebook)).model_dump_json(), media_type="application/json")
