"""Imports of files of responses: sent, watched as a job, reported, deleted."""

from typing import Annotated, Any

from fastapi import Depends, Request, Response
from starlette.datastructures import UploadFile

from assent_kit.app import router
from assent_kit.auth import RESEARCHERS, Principal, allow
from assent_kit.blobs import CHUNK
from assent_kit.database import Database
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
    TooLarge,
    Unauthenticated,
    UnsupportedMedia,
    problems,
)
from assent_survey.api.import_schemas import ImportOut, ImportReport, Outcomes
from assent_survey.api.import_uploads import BODY, read_upload
from assent_survey.problems import CollectionIsClosed
from assent_survey.service import ask_import as imports
from assent_survey.service.ask_import import ImportNow

routes = router(prefix="/v1/studies/{study}", tags=["imports"], responses=problems(Unauthenticated, Forbidden, NotFound))

Researcher = Annotated[Principal, Depends(allow(RESEARCHERS))]


@routes.post(
    "/collections/{collection}/imports",
    status_code=202,
    response_model=ImportOut,
    openapi_extra=BODY,
    responses=problems(InvalidRequest, IdempotencyConflict, TooLarge, UnsupportedMedia, CollectionIsClosed),
)
async def ask(request: Request, study: str, collection: str, who: Researcher, once: OnceOnly) -> Response:
    """Import a file of responses: CSV, SPSS or Stata, with a mapping of its columns in the `metadata`.

    A job reads it: `Location` is the job's. The same file again makes nothing new, a changed row another version. The file is deleted when
    the job is over, however it ends.
    """
    state = request.app.state
    async with read_upload(request, state.settings.survey_import_bytes) as (file, wanted):
        made = await once.create(
            state.database,
            f"/v1/studies/{study}/imports",
            imports.begin_import,
            study,
            collection,
            kind=wanted.format,
            plan=wanted.mapping,
            dry_run=wanted.dry_run,
            by=who.subject,
        )
        if not made.repeated:
            await _keep(state.database, study, made.id, file)
    found = await _find(request, study, made.id)
    headers = {"Location": _job(found) or made.location}
    return answer(request, _whole(found), etag=etag_of(found.version), status=202, headers=headers)


@routes.get("/imports")
async def list_all(
    request: Request, study: str, who: Researcher, page: PageQuery, collection: str | None = None
) -> Page[ImportOut]:
    """The study's imports in the order in which they were asked for."""
    rows = await request.app.state.database.read(imports.list_imports, study, page, collection=collection)
    return paginate(rows, page, key=lambda found: found.row.id, shape=_whole)


@routes.get("/imports/{id}", response_model=ImportOut)
async def show(request: Request, study: str, id: str, who: Researcher) -> Response:
    """An import: how far it is, what the file held, what became of its rows, and which rows were not taken and why."""
    found = await _find(request, study, id)
    return answer(request, _whole(found), etag=etag_of(found.version))


@routes.delete("/imports/{id}", status_code=204, responses=problems(StaleVersion, PreconditionRequired))
async def delete(request: Request, study: str, id: str, who: Researcher, if_match: IfMatch) -> Response:
    """Delete an import with its report; one that runs is stopped. The responses that it made stay."""
    await request.app.state.database.write(imports.delete_import, study, id, if_match)
    return Response(status_code=204)


async def _keep(database: Database, study: str, id: str, file: UploadFile) -> None:
    """Keep the file piece by piece and have it read; when that breaks off, nothing of it stays."""
    try:
        number = 0
        while piece := await file.read(CHUNK):
            await database.write(imports.keep_piece, id, number, piece)
            number += 1
        await database.write(imports.queue_import, study, id)
    except BaseException:
        await database.write(imports.forget_import, study, id)
        raise


async def _find(request: Request, study: str, id: str) -> ImportNow:
    found: ImportNow = await request.app.state.database.read(imports.show_import, study, id)
    return found


def _job(found: ImportNow) -> str | None:
    return f"/v1/studies/{found.row.study}/jobs/{found.row.job}" if found.row.job else None


def _whole(found: ImportNow) -> ImportOut:
    row = found.row
    facts: dict[str, Any] = row.model_dump(include={"id", "collection", "dry_run", "asked_by", "asked_at", "ended_at"})
    return ImportOut(
        **facts,
        format=row.kind,
        mapping=row.plan,
        state=found.state,
        job=_job(found),
        file_kept=row.has_file,
        report=ImportReport(**row.found) if row.found else None,
        outcomes=Outcomes(**row.outcomes),
    )
