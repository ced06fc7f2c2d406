"""Codebooks: the columns that exports have, and what their numbers mean."""

from typing import Annotated

from fastapi import Depends, Path, Request

from assent_kit.app import router
from assent_kit.auth import READERS, Principal, allow
from assent_kit.problems import Forbidden, InvalidRequest, NotFound, Unauthenticated, problems
from assent_survey.api.export_schemas import ByLanguage, CodebookOut
from assent_survey.exports.dictionary import dictionary_of
from assent_survey.service.describe_data import codebook_of_collection, codebook_of_version

routes = router(
    prefix="/v1/studies/{study}", tags=["exports"], responses=problems(Unauthenticated, Forbidden, NotFound, InvalidRequest)
)

Reader = Annotated[Principal, Depends(allow(READERS))]
VersionNumber = Annotated[int, Path(ge=1, le=1_000_000)]


@routes.get("/instruments/{instrument}/versions/{number}/codebook")
async def of_version(
    request: Request, study: str, instrument: str, number: VersionNumber, who: Reader, language: ByLanguage = None
) -> CodebookOut:
    """The columns that an export of any collection of this version would have."""
    codebook = await request.app.state.database.read(codebook_of_version, study, instrument, number, language)
    return CodebookOut(**dictionary_of(codebook))


@routes.get("/collections/{collection}/codebook")
async def of_collection(request: Request, study: str, collection: str, who: Reader, language: ByLanguage = None) -> CodebookOut:
    """The columns that an export of this collection has."""
    codebook = await request.app.state.database.read(codebook_of_collection, study, collection, language=language)
    return CodebookOut(**dictionary_of(codebook))
