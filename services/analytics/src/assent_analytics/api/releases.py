"""The register of what has been released, and the second pair of eyes."""

from fastapi import Request, Response

from assent_analytics.api.access import Reader, Steward
from assent_analytics.api.release_schemas import CheckIn, ReleaseOut
from assent_analytics.problems import AlreadyChecked, SecondPersonNeeded
from assent_analytics.service.releases.find import get_release, list_releases
from assent_analytics.service.releases.register import look_again
from assent_kit.app import router
from assent_kit.etags import answer, etag_of
from assent_kit.paging import Page, PageQuery, paginate
from assent_kit.problems import NotFound, problems

releases = router(prefix="/v1/studies/{study}/releases", tags=["releases"])


@releases.get("", response_model_exclude_unset=True)
async def register(request: Request, study: str, page: PageQuery, _: Reader) -> Page[ReleaseOut]:
    """Everything that was released, in the order in which it was: tables with their definitions, who, when, and the manifest."""
    rows = await request.app.state.database.read(list_releases, study=study, after=page.after, limit=page.fetch)
    return paginate(rows, page, key=lambda one: one.release, shape=ReleaseOut.of)


@releases.get("/{release}", response_model=ReleaseOut, responses=problems(NotFound))
async def release_of_study(request: Request, study: str, release: str, _: Reader) -> Response:
    """One release."""
    found = await request.app.state.database.read(get_release, study=study, release=release)
    return _answer(request, ReleaseOut.of(found))


@releases.put("/{release}/check", response_model=ReleaseOut, responses=problems(NotFound, SecondPersonNeeded, AlreadyChecked))
async def check(request: Request, study: str, release: str, body: CheckIn, who: Steward) -> Response:
    """Say that a second person has looked at a release. Whoever released it cannot, and it is said once."""
    looked = await request.app.state.database.write(look_again, study=study, release=release, by=who.subject, note=body.note)
    return _answer(request, ReleaseOut.of(looked))


def _answer(request: Request, shown: ReleaseOut) -> Response:
    version = f"{shown.release}.{1 if shown.checked is None else 2}"
    return answer(request, shown, etag=etag_of(version), exclude_unset=True)
