"""Deliveries: what platforms sent and what became of it."""

from typing import Annotated, Any

from fastapi import Depends, Request, Response

from assent_kit.app import router
from assent_kit.auth import RESEARCHERS, STEWARDS, Principal, allow
from assent_kit.etags import answer, etag_of
from assent_kit.idempotency import OnceOnly
from assent_kit.paging import Page, PageQuery, paginate
from assent_kit.problems import Forbidden, InvalidRequest, NotFound, Unauthenticated, problems
from assent_survey.api.delivery_schemas import (
    DeliveryBody,
    DeliveryOut,
    HeldOut,
    HeldSummary,
    Origin,
    ReplayAllIn,
    ReplayedOut,
    ReplayIn,
    State,
)
from assent_survey.api.shapes import delivery_body, delivery_out
from assent_survey.problems import NotReplayable
from assent_survey.service.replay_delivery import replay_all, replay_delivery
from assent_survey.store.deliveries import count_open
from assent_survey.store.queries import find, list_deliveries
from assent_survey.store.tables import Delivery

routes = router(
    prefix="/v1/studies/{study}/deliveries", tags=["deliveries"], responses=problems(Unauthenticated, Forbidden, NotFound)
)

Researcher = Annotated[Principal, Depends(allow(RESEARCHERS))]


@routes.get("")
async def list_all(
    request: Request,
    study: str,
    who: Researcher,
    page: PageQuery,
    state: State | None = None,
    connection: str | None = None,
    reason: str | None = None,
    response: str | None = None,
    origin: Origin | None = None,
) -> Page[DeliveryOut]:
    """Deliveries in order of arrival, without their bodies."""
    filters = {"state": state, "connection": connection, "reason": reason, "response": response, "origin": origin}
    rows = await request.app.state.database.read(list_deliveries, study, page, **filters)
    return paginate(rows, page, key=lambda row: row.id, shape=delivery_out)


@routes.get("/summary")
async def summarise(request: Request, study: str, who: Researcher, connection: str | None = None) -> HeldSummary:
    """How many deliveries wait or are held, in which state and for which reason."""
    rows = await request.app.state.database.read(count_open, study, connection)
    return HeldSummary(
        items=[HeldOut.model_validate(dict(zip(HeldOut.model_fields, row, strict=True))) for row in rows],
    )


@routes.post("/replay", status_code=202, responses=problems(InvalidRequest))
async def replay_many(request: Request, study: str, who: Researcher, body: ReplayAllIn | None = None) -> ReplayedOut:
    """Have the worker try again all that are quarantined or dead, or some of them."""
    wanted = (body or ReplayAllIn()).model_dump()
    return ReplayedOut(**await request.app.state.database.write(replay_all, study, **wanted))


@routes.get("/{delivery}", response_model=DeliveryBody | DeliveryOut)
async def show(request: Request, study: str, delivery: str, who: Researcher) -> Response:
    """A delivery; its body and headers for stewards only, because they may hold anything."""
    return await _show(request, study, delivery, who)


@routes.post("/{delivery}/replay", status_code=202, response_model=DeliveryOut, responses=problems(NotReplayable))
async def replay(
    request: Request, study: str, delivery: str, who: Researcher, once: OnceOnly, body: ReplayIn | None = None
) -> Response:
    """Have the worker try again. One that was never verified is verified again, unless a steward vouches for it."""
    made = await once.create(
        request.app.state.database,
        f"/v1/studies/{study}/deliveries",
        replay_delivery,
        study,
        delivery,
        accept_unverified=body is not None and body.accept_unverified,
        by=who.subject,
        is_steward=who.role in STEWARDS,
    )
    return await _show(request, study, delivery, who, status=202, headers={"Location": made.location})


async def _show(request: Request, study: str, delivery: str, who: Principal, **extra: Any) -> Response:
    row = await request.app.state.database.read(find, Delivery, study, delivery)
    body = delivery_body(row) if who.role in STEWARDS else delivery_out(row)
    return answer(
        request, body, etag=etag_of(f"{row.state}-{row.attempts}-{row.settled_at and row.settled_at.timestamp()}"), **extra
    )
