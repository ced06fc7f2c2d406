"""Vignettes: designs, the decks that are made of them, the power they would have, and who is shown what."""

from functools import partial
from typing import Annotated, Any

from anyio import to_thread
from fastapi import Depends, Path, Query, Request, Response

from assent_kit.app import router
from assent_kit.auth import READERS, RESEARCHERS, Principal, allow
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
    Unauthenticated,
    problems,
)
from assent_survey.api.vignette_schemas import (
    AssignmentIn,
    AssignmentOut,
    DesignOut,
    DesignSummary,
    ItemsOut,
    PlanChange,
    PowerOut,
    assignment_out,
    design_out,
    items_out,
    summary_out,
)
from assent_survey.domain.instrument import Language
from assent_survey.domain.vignettes.design import Design
from assent_survey.domain.vignettes.plan import VignettePlan
from assent_survey.domain.vignettes.power import Supposition
from assent_survey.problems import (
    CollectionIsClosed,
    RespondentHasWithdrawn,
    UnknownToken,
    VignettesFixed,
    VignettesNotAsked,
    VignettesNotFixed,
)
from assent_survey.service.assign_vignettes import assign_by_name, assign_by_token
from assent_survey.service.design_vignettes import (
    change_design,
    changed_plan,
    design_of,
    fix_design,
    keep_design,
    power_of,
    remove_design,
)
from assent_survey.service.keys import Keys
from assent_survey.store.queries import find
from assent_survey.store.vignette_tables import VignetteDesign
from assent_survey.store.vignettes import designs_page

routes = router(
    prefix="/v1/studies/{study}/vignettes", tags=["vignettes"], responses=problems(Unauthenticated, Forbidden, NotFound)
)
shown = router(prefix="/v1/p/{token}/vignettes", tags=["vignettes"], responses=problems(UnknownToken))

Reader = Annotated[Principal, Depends(allow(READERS))]
Researcher = Annotated[Principal, Depends(allow(RESEARCHERS))]
Token = Annotated[str, Path(description="as it was issued; capitals, spaces and hyphens do not matter")]
Wanted = Annotated[Language | None, Query(description="the language of the texts; without it, the plan's own")]

_NOT_ASSIGNED = (VignettesNotFixed, VignettesNotAsked, CollectionIsClosed, RespondentHasWithdrawn)
_PRIVATE = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow"}


@routes.post("", status_code=201, response_model=DesignOut, responses=problems(InvalidRequest, IdempotencyConflict))
async def create(request: Request, study: str, who: Researcher, body: VignettePlan, once: OnceOnly) -> Response:
    """Make a D-efficient design of a plan and deal it into balanced decks. It is a draft until it is fixed."""
    design = await _design(request, body)
    at = f"/v1/studies/{study}/vignettes"
    made = await once.create(request.app.state.database, at, keep_design, study, plan=body, design=design)
    return await _show(request, study, made.id, status=201, headers={"Location": made.location})


@routes.get("")
async def list_designs(request: Request, study: str, who: Reader, page: PageQuery) -> Page[DesignSummary]:
    """Designs in order of their making, without their decks."""
    rows = await request.app.state.database.read(designs_page, study, page)
    return paginate(rows, page, key=lambda row: row.id, shape=summary_out)


@routes.get("/{design}", response_model=DesignOut)
async def show(request: Request, study: str, design: str, who: Reader) -> Response:
    """A design with its decks, efficiency and balance."""
    return await _show(request, study, design)


@routes.patch(
    "/{design}",
    response_model=DesignOut,
    responses=problems(InvalidRequest, PreconditionRequired, StaleVersion, VignettesFixed),
)
async def change(request: Request, study: str, design: str, who: Researcher, body: PlanChange, if_match: IfMatch) -> Response:
    """Change the plan of a draft; its decks are made anew."""
    database = request.app.state.database
    plan, seen = await database.read(changed_plan, study, design, if_match, body.model_dump(exclude_unset=True))
    made = await _design(request, plan)
    await database.write(change_design, study, design, seen, plan=plan, design=made)
    return await _show(request, study, design)


@routes.delete("/{design}", status_code=204, responses=problems(PreconditionRequired, StaleVersion, VignettesFixed))
async def delete(request: Request, study: str, design: str, who: Researcher, if_match: IfMatch) -> Response:
    """Delete a draft."""
    await request.app.state.database.write(remove_design, study, design, if_match)
    return Response(status_code=204)


@routes.post("/{design}/fix", response_model=DesignOut)
async def fix(request: Request, study: str, design: str, who: Researcher) -> Response:
    """Fix a design: from now on it is assigned from and never changes."""
    await request.app.state.database.write(fix_design, study, design)
    return await _show(request, study, design)


@routes.get("/{design}/items", response_model=ItemsOut)
async def items(request: Request, study: str, design: str, who: Reader) -> Response:
    """The items for the instrument: what each factor showed and the judgement, for each vignette that a respondent sees."""
    row = await request.app.state.database.read(find, VignetteDesign, study, design)
    return answer(request, items_out(row), etag=etag_of(row.version))


@routes.post("/{design}/power", response_model=PowerOut, responses=problems(InvalidRequest))
async def power(request: Request, study: str, design: str, who: Reader, body: Supposition) -> PowerOut:
    """How often a study with these decks would find effects of given sizes, by simulation. Nothing is stored."""
    row = await request.app.state.database.read(find, VignetteDesign, study, design)
    effects = await to_thread.run_sync(partial(power_of, row, body), limiter=request.app.state.designing)
    return PowerOut(effects=effects)


@routes.post("/{design}/assignments", response_model=AssignmentOut, responses=problems(InvalidRequest, *_NOT_ASSIGNED))
async def assign(request: Request, study: str, design: str, who: Researcher, body: AssignmentIn) -> Response:
    """The vignettes of a respondent: the next deck in turn, or the one they have been given. Asking again changes nothing."""
    given = await request.app.state.database.write(
        assign_by_name,
        study,
        design,
        keys=Keys.of(request.app.state.settings),
        collection=body.collection,
        respondent=body.respondent,
        test=body.test,
    )
    return _uncached(assignment_out(given, body.language))


@shown.get("/{design}", response_model=AssignmentOut, responses=problems(*_NOT_ASSIGNED))
async def show_to_respondent(request: Request, token: Token, design: str, language: Wanted = None) -> Response:
    """The vignettes of whoever holds the token, for the survey platform. The first reading assigns them, later ones repeat them."""
    given = await request.app.state.database.write(assign_by_token, design, keys=Keys.of(request.app.state.settings), token=token)
    return _uncached(assignment_out(given, language))


async def _design(request: Request, plan: VignettePlan) -> Design:
    """In a thread, and few at a time, because it takes a processor for seconds."""
    return await to_thread.run_sync(design_of, plan, limiter=request.app.state.designing)


async def _show(request: Request, study: str, design: str, **extra: Any) -> Response:
    row = await request.app.state.database.read(find, VignetteDesign, study, design)
    return answer(request, design_out(row), etag=etag_of(row.version), **extra)


def _uncached(body: AssignmentOut) -> Response:
    return Response(body.model_dump_json(), headers=_PRIVATE, media_type="application/json")
