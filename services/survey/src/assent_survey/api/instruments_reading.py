"""Instruments out of files, and what is different between two versions of one."""

from collections.abc import Sequence
from typing import Annotated, Any

from anyio import to_thread
from fastapi import Depends, Path, Query, Request, Response

from assent_kit.app import router
from assent_kit.auth import READERS, RESEARCHERS, Principal, allow
from assent_kit.etags import answer, etag_of
from assent_kit.idempotency import OnceOnly
from assent_kit.problems import (
    Forbidden,
    IdempotencyConflict,
    InvalidRequest,
    MalformedJson,
    NotFound,
    TooLarge,
    Unauthenticated,
    problems,
)
from assent_kit.uploads import UploadForm
from assent_survey.api.instrument_schemas import DifferenceOut, DifferencesOut, ImportMetadata, InstrumentRead, LossOut, PartOut
from assent_survey.api.shapes import instrument_out
from assent_survey.domain.item_differences import ItemDifference
from assent_survey.instruments.face import LARGEST
from assent_survey.problems import InstrumentUnreadable, UnknownInstrumentFormat
from assent_survey.service.compare_versions import compare_versions
from assent_survey.service.define_instrument import create_instrument
from assent_survey.service.read_instrument import ReadFile, read_file, replace_draft
from assent_survey.store.queries import find
from assent_survey.store.tables import Instrument

routes = router(
    prefix="/v1/studies/{study}/instruments", tags=["instruments"], responses=problems(Unauthenticated, Forbidden, NotFound)
)

Reader = Annotated[Principal, Depends(allow(READERS))]
Researcher = Annotated[Principal, Depends(allow(RESEARCHERS))]
VersionNumber = Annotated[int, Path(ge=1, le=1_000_000)]
LONGEST_NAME = 200
FORM = UploadForm(ImportMetadata, largest=LARGEST, metadata_required=False)
_IMPORT: dict[str, Any] = {
    "status_code": 201,
    "response_model": InstrumentRead,
    "responses": problems(
        MalformedJson, InvalidRequest, InstrumentUnreadable, UnknownInstrumentFormat, TooLarge, IdempotencyConflict
    ),
    "openapi_extra": FORM.body,
    "dependencies": [Depends(FORM.bounded)],
}


@routes.post("/import", **_IMPORT)
async def import_new(request: Request, study: str, who: Researcher, once: OnceOnly) -> Response:
    """Read an instrument out of a file. The answer says what of the file it does not carry; look through it before publishing."""
    read, metadata = await _read(request)
    made = await once.create(
        request.app.state.database,
        f"/v1/studies/{study}/instruments",
        create_instrument,
        study,
        title=metadata.title or read.draft.title,
        items=read.draft.items,
        external_id=metadata.external_id,
    )
    return await _show(request, study, made.id, made.location, read, None)


@routes.post("/{instrument}/import", **_IMPORT)
async def import_again(request: Request, study: str, instrument: str, who: Researcher, once: OnceOnly) -> Response:
    """Put what a file holds in the place of an instrument's draft, and say what is different. Publishing makes it the next version.

    What a researcher had stated of an item (its role, its practice, which options support) stays with the item of the same name, as
    far as its options are still there; what could not stay is among the differences.
    """
    read, metadata = await _read(request)
    made = await once.create(
        request.app.state.database,
        f"/v1/studies/{study}/instruments",
        replace_draft,
        study,
        instrument,
        title=metadata.title,
        items=read.draft.items,
    )
    return await _show(request, study, instrument, made.location, read, made.result.differences if made.result else None)


@routes.get("/{instrument}/versions/{number}/diff", response_model=DifferencesOut)
async def show_differences(
    request: Request,
    study: str,
    instrument: str,
    number: VersionNumber,
    who: Reader,
    to: Annotated[int, Query(ge=1, le=1_000_000, description="the version to compare with")],
) -> Response:
    """What is different between two published versions: items that came, went, or are worded, scaled or routed anew."""
    found = await request.app.state.database.read(compare_versions, study, instrument, number, to)
    title = None if found.titles[0] == found.titles[1] else PartOut(what="title", before=found.titles[0], after=found.titles[1])
    body = DifferencesOut(instrument=instrument, number=number, to=to, title=title, differences=_differences(found.differences))
    return answer(request, body, etag=etag_of(f"{number}-{to}"))


async def _read(request: Request) -> tuple[ReadFile, ImportMetadata]:
    """Read the file in a thread, because it may take long; few at a time."""
    content, filename, metadata = await FORM.read(request)
    name = filename.replace("\\", "/").rpartition("/")[2][-LONGEST_NAME:]

    def read() -> ReadFile:
        return read_file(content, name, format=metadata.format, language=metadata.language)

    return await to_thread.run_sync(read, limiter=request.app.state.reading), metadata


async def _show(
    request: Request, study: str, id: str, location: str, read: ReadFile, differences: Sequence[ItemDifference] | None
) -> Response:
    row = await request.app.state.database.read(find, Instrument, study, id)
    body = InstrumentRead(
        **instrument_out(row).model_dump(),
        format=read.format,
        language=read.draft.language,
        file_version=read.draft.version,
        losses=[LossOut(**loss._asdict()) for loss in read.draft.losses],
        mapping=read.draft.mapping,
        differences=None if differences is None else _differences(differences),
    )
    return answer(request, body, etag=etag_of(row.version), status=201, headers={"Location": location})


def _differences(found: Sequence[ItemDifference]) -> list[DifferenceOut]:
    return [
        DifferenceOut(item=each.name, happening=each.happening, parts=[PartOut(**part._asdict()) for part in each.parts])
        for each in found
    ]
