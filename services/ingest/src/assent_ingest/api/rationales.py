"""The study's codebook of rationales."""

from fastapi import Request, Response

from assent_ingest.api.access import MANAGES, READS, Store
from assent_ingest.api.schemas import RationaleChanges, RationaleIn, RationaleOut
from assent_ingest.domain.rationales import Rationale
from assent_ingest.problems import RationaleExists
from assent_ingest.service import keep_rationales as codebook
from assent_kit.app import router
from assent_kit.etags import IfMatch, answer, etag_of
from assent_kit.idempotency import OnceOnly
from assent_kit.paging import Page, PageQuery, paginate
from assent_kit.problems import Forbidden, InvalidRequest, NotFound, PreconditionRequired, StaleVersion, problems

routes = router(prefix="/v1/studies/{study}/rationales", tags=["rationales"], responses=problems(NotFound, Forbidden))


@routes.get("", dependencies=READS)
async def many(study: str, store: Store, page: PageQuery) -> Page[RationaleOut]:
    """The codebook in its own order; the default one until something is written in the study."""
    rows = await store.read(codebook.list_rationales, study, after=page.position, limit=page.fetch)
    return paginate(rows, page, key=lambda row: str(row["position"]), shape=lambda row: RationaleOut(**row))


@routes.post(
    "", status_code=201, response_model=RationaleOut, responses=problems(RationaleExists, InvalidRequest), dependencies=MANAGES
)
async def add(request: Request, study: str, store: Store, body: RationaleIn, once: OnceOnly) -> Response:
    """Add a rationale at the end of the codebook."""
    rationale = Rationale(**body.model_dump())
    made = await once.create(store, f"/v1/studies/{study}/rationales", codebook.add_rationale, study, rationale)
    return await _show(request, study, made.id, store, status=201, location=made.location)


@routes.get("/{code}", response_model=RationaleOut, dependencies=READS)
async def one(request: Request, study: str, code: str, store: Store) -> Response:
    """One rationale; its ETag is what a change needs."""
    return await _show(request, study, code, store)


@routes.patch(
    "/{code}",
    response_model=RationaleOut,
    responses=problems(PreconditionRequired, StaleVersion, InvalidRequest),
    dependencies=MANAGES,
)
async def change(request: Request, study: str, code: str, store: Store, body: RationaleChanges, if_match: IfMatch) -> Response:
    """Change a label, a definition or a stance (JSON merge patch). The code stays, because passages name it."""
    changes = body.model_dump(exclude_unset=True)
    await store.write(codebook.change_rationale, study, code, changes=changes, if_match=if_match)
    return await _show(request, study, code, store)


async def _show(
    request: Request, study: str, code: str, store: Store, *, status: int = 200, location: str | None = None
) -> Response:
    row = await store.read(codebook.find_rationale, study, code)
    headers = {"Location": location} if location else None
    return answer(request, RationaleOut(**row), etag=etag_of(row["version"]), status=status, headers=headers)
