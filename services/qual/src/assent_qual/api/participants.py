"""Participants and their consent."""

from fastapi import Request, Response

from assent_kit.app import router
from assent_kit.etags import IfMatch
from assent_kit.idempotency import OnceOnly
from assent_kit.paging import Page, PageQuery
from assent_kit.problems import NotFound, PreconditionRequired, StaleVersion, problems
from assent_kit.tables import now
from assent_qual.api.access import CODES, HOME, MANAGES, Data, single
from assent_qual.api.erasing import erase_traces, horizon_of
from assent_qual.api.schemas import ConsentIn, ParticipantIn, ParticipantPatch
from assent_qual.domain.consent import Entry
from assent_qual.problems import ConsentInFuture, ConsentOvertaken, ConsentUnclear
from assent_qual.service import show_people
from assent_qual.service.answers import ConsentAnswer, ParticipantAnswer, WithdrawalReceipt
from assent_qual.service.keep_participants import change_participant, register_participant
from assent_qual.service.record_consent import leave, record_consent

routes = router(prefix=f"{HOME}/participants", tags=["participants"], responses=problems(NotFound))


@routes.post("", dependencies=MANAGES, status_code=201, response_model=ParticipantAnswer)
async def post_participant(request: Request, study: str, data: Data, body: ParticipantIn, once: OnceOnly) -> Response:
    """Register a participant under a pseudonym."""
    at = f"/v1/studies/{study}/participants"
    made = await once.create(data, at, register_participant, study, pseudonym=body.pseudonym, attributes=body.attributes)
    shown = await data.read(show_people.show_participant, study, made.id)
    return single(request, shown, status=201, location=made.location)


@routes.get("", dependencies=CODES)
async def get_participants(study: str, data: Data, page: PageQuery) -> Page[ParticipantAnswer]:
    """Participants in the order of their registration."""
    return await data.read(show_people.list_participants, study, page)


@routes.get("/{participant}", dependencies=CODES, response_model=ParticipantAnswer)
async def get_participant(request: Request, study: str, participant: str, data: Data) -> Response:
    """A participant with groups and present consent."""
    return single(request, await data.read(show_people.show_participant, study, participant))


@routes.patch(
    "/{participant}", dependencies=MANAGES, response_model=ParticipantAnswer, responses=problems(PreconditionRequired, StaleVersion)
)
async def patch_participant(
    request: Request, study: str, participant: str, data: Data, body: ParticipantPatch, if_match: IfMatch
) -> Response:
    """Change pseudonym or attributes, by merge patch."""
    pseudonym = body.pseudonym if "pseudonym" in body.model_fields_set else None
    await data.write(change_participant, study, participant, if_match=if_match, pseudonym=pseudonym, attributes=body.attributes)
    return single(request, await data.read(show_people.show_participant, study, participant))


@routes.post(
    "/{participant}/consents",
    dependencies=MANAGES,
    status_code=201,
    response_model=ConsentAnswer,
    responses={
        200: {"model": WithdrawalReceipt, "description": "the participant withdrew altogether: a receipt of what was removed"},
        **problems(ConsentUnclear, ConsentInFuture, ConsentOvertaken),
    },
)
async def post_consent(request: Request, study: str, participant: str, data: Data, body: ConsentIn, once: OnceOnly) -> Response:
    """Add to a participant's consent ledger. `withdrawn` with `take_part: true` withdraws the participant, for good."""
    entry = Entry(decision=body.decision, uses=body.uses, at=body.at or now(), form_version=body.form_version)
    if entry.leaves:
        receipt = await data.write(leave, study, participant, entry, horizon=horizon_of(request.app.state.settings))
        await erase_traces(data)
        return Response(receipt.model_dump_json(), media_type="application/json", headers={"Cache-Control": "no-store"})
    made = await once.create(
        data,
        f"/v1/studies/{study}/participants/{participant}/consents",
        record_consent,
        study,
        participant,
        entry,
        language=body.language,
        mode=body.mode,
        taken_by=body.taken_by,
    )
    shown = await data.read(show_people.show_consent, study, participant, made.id)
    return single(request, shown, status=201, location=made.location)


@routes.get("/{participant}/consents", dependencies=MANAGES)
async def get_consents(study: str, participant: str, data: Data, page: PageQuery) -> Page[ConsentAnswer]:
    """A participant's ledger in the order of entry."""
    return await data.read(show_people.list_consents, study, participant, page)


@routes.get("/{participant}/consents/{consent}", dependencies=MANAGES, response_model=ConsentAnswer)
async def get_consent(request: Request, study: str, participant: str, consent: str, data: Data) -> Response:
    """One entry of the ledger."""
    return single(request, await data.read(show_people.show_consent, study, participant, consent))
