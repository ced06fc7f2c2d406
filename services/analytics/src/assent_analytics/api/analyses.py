"""Analyses: a small question in, numbers with their recipe out, in whatever form they are wanted."""

from typing import Annotated

from fastapi import Header, Path, Query, Request, Response

from assent_analytics.api.access import LiveReader, LiveResearcher, Reader, Steward, sees_live
from assent_analytics.api.analysis_schemas import AnalysisOut, AnalysisSummary, Form, job_path
from assent_analytics.api.forms import FORMS, chosen_form, shaped
from assent_analytics.api.release_schemas import ReleaseIn, ReleaseOut
from assent_analytics.problems import (
    Differencing,
    Incomputable,
    ItemNotAsked,
    NoSuchForm,
    NotComparable,
    NothingReleased,
    NotReady,
    NotSuited,
    ReasonNeeded,
    Rebuilding,
    RegisterMoved,
    Released,
    Stale,
    StillOpen,
    UnknownCollection,
    UnknownGroup,
    UnknownVariable,
)
from assent_analytics.service.analyses.data import write_data
from assent_analytics.service.analyses.keeping import (
    Analysis,
    ask,
    delete_analysis,
    etag,
    find_analysis,
    keep_answer,
    list_analyses,
)
from assent_analytics.service.analyses.methods import AnyAnalysis
from assent_analytics.service.analyses.releasing import KIND, as_released, prepare_release, release_analysis
from assent_analytics.service.releases.find import find_release, list_versions, newest_release
from assent_kit.app import router
from assent_kit.etags import IfMatch, answer, etag_of
from assent_kit.idempotency import OnceOnly
from assent_kit.paging import LONGEST_NUMBER, Page, PageQuery, paginate
from assent_kit.problems import NotFound, PreconditionRequired, StaleVersion, problems

analyses = router(
    prefix="/v1/studies/{study}/analyses", tags=["analyses"], responses=problems(NotFound, NothingReleased, Rebuilding)
)

_REFUSALS = problems(UnknownCollection, ItemNotAsked, UnknownVariable, UnknownGroup, NotSuited, NotComparable, Incomputable)
_ASKED: dict[int | str, dict[str, object]] = {
    200: {"model": AnalysisOut, "description": "the same question on the same data has been answered before"},
    202: {"model": AnalysisOut, "description": "it takes long: `Location` is its job"},
}


@analyses.post("", status_code=201, response_model=AnalysisOut, responses={**_ASKED, **_REFUSALS})
async def analyse(
    request: Request,
    study: str,
    body: AnyAnalysis,
    who: LiveReader,
    once: OnceOnly,
    prefer: Annotated[str, Header(description="`respond-async` for a job even where it would be quick")] = "",
) -> Response:
    """Ask for an analysis. What takes long is done by a job; the same question on the same data is computed once."""
    state = request.app.state
    asked = await state.database.read(
        ask, state.samples, study=study, request=body, later="respond-async" in prefer.replace(" ", "").lower().split(",")
    )
    at = f"/v1/studies/{study}/analyses"
    made = await once.create(state.database, at, keep_answer, study=study, request=body, asked=asked, by=who.subject)
    found: Analysis = await state.database.read(find_analysis, study=study, analysis=made.id)
    job = job_path(found)
    if job is not None and (made.repeated or found.state == "pending"):
        return answer(request, AnalysisOut.of(found), etag=etag(found), status=202, headers={"Location": job})
    status = 200 if asked.known is not None and not made.repeated else 201
    return answer(request, AnalysisOut.of(found), etag=etag(found), status=status, headers={"Location": made.location})


@analyses.get("")
async def analyses_of_study(
    request: Request,
    study: str,
    page: PageQuery,
    who: Reader,
    method: Annotated[str | None, Query(max_length=40, description="only analyses by this method")] = None,
) -> Page[AnalysisSummary]:
    """The study's analyses in the order in which they were asked for, without their results; for viewers, those that were
    released.
    """
    rows = await request.app.state.database.read(
        list_analyses, study=study, method=method, after=page.after, limit=page.fetch, released=not sees_live(who)
    )
    return paginate(rows, page, key=lambda analysis: analysis.id, shape=AnalysisSummary.of)


@analyses.get("/{analysis}", response_model=AnalysisOut, responses={200: {"content": FORMS}, **problems(NotReady, NoSuchForm)})
async def analysis_of_study(
    request: Request,
    study: str,
    analysis: str,
    who: Reader,
    form: Annotated[Form | None, Query(alias="as", description="the form of the answer; or `Accept`")] = None,
    accept: Annotated[str, Header(include_in_schema=False)] = "",
) -> Response:
    """One analysis: as JSON, as a table (JSON, HTML, Word, CSV), as a picture (Vega-Lite, SVG, PNG), or as R code.

    Viewers see the version that was released last.
    """
    database = request.app.state.database
    if sees_live(who):
        return await _in_form(request, await database.read(find_analysis, study=study, analysis=analysis), form, accept)
    released = await database.read(newest_release, study=study, kind=KIND, subject=analysis)
    if released is None:
        raise NothingReleased
    return await _in_form(request, as_released(analysis, released), form, accept)


async def _in_form(request: Request, found: Analysis, form: Form | None, accept: str) -> Response:
    wanted = form or chosen_form(accept)
    if wanted == "json":
        return answer(request, AnalysisOut.of(found), etag=etag(found), headers={"Vary": "Accept"})
    return await shaped(request, found, wanted)


@analyses.post(
    "/{analysis}/releases",
    status_code=201,
    response_model=ReleaseOut,
    responses=problems(NotReady, Stale, StillOpen, Differencing, RegisterMoved, ReasonNeeded),
)
async def release(request: Request, study: str, analysis: str, body: ReleaseIn, who: Steward, once: OnceOnly) -> Response:
    """Release an analysis for viewers: numbered, stored as it is, and held against everything that was released before."""
    state = request.app.state
    prepared = await state.database.read(prepare_release, state.samples, study=study, analysis=analysis)
    at = f"/v1/studies/{study}/analyses/{analysis}/releases"
    made = await once.create(
        state.database,
        at,
        release_analysis,
        study=study,
        analysis=analysis,
        prepared=prepared,
        by=who.subject,
        note=body.note,
        exception=body.exception,
    )
    found = await state.database.read(find_release, study=study, kind=KIND, subject=analysis, version=int(made.id))
    shown = ReleaseOut.of(found)
    return answer(request, shown, etag=etag_of(found.release), status=201, headers={"Location": made.location}, exclude_unset=True)


@analyses.get("/{analysis}/releases", response_model_exclude_unset=True)
async def releases_of_analysis(request: Request, study: str, analysis: str, page: PageQuery, _: Reader) -> Page[ReleaseOut]:
    """The released versions of an analysis in their order, each with its manifest."""
    rows = await request.app.state.database.read(
        list_versions, study=study, kind=KIND, subject=analysis, after=page.position, limit=page.fetch
    )
    return paginate(rows, page, key=lambda one: str(one.version), shape=ReleaseOut.of)


@analyses.get("/{analysis}/releases/{version}", response_model=AnalysisOut, responses=problems(NoSuchForm))
async def released_analysis(
    request: Request,
    study: str,
    analysis: str,
    version: Annotated[int, Path(ge=1, lt=10**LONGEST_NUMBER, description="the version's number, counted from 1")],
    _: Reader,
    form: Annotated[Form | None, Query(alias="as", description="the form of the answer; or `Accept`")] = None,
    accept: Annotated[str, Header(include_in_schema=False)] = "",
) -> Response:
    """One released version. Its figures never change."""
    found = await request.app.state.database.read(find_release, study=study, kind=KIND, subject=analysis, version=version)
    return await _in_form(request, as_released(analysis, found), form, accept)


@analyses.get(
    "/{analysis}/data", response_class=Response, responses={200: {"content": {"text/csv": {}}}, **problems(Stale, NotReady)}
)
async def data_of_analysis(request: Request, study: str, analysis: str, _: LiveResearcher) -> Response:
    """The columns that the analysis used, one row a response, without ids: what its R code reads."""
    state = request.app.state
    content = await state.database.read(write_data, state.samples, study=study, analysis=analysis)
    return Response(
        content, media_type="text/csv; charset=utf-8", headers={"Content-Disposition": 'attachment; filename="data.csv"'}
    )


@analyses.delete("/{analysis}", status_code=204, responses=problems(StaleVersion, PreconditionRequired, Released))
async def forget(request: Request, study: str, analysis: str, _: LiveResearcher, if_match: IfMatch) -> Response:
    """Delete an analysis that was not released."""
    await request.app.state.database.write(delete_analysis, study=study, analysis=analysis, if_match=if_match)
    return Response(status_code=204)
