"""The thresholds of a study's readings."""

from typing import Annotated

from fastapi import Header, Request, Response

from assent_analytics.api.access import Reader, Steward
from assent_analytics.api.schemas import SettingsIn, SettingsOut
from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.domain.proposal import AgreedSettings
from assent_analytics.domain.settings import EvidenceSettings
from assent_analytics.problems import UnacceptableSettings
from assent_analytics.service.agree_settings import agree_settings, find_settings
from assent_kit.app import router
from assent_kit.etags import answer, etag_of
from assent_kit.problems import StaleVersion, problems

evidence_settings = router(prefix="/v1/studies/{study}/evidence-settings", tags=["evidence"])


@evidence_settings.get("", response_model=SettingsOut)
async def show(request: Request, study: str, _: Reader) -> Response:
    """The thresholds as they stand."""
    return _answer(request, await request.app.state.database.read(find_settings, study=study))


@evidence_settings.put("", response_model=SettingsOut, responses=problems(UnacceptableSettings, StaleVersion))
async def agree(
    request: Request,
    study: str,
    body: SettingsIn,
    who: Steward,
    if_match: Annotated[str | None, Header(description="the ETag of the version to replace, where that matters")] = None,
) -> Response:
    """Set the thresholds, whole: a setting that is left out takes its default. They are printed with every reading."""
    try:
        settings = EvidenceSettings.of(body.model_dump())
    except CannotEstimate as error:
        raise UnacceptableSettings(error.detail) from error
    agreed = await request.app.state.database.write(
        agree_settings, study=study, settings=settings, if_match=if_match, by=who.subject
    )
    return _answer(request, agreed)


def _answer(request: Request, agreed: AgreedSettings) -> Response:
    return answer(request, SettingsOut.of(agreed), etag=etag_of(agreed.version), exclude_unset=True)
