"""Exports: asked for of a collection, watched as a job, downloaded as a zip file, deleted."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from fastapi.responses import StreamingResponse

from assent_kit.app import router
from assent_kit.auth import ANALYSTS, Principal, allow
from assent_kit.blobs import CHUNK
from assent_kit.database import Database
from assent_kit.etags import IfMatch, answer, etag_of, holds
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
    Unavailable,
    problems,
)
from assent_survey.api.export_schemas import ChangeOut, ExportIn, ExportOut, ExportSummary, LeftOut, NotExported
from assent_survey.problems import ExportNotReady
from assent_survey.service import ask_export as exports
from assent_survey.service.ask_export import ExportNow
from assent_survey.store.exports import read_piece

routes = router(prefix="/v1/studies/{study}", tags=["exports"], responses=problems(Unauthenticated, Forbidden, NotFound))

Analyst = Annotated[Principal, Depends(allow(ANALYSTS))]

_FILE: dict[int | str, dict[str, Any]] = {
    200: {"description": "a zip file", "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}}}
}


@routes.post(
    "/collections/{collection}/exports",
    status_code=202,
    response_model=ExportOut,
    responses=problems(InvalidRequest, IdempotencyConflict),
)
async def ask(request: Request, study: str, collection: str, who: Analyst, body: ExportIn, once: OnceOnly) -> Response:
    """Ask for an export of a collection's responses as they stand: those with consent, without tests, open text or ids of people.

    A job makes it: `Location` is the job's. A withdrawal from the collection deletes its exports.
    """
    made = await once.create(
        request.app.state.database,
        f"/v1/studies/{study}/exports",
        exports.ask_export,
        study,
        collection,
        format=body.format,
        wanted=body.model_dump(exclude={"format"}),
        by=who.subject,
    )
    found = await _find(request, study, made.id)
    headers = {"Location": _job(found)}
    return answer(request, _whole(request, found), etag=etag_of(found.version), status=202, headers=headers)


@routes.get("/exports")
async def list_all(
    request: Request, study: str, who: Analyst, page: PageQuery, collection: str | None = None
) -> Page[ExportSummary]:
    """The study's exports in the order in which they were asked for."""
    rows = await request.app.state.database.read(exports.list_exports, study, page, collection=collection)
    return paginate(rows, page, key=lambda found: found.row.id, shape=lambda found: ExportSummary(**_summary(request, found)))


@routes.get("/exports/{export}", response_model=ExportOut)
async def show(request: Request, study: str, export: str, who: Analyst) -> Response:
    """An export: what it holds, what was left out and why, and what the format could not carry as it was."""
    found = await _find(request, study, export)
    return answer(request, _whole(request, found), etag=etag_of(found.version))


@routes.get("/exports/{export}/file", response_class=StreamingResponse, responses={**_FILE, **problems(ExportNotReady)})
async def download(request: Request, study: str, export: str, who: Analyst) -> Response:
    """The file: a zip of the data, the codebook, a page to read first, a report of what was changed, and how to cite it."""
    row = (await _find(request, study, export)).row
    if row.size is None or row.sha256 is None:
        raise ExportNotReady
    headers = {
        "Content-Disposition": f'attachment; filename="{row.id}-{row.format}.zip"',
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Cache-Control": "private, no-store",
        "ETag": etag_of(row.sha256),
    }
    if holds(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    headers["Content-Length"] = str(row.size)
    return StreamingResponse(_pieces(request.app.state.database, row.id, row.size), media_type="application/zip", headers=headers)


@routes.delete("/exports/{export}", status_code=204, responses=problems(StaleVersion, PreconditionRequired))
async def delete(request: Request, study: str, export: str, who: Analyst, if_match: IfMatch) -> Response:
    """Delete an export and its file; one that is being made is stopped."""
    await request.app.state.database.write(exports.delete_export, study, export, if_match)
    return Response(status_code=204)


async def _pieces(database: Database, export: str, size: int) -> AsyncIterator[bytes]:
    """The file piece by piece. A withdrawal that deletes it meanwhile breaks the download off."""
    for number in range(-(-size // CHUNK)):
        piece = await database.read(read_piece, export, number)
        if piece is None:
            raise Unavailable(detail="the export was deleted while it was sent")
        yield piece


async def _find(request: Request, study: str, export: str) -> ExportNow:
    found: ExportNow = await request.app.state.database.read(exports.show_export, study, export)
    return found


def _job(found: ExportNow) -> str:
    return f"/v1/studies/{found.row.study}/jobs/{found.row.job}"


def _summary(request: Request, found: ExportNow) -> dict[str, Any]:
    facts = found.row.model_dump(
        include={"id", "collection", "format", "asked_by", "asked_at", "made_at", "rows", "size", "sha256"}
    )
    expires = (found.row.made_at or found.row.asked_at) + timedelta(days=request.app.state.settings.survey_export_days)
    return {**facts, **found.row.wanted, "state": found.state, "job": _job(found), "expires_at": expires}


def _whole(request: Request, found: ExportNow) -> ExportOut:
    report = found.row.report
    return ExportOut(
        **_summary(request, found),
        left_out=LeftOut(**found.row.left_out),
        changes=[ChangeOut(**each) for each in report.get("changes", ())],
        not_exported=[NotExported(**each) for each in report.get("not_exported", ())],
    )
