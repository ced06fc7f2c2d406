"""Studies: open, list, change, close."""

from fastapi import Request, Response

from assent_gateway.api.access import Data, Owner, Reader, Settings, Steward, access_changed
from assent_gateway.api.schemas import StudyIn, StudyOut, StudyPatch
from assent_gateway.problems import MayNotOpenStudies, StudyClosed
from assent_gateway.service.open_study import change_study, close_study, open_study
from assent_gateway.store.queries import find_study, studies_of
from assent_kit.app import router
from assent_kit.database import Database
from assent_kit.etags import IfMatch, answer, etag_of
from assent_kit.idempotency import OnceOnly
from assent_kit.paging import Page, PageQuery, paginate
from assent_kit.problems import Forbidden, NotFound, PreconditionRequired, StaleVersion, Unauthenticated, problems

studies = router(prefix="/v1/studies", tags=["studies"], responses=problems(Unauthenticated))


@studies.post("", status_code=201, response_model=StudyOut, responses=problems(MayNotOpenStudies))
async def open_new_study(
    request: Request, who: Reader, body: StudyIn, database: Data, settings: Settings, once: OnceOnly
) -> Response:
    """Open a study; you become its owner."""
    made = await once.create(
        database,
        "/v1/studies",
        open_study,
        title=body.title,
        description=body.description,
        by=who.subject,
        openers=settings.study_openers,
    )
    access_changed(request, made.id)
    return await _show(request, database, made.id, status=201, headers={"Location": made.location})


@studies.get("")
async def list_studies(who: Reader, database: Data, page: PageQuery) -> Page[StudyOut]:
    """The studies that you belong to, oldest first."""
    rows = await database.read(studies_of, who.subject, after=page.after, limit=page.fetch)
    return paginate(rows, page, key=lambda study: study.id, shape=StudyOut.of)


@studies.get("/{study}", response_model=StudyOut, responses=problems(NotFound))
async def read_study(request: Request, study: str, who: Reader, database: Data) -> Response:
    """A study."""
    return await _show(request, database, study)


@studies.patch(
    "/{study}", response_model=StudyOut, responses=problems(NotFound, Forbidden, StudyClosed, StaleVersion, PreconditionRequired)
)
async def patch_study(request: Request, study: str, who: Steward, body: StudyPatch, database: Data, if_match: IfMatch) -> Response:
    """Change the title or the description."""
    await database.write(change_study, study, changes=body.model_dump(exclude_unset=True), if_match=if_match)
    return await _show(request, database, study)


@studies.post("/{study}/close", response_model=StudyOut, responses=problems(NotFound, Forbidden))
async def close(request: Request, study: str, who: Owner, database: Data) -> Response:
    """Close the study: it is read from now on, not written, but people can still withdraw from it."""
    await database.write(close_study, study)
    access_changed(request, study)
    return await _show(request, database, study)


async def _show(
    request: Request, database: Database, study: str, *, status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    found = await database.read(find_study, study)
    if found is None:
        raise NotFound
    return answer(request, StudyOut.of(found), etag=etag_of(found.version), status=status, headers=headers)
