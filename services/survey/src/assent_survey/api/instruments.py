"""Instruments and their published versions."""

from typing import Annotated, Any

from fastapi import Depends, Path, Request, Response

from assent_kit.app import router
from assent_kit.auth import READERS, RESEARCHERS, Principal, allow
from assent_kit.etags import answer, etag_of
from assent_kit.idempotency import OnceOnly
from assent_kit.paging import Page, PageQuery, paginate
from assent_kit.problems import Forbidden, IdempotencyConflict, InvalidRequest, NotFound, Unauthenticated, problems
from assent_survey.api.schemas import InstrumentIn, InstrumentOut, InstrumentVersionOut, PublishIn
from assent_survey.api.shapes import instrument_out, version_out
from assent_survey.problems import InstrumentTooLarge
from assent_survey.service.define_instrument import create_instrument, publish_instrument
from assent_survey.store.queries import find, find_version, list_page
from assent_survey.store.tables import Instrument

routes = router(
    prefix="/v1/studies/{study}/instruments", tags=["instruments"], responses=problems(Unauthenticated, Forbidden, NotFound)
)

Reader = Annotated[Principal, Depends(allow(READERS))]
Researcher = Annotated[Principal, Depends(allow(RESEARCHERS))]
VersionNumber = Annotated[int, Path(ge=1, le=1_000_000)]


@routes.post("", status_code=201, response_model=InstrumentOut, responses=problems(InvalidRequest, IdempotencyConflict))
async def create(request: Request, study: str, who: Researcher, body: InstrumentIn, once: OnceOnly) -> Response:
    """Write an instrument. It can be asked once it is published."""
    database = request.app.state.database
    made = await once.create(
        database,
        f"/v1/studies/{study}/instruments",
        create_instrument,
        study,
        title=body.title,
        items=body.items,
        external_id=body.external_id,
    )
    return await _show(request, study, made.id, status=201, headers={"Location": made.location})


@routes.get("")
async def list_instruments(request: Request, study: str, who: Reader, page: PageQuery) -> Page[InstrumentOut]:
    """Instruments in order of their making."""
    rows = await request.app.state.database.read(list_page, Instrument, study, page)
    return paginate(rows, page, key=lambda row: row.id, shape=instrument_out)


@routes.get("/{instrument}", response_model=InstrumentOut)
async def show(request: Request, study: str, instrument: str, who: Reader) -> Response:
    """An instrument as it is written now."""
    return await _show(request, study, instrument)


@routes.post(
    "/{instrument}/publish",
    status_code=201,
    response_model=InstrumentVersionOut,
    responses=problems(InvalidRequest, InstrumentTooLarge),
)
async def publish(
    request: Request,
    study: str,
    instrument: str,
    who: Researcher,
    once: OnceOnly,
    body: PublishIn | None = None,
) -> Response:
    """Fix the draft, changed by what the body holds, as the next version. 200 and the same version when nothing has changed."""
    wanted = body or PublishIn()
    made = await once.create(
        request.app.state.database,
        f"/v1/studies/{study}/instruments/{instrument}/versions",
        publish_instrument,
        study,
        instrument,
        title=wanted.title,
        items=wanted.items,
    )
    new = made.result is None or made.result.new
    return await _show_version(request, study, instrument, int(made.id), 201 if new else 200, {"Location": made.location})


@routes.get("/{instrument}/versions/{number}", response_model=InstrumentVersionOut)
async def show_version(request: Request, study: str, instrument: str, number: VersionNumber, who: Reader) -> Response:
    """A published version."""
    return await _show_version(request, study, instrument, number)


async def _show(request: Request, study: str, instrument: str, **extra: Any) -> Response:
    row = await request.app.state.database.read(find, Instrument, study, instrument)
    return answer(request, instrument_out(row), etag=etag_of(row.version), **extra)


async def _show_version(
    request: Request, study: str, instrument: str, number: int, status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    row = await request.app.state.database.read(find_version, study, instrument, number)
    return answer(request, version_out(row), etag=etag_of(row.number), status=status, headers=headers)
