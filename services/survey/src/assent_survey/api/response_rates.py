"""Dispositions of a collection's cases as the fieldwork agency reports them, and AAPOR's response rates."""

from typing import Annotated

from fastapi import Depends, Request, Response

from assent_kit.app import router
from assent_kit.auth import RESEARCHERS, Principal, allow
from assent_kit.etags import answer, etag_of
from assent_kit.problems import Forbidden, InvalidRequest, NotFound, StaleVersion, Unauthenticated, problems
from assent_survey.api.fieldwork_schemas import (
    CasesOut,
    EligibilityOut,
    RateOut,
    RecordedOut,
    ResponseRatesOut,
    TokenDispositionsIn,
)
from assent_survey.api.quotas import IfMatchOptional
from assent_survey.domain.dispositions import Cases, Report
from assent_survey.domain.response_rates import SOURCE, remarks
from assent_survey.service.keys import Keys
from assent_survey.service.response_rates import ResponseRates, read_rates, read_report, report_tokens, set_report

routes = router(
    prefix="/v1/studies/{study}/collections/{collection}",
    tags=["fieldwork"],
    responses=problems(Unauthenticated, Forbidden, NotFound),
)

Researcher = Annotated[Principal, Depends(allow(RESEARCHERS))]


@routes.put("/dispositions", response_model=Report, responses=problems(InvalidRequest, StaleVersion))
async def put_dispositions(
    request: Request, study: str, collection: str, who: Researcher, body: Report, if_match: IfMatchOptional = None
) -> Response:
    """Replace what is reported of cases that have no token, and the rules to count by."""
    await request.app.state.database.write(set_report, study, collection, body, if_match=if_match)
    return await _report(request, study, collection)


@routes.get("/dispositions", response_model=Report)
async def show_dispositions(request: Request, study: str, collection: str, who: Researcher) -> Response:
    """What is reported of cases that have no token."""
    return await _report(request, study, collection)


@routes.post("/dispositions", response_model=RecordedOut, responses=problems(InvalidRequest))
async def report_by_token(request: Request, study: str, collection: str, who: Researcher, body: TokenDispositionsIn) -> RecordedOut:
    """Record what became of tokens, all or none. The same again changes nothing."""
    keys = Keys.of(request.app.state.settings)
    reported = [(each.token, each.disposition) for each in body.dispositions]
    recorded = await request.app.state.database.write(report_tokens, study, collection, keys=keys, reported=reported)
    return RecordedOut(recorded=recorded)


@routes.get("/response-rates", response_model=ResponseRatesOut)
async def show_rates(request: Request, study: str, collection: str, who: Researcher) -> ResponseRatesOut:
    """Response, cooperation, refusal and contact rates as they stand, with everything they are computed from."""
    return _shape(await request.app.state.database.read(read_rates, study, collection))


async def _report(request: Request, study: str, collection: str) -> Response:
    report, version = await request.app.state.database.read(read_report, study, collection)
    return answer(request, report, etag=etag_of(version))


def _shape(found: ResponseRates) -> ResponseRatesOut:
    return ResponseRatesOut(
        source=SOURCE,
        sampling=found.sampling,
        partial_share=found.report.partial_share,
        cases=_cases(found.cases),
        counts=found.counts,
        e=EligibilityOut(share=found.e.share, by=found.e.by) if found.e else None,
        rates={name: RateOut(value=figure.value, why=figure.why) for name, figure in found.rates.items()},
        says=remarks(found.counts, found.e, sampling=found.sampling, base_known=found.cases.base_known),
    )


def _cases(cases: Cases) -> CasesOut:
    return CasesOut(
        responses=dict(cases.responses),
        withdrawn=cases.withdrawn,
        silent={disposition or "unreported": count for disposition, count in cases.silent.items()},
        reported=dict(cases.reported),
        issued=cases.issued,
        unreported=cases.unreported,
        more_than_issued=cases.issued is not None and cases.accounted > cases.issued,
    )
