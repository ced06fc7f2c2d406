"""Connections: where a platform delivers to, with which mapping, proved by which secret."""

from datetime import timedelta
from typing import Annotated, Any

from fastapi import Depends, Query, Request, Response
from sqlmodel import Session

from assent_kit.app import router
from assent_kit.auth import RESEARCHERS, Principal, allow
from assent_kit.etags import IfMatch, answer, etag_of
from assent_kit.idempotency import OnceOnly
from assent_kit.paging import Page, PageQuery, paginate
from assent_kit.problems import (
    Forbidden,
    IdempotencyConflict,
    InvalidRequest,
    NotFound,
    PreconditionRequired,
    SecretAlreadyShown,
    StaleVersion,
    Unauthenticated,
    problems,
)
from assent_survey.api.connection_schemas import AccessIn, ConnectionChange, ConnectionIn, ConnectionMade, ConnectionOut, SecretIn
from assent_survey.api.hooks import Doors
from assent_survey.api.shapes import connection_out
from assent_survey.platforms import PLATFORMS
from assent_survey.problems import CollectionIsClosed, ConnectionGone, PlatformCannotBeAsked, SecretIsThePlatforms
from assent_survey.service.ask_platform import set_access
from assent_survey.service.connect_platform import (
    change_connection,
    connect_platform,
    delete_connection,
    find_living,
    rotate_secret,
    set_secret,
)
from assent_survey.service.keys import Keys
from assent_survey.settings import SurveySettings
from assent_survey.store.queries import held_in_quarantine, list_connections
from assent_survey.store.tables import Connection

routes = router(
    prefix="/v1/studies/{study}/connections",
    tags=["connections"],
    responses=problems(Unauthenticated, Forbidden, NotFound, ConnectionGone),
)

Researcher = Annotated[Principal, Depends(allow(RESEARCHERS))]
OverlapHours = Annotated[
    float | None,
    Query(ge=0, le=8784, description="Hours for which older secrets still work, in place of the settings'; 0 ends them at once."),
]


@routes.post(
    "",
    status_code=201,
    response_model=ConnectionMade | ConnectionOut,
    responses=problems(InvalidRequest, IdempotencyConflict, SecretAlreadyShown, CollectionIsClosed),
)
async def create(request: Request, study: str, who: Researcher, body: ConnectionIn, once: OnceOnly) -> Response:
    """Connect a platform to a collection. Where we make the secret, it is in this answer and never again."""
    made = await once.create(
        request.app.state.database,
        f"/v1/studies/{study}/connections",
        connect_platform,
        study,
        keys=_keys(request),
        platform=body.platform,
        collection=body.collection,
        mapping=body.mapping,
        secret=body.secret,
    )
    shows_secret = body.secret is None and not PLATFORMS[body.platform].makes_secret
    secret = made.first_result().secret if shows_secret else None
    return await _show(request, study, made.id, secret, status=201, headers={"Location": made.location})


@routes.get("")
async def list_all(
    request: Request,
    study: str,
    who: Researcher,
    page: PageQuery,
    collection: str | None = None,
) -> Page[ConnectionOut]:
    """Connections in order of their making, without deleted ones."""
    rows = await request.app.state.database.read(list_connections, study, page, collection=collection)
    settings = request.app.state.settings
    return paginate(rows, page, key=lambda row: row.id, shape=lambda row: connection_out(row, settings))


@routes.get("/{connection}", response_model=ConnectionOut)
async def show(request: Request, study: str, connection: str, who: Researcher) -> Response:
    """A connection, with how much of it waits in quarantine and why."""
    return await _show(request, study, connection)


@routes.patch("/{connection}", response_model=ConnectionOut, responses=problems(InvalidRequest, PreconditionRequired, StaleVersion))
async def change(
    request: Request,
    study: str,
    connection: str,
    who: Researcher,
    body: ConnectionChange,
    if_match: IfMatch,
) -> Response:
    """Replace the mapping, or change how it is reconciled. Deliveries that were unmapped are tried again with a new mapping."""
    schedule = body.model_dump(exclude_unset=True, exclude={"mapping"})
    await request.app.state.database.write(change_connection, study, connection, if_match, mapping=body.mapping, schedule=schedule)
    _doors(request).forget(connection)
    return await _show(request, study, connection)


@routes.put(
    "/{connection}/access",
    response_model=ConnectionOut,
    responses=problems(InvalidRequest, PreconditionRequired, StaleVersion, PlatformCannotBeAsked),
)
async def put_access(request: Request, study: str, connection: str, who: Researcher, body: AccessIn, if_match: IfMatch) -> Response:
    """Set what we need to ask the platform for responses. It is kept sealed, and never shown again."""
    await request.app.state.database.write(set_access, study, connection, if_match, keys=_keys(request), access=body.access)
    _doors(request).forget(connection)
    return await _show(request, study, connection)


@routes.delete("/{connection}", status_code=204, responses=problems(PreconditionRequired, StaleVersion))
async def delete(request: Request, study: str, connection: str, who: Researcher, if_match: IfMatch) -> Response:
    """End a connection: its address answers 410 from now on. What it brought stays."""
    await request.app.state.database.write(delete_connection, study, connection, if_match)
    _doors(request).forget(connection)
    return Response(status_code=204)


@routes.post("/{connection}/rotate", response_model=ConnectionMade, responses=problems(SecretIsThePlatforms, SecretAlreadyShown))
async def rotate(
    request: Request, study: str, connection: str, who: Researcher, once: OnceOnly, overlap_hours: OverlapHours = None
) -> Response:
    """Make a new secret, shown once. Each of the older ones works until its end, and no longer than `overlap_hours` from now."""
    made = await once.create(
        request.app.state.database,
        f"/v1/studies/{study}/connections",
        rotate_secret,
        study,
        connection,
        keys=_keys(request),
        overlap=_overlap(request, overlap_hours),
    )
    secret = made.first_result().secret
    _doors(request).forget(connection)
    return await _show(request, study, connection, secret)


@routes.put("/{connection}/secret", response_model=ConnectionOut, responses=problems(InvalidRequest))
async def put_secret(
    request: Request, study: str, connection: str, who: Researcher, body: SecretIn, overlap_hours: OverlapHours = None
) -> Response:
    """Set the secret that the platform has made. Deliveries that waited for it are verified and applied; older secrets end as they do
    after a rotation.
    """
    overlap = _overlap(request, overlap_hours)
    await request.app.state.database.write(set_secret, study, connection, keys=_keys(request), secret=body.secret, overlap=overlap)
    _doors(request).forget(connection)
    return await _show(request, study, connection)


def _find_with_held(session: Session, study: str, connection: str) -> tuple[Connection, dict[str, int]]:
    return find_living(session, study, connection), held_in_quarantine(session, connection)


async def _show(request: Request, study: str, connection: str, secret: str | None = None, **extra: Any) -> Response:
    row, held = await request.app.state.database.read(_find_with_held, study, connection)
    body = connection_out(row, request.app.state.settings, held)
    if secret is not None:
        in_address = PLATFORMS[row.platform].proof == "path_secret"
        body = ConnectionMade(**body.model_dump(), secret=secret, address=f"{body.hook}/{secret}" if in_address else body.hook)
    return answer(request, body, etag=etag_of(row.version), **extra)


def _keys(request: Request) -> Keys:
    return Keys.of(request.app.state.settings)


def _doors(request: Request) -> Doors:
    doors: Doors = request.app.state.doors
    return doors


def _overlap(request: Request, hours: float | None) -> timedelta:
    settings: SurveySettings = request.app.state.settings
    return timedelta(hours=settings.survey_secret_overlap_hours if hours is None else hours)
