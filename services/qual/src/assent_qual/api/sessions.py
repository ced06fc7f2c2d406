"""Cohorts and sessions."""

from fastapi import Request, Response

from assent_contracts.events.qual import Contact
from assent_kit.app import router
from assent_kit.idempotency import OnceOnly
from assent_kit.paging import Page, PageQuery
from assent_kit.problems import NotFound, problems
from assent_qual.api.access import HOME, MANAGES, READS, Data, single
from assent_qual.api.schemas import CohortIn, SessionIn
from assent_qual.problems import CohortUnknown
from assent_qual.service import show_people, show_sessions
from assent_qual.service.answers import CohortAnswer, SessionAnswer
from assent_qual.service.plan_sessions import form_cohort, plan_session

routes = router(prefix=HOME, tags=["sessions"], responses=problems(NotFound))


@routes.post("/cohorts", dependencies=MANAGES, status_code=201, response_model=CohortAnswer)
async def post_cohort(request: Request, study: str, data: Data, body: CohortIn, once: OnceOnly) -> Response:
    """Say who a focus group or a set of interviews is made of, and why them."""
    made = await once.create(
        data,
        f"/v1/studies/{study}/cohorts",
        form_cohort,
        study,
        composition=body.composition,
        chosen_because=body.chosen_because,
        target_size=body.target_size,
    )
    shown = await data.read(show_people.show_cohort, study, made.id)
    return single(request, shown, status=201, location=made.location)


@routes.get("/cohorts", dependencies=READS)
async def get_cohorts(study: str, data: Data, page: PageQuery) -> Page[CohortAnswer]:
    """Cohorts in the order of their forming."""
    return await data.read(show_people.list_cohorts, study, page)


@routes.get("/cohorts/{cohort}", dependencies=READS, response_model=CohortAnswer)
async def get_cohort(request: Request, study: str, cohort: str, data: Data) -> Response:
    """A cohort."""
    return single(request, await data.read(show_people.show_cohort, study, cohort))


@routes.post("/sessions", dependencies=MANAGES, status_code=201, response_model=SessionAnswer, responses=problems(CohortUnknown))
async def post_session(request: Request, study: str, data: Data, body: SessionIn, once: OnceOnly) -> Response:
    """Take a focus group or interview into the study."""
    made = await once.create(
        data,
        f"/v1/studies/{study}/sessions",
        plan_session,
        study,
        kind=body.kind,
        title=body.title,
        held_on=body.held_on,
        cohort=body.cohort,
        contact=[Contact(service=one.service, basis=one.basis) for one in body.contact],
    )
    shown = await data.read(show_sessions.show_session, study, made.id)
    return single(request, shown, status=201, location=made.location)


@routes.get("/sessions", dependencies=READS)
async def get_sessions(study: str, data: Data, page: PageQuery) -> Page[SessionAnswer]:
    """Sessions in the order of their planning."""
    return await data.read(show_sessions.list_sessions, study, page)


@routes.get("/sessions/{session}", dependencies=READS, response_model=SessionAnswer)
async def get_session(request: Request, study: str, session: str, data: Data) -> Response:
    """A session, with what is known of its transcript; no label of a speaker."""
    return single(request, await data.read(show_sessions.show_session, study, session))
