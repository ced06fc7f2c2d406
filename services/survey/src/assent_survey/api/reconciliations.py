"""Reconciliations of a connection: comparing what we hold with what its platform has."""

from typing import Annotated, Any

from fastapi import Depends, Request, Response

from assent_kit.app import router
from assent_kit.auth import RESEARCHERS, Principal, allow
from assent_kit.etags import answer, etag_of
from assent_kit.idempotency import OnceOnly
from assent_kit.paging import Page, PageQuery, paginate
from assent_kit.problems import Forbidden, IdempotencyConflict, InvalidRequest, NotFound, Unauthenticated, problems
from assent_survey.api.connection_schemas import ReconciliationIn, ReconciliationOut
from assent_survey.api.shapes import reconciliation_out
from assent_survey.problems import AccessNotSet, ConnectionGone, PlatformCannotBeAsked, ReconciliationRuns
from assent_survey.service.keys import Keys
from assent_survey.service.reconcile import Wanted, cancel_reconciliation, start_reconciliation
from assent_survey.store.reconciliations import find_reconciliation, list_reconciliations

routes = router(
    prefix="/v1/studies/{study}/connections/{connection}/reconciliations",
    tags=["connections"],
    responses=problems(Unauthenticated, Forbidden, NotFound),
)

Researcher = Annotated[Principal, Depends(allow(RESEARCHERS))]


@routes.post(
    "",
    status_code=202,
    response_model=ReconciliationOut,
    responses=problems(
        InvalidRequest, IdempotencyConflict, ConnectionGone, PlatformCannotBeAsked, AccessNotSet, ReconciliationRuns
    ),
)
async def start(
    request: Request, study: str, connection: str, who: Researcher, once: OnceOnly, body: ReconciliationIn | None = None
) -> Response:
    """Ask the platform for its responses and compare. How far it is, and its report, are at the address in `Location`."""
    wanted = body or ReconciliationIn()
    made = await once.create(
        request.app.state.database,
        f"/v1/studies/{study}/connections/{connection}/reconciliations",
        start_reconciliation,
        study,
        connection,
        keys=Keys.of(request.app.state.settings),
        wanted=Wanted(since=wanted.since, deletions=wanted.deletions, most_deletions=wanted.most_deletions),
        by=who.subject,
    )
    return await _show(request, study, connection, made.id, status=202, headers={"Location": made.location})


@routes.get("")
async def list_all(request: Request, study: str, connection: str, who: Researcher, page: PageQuery) -> Page[ReconciliationOut]:
    """Reconciliations of a connection, newest first."""
    rows = await request.app.state.database.read(list_reconciliations, study, connection, page)
    return paginate(rows, page, key=lambda row: row.id, shape=reconciliation_out)


@routes.get("/{reconciliation}", response_model=ReconciliationOut)
async def show(request: Request, study: str, connection: str, reconciliation: str, who: Researcher) -> Response:
    """How far a reconciliation is, and what it found."""
    return await _show(request, study, connection, reconciliation)


@routes.delete("/{reconciliation}", status_code=202, response_model=ReconciliationOut)
async def cancel(request: Request, study: str, connection: str, reconciliation: str, who: Researcher) -> Response:
    """Stop a reconciliation after its present page. What it took over stays."""
    await request.app.state.database.write(cancel_reconciliation, study, connection, reconciliation)
    return await _show(request, study, connection, reconciliation, status=202)


async def _show(request: Request, study: str, connection: str, reconciliation: str, **extra: Any) -> Response:
    row = await request.app.state.database.read(find_reconciliation, study, connection, reconciliation)
    etag = etag_of(f"{row.state}-{row.due_at.timestamp()}-{sum(row.found.values())}")
    return answer(request, reconciliation_out(row), etag=etag, **extra)
