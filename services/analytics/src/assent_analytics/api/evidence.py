"""The evidence view: what the study knows about a proposal, live or as it was released, with the words fetched when it is shown."""

from typing import Annotated

from fastapi import Path, Request, Response

from assent_analytics.api.access import Reader, Steward, sees_live
from assent_analytics.api.release_schemas import ReleaseIn, ReleaseOut
from assent_analytics.domain.release import Release
from assent_analytics.domain.view import EvidenceView
from assent_analytics.problems import Differencing, NothingReleased, ReasonNeeded, Rebuilding, RegisterMoved
from assent_analytics.service.proposals import find_proposal
from assent_analytics.service.releases.find import find_release, list_versions, newest_release
from assent_analytics.service.releases.versions import finish_version, prepare_version, release_version, wanted_by
from assent_analytics.service.show_evidence import fingerprint, finish_evidence, prepare_evidence
from assent_analytics.service.showings import note_showing
from assent_analytics.service.texts import Texts, Wanted, fetch_texts
from assent_kit.app import router
from assent_kit.auth import Principal
from assent_kit.etags import answer, etag_of
from assent_kit.idempotency import OnceOnly
from assent_kit.paging import LONGEST_NUMBER, Page, PageQuery, paginate
from assent_kit.problems import NotFound, problems
from assent_kit.tables import now

evidence = router(
    prefix="/v1/studies/{study}/proposals/{proposal}/evidence", tags=["evidence"], responses=problems(NotFound, NothingReleased)
)

Number = Annotated[int, Path(ge=1, lt=10**LONGEST_NUMBER, description="the version's number, counted from 1")]


@evidence.get("", response_model=EvidenceView, response_model_exclude_unset=True)
async def show(request: Request, study: str, proposal: str, who: Reader) -> Response:
    """The evidence on a proposal: the profile first, then who is singled out, and a majority never hides them.

    Viewers see the version that was released last; others see it live. The texts of quotations and passages are fetched when the view is
    shown, from the services that own them and check consent. While one is away the view says so and is always sent whole. A field whose
    method is not built is left out.
    """
    state = request.app.state
    if not sees_live(who):
        await state.database.read(find_proposal, study=study, proposal=proposal)
        released = await state.database.read(newest_release, study=study, kind="evidence", subject=proposal)
        if released is None:
            raise NothingReleased
        return await _version(request, released, who)
    moment = now()
    prepared = await state.database.read(prepare_evidence, state.samples, study=study, proposal=proposal, moment=moment)
    if isinstance(prepared, EvidenceView):
        return _whole(prepared)
    texts = await _texts(request, prepared.wanted, who)
    shown = finish_evidence(prepared, texts, moment=moment)
    if prepared.is_news:
        await state.database.write(note_showing, study=study, items=prepared.items, proposal=proposal)
    return _answer(request, shown, texts)


@evidence.post(
    "/versions",
    status_code=201,
    response_model=ReleaseOut,
    responses=problems(Differencing, RegisterMoved, ReasonNeeded, Rebuilding),
)
async def release(request: Request, study: str, proposal: str, body: ReleaseIn, who: Steward, once: OnceOnly) -> Response:
    """Release the evidence as it stands now, for viewers: numbered, stored whole, and never changed.

    Only closed collections are in it. An item's table is new only if every cell, hidden ones too, has moved by nobody or by at least ten
    people since every earlier release; else the earlier one is repeated and says so. Words are not stored: whoever is quoted may take their
    consent back.
    """
    database, state = request.app.state.database, request.app.state
    prepared = await database.read(prepare_version, state.samples, study=study, proposal=proposal, moment=now())
    at = f"/v1/studies/{study}/proposals/{proposal}/evidence/versions"
    made = await once.create(
        database,
        at,
        release_version,
        study=study,
        proposal=proposal,
        prepared=prepared,
        by=who.subject,
        note=body.note,
        exception=body.exception,
    )
    found = await database.read(find_release, study=study, kind="evidence", subject=proposal, version=int(made.id))
    headers = {"Location": made.location}
    return answer(request, ReleaseOut.of(found), etag=etag_of(found.release), status=201, headers=headers, exclude_unset=True)


@evidence.get("/versions", response_model_exclude_unset=True)
async def versions(request: Request, study: str, proposal: str, page: PageQuery, _: Reader) -> Page[ReleaseOut]:
    """The released versions of the evidence on a proposal in their order, each with its manifest."""
    database = request.app.state.database
    await database.read(find_proposal, study=study, proposal=proposal)
    rows = await database.read(list_versions, study=study, kind="evidence", subject=proposal, after=page.position, limit=page.fetch)
    return paginate(rows, page, key=lambda one: str(one.version), shape=ReleaseOut.of)


@evidence.get("/versions/{version}", response_model=EvidenceView, response_model_exclude_unset=True)
async def show_version(request: Request, study: str, proposal: str, version: Number, who: Reader) -> Response:
    """One released version. Its figures never change; words that their owners do not hand over any more are left out."""
    found = await request.app.state.database.read(find_release, study=study, kind="evidence", subject=proposal, version=version)
    return await _version(request, found, who)


async def _version(request: Request, released: Release, who: Principal) -> Response:
    texts = await _texts(request, wanted_by(released), who)
    return _answer(request, finish_version(released, texts), texts)


async def _texts(request: Request, wanted: Wanted, who: Principal) -> Texts:
    state = request.app.state
    deadline = state.settings.texts_deadline_seconds
    return await fetch_texts(state.owners, wanted, study=who.study, token=who.token, deadline=deadline)


def _answer(request: Request, shown: EvidenceView, texts: Texts) -> Response:
    if not texts.complete:
        return _whole(shown)
    return answer(request, shown, etag=etag_of(fingerprint(shown)), exclude_unset=True)


def _whole(shown: EvidenceView) -> Response:
    """A view that must not be taken for the last word: it has no ETag, so nobody can be told that it has not changed."""
    content = shown.model_dump_json(exclude_unset=True)
    return Response(content, media_type="application/json", headers={"Cache-Control": "private, no-cache"})
