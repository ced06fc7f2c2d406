"""The address that ODK Collect, Enketo and other OpenRosa clients send to: that of the connection, to which they append `/submission`.

Answers in OpenRosa's own envelope: 204 to the question whether somebody may send (HEAD), 201 when a submission is durable, 202 when it
was before, 409 when another has its id or it edits what was edited before, 401 until the secret is told, 503 for what may pass.
Clients first ask without proof, so what is not proved is not kept.
"""

import logging
from typing import Any

from fastapi import APIRouter, Request, Response
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from assent_kit.problems import NotFound, Problem, TooLarge, Unavailable, problems
from assent_kit.routing import BareRoute
from assent_kit.tables import now
from assent_survey.api.hooks import ADDRESS, CONNECTION, SECRET, read_body, sent_headers
from assent_survey.platforms.openrosa import CONTENT_TYPE, LENGTH_HEADER, VERSION_HEADER, OpenRosa, response
from assent_survey.problems import (
    ConnectionGone,
    NoInstance,
    OtherInstance,
    OutdatedEdit,
    QuarantineFull,
    ResponseDeleted,
    Unsigned,
    WrongSignature,
)
from assent_survey.service.receive_delivery import Arrival, Door, meet
from assent_survey.service.receive_openrosa import Outcome, read_submission, receive_openrosa

logger = logging.getLogger(__name__)
routes = APIRouter(prefix=ADDRESS, tags=["hooks"])

_MESSAGES: dict[Outcome, tuple[int, str]] = {
    "kept": (201, "The submission was received and is kept."),
    "known": (202, "The submission was received before and is kept."),
}
_ANSWERS = problems(
    NoInstance,
    Unsigned,
    WrongSignature,
    NotFound,
    OtherInstance,
    OutdatedEdit,
    ResponseDeleted,
    ConnectionGone,
    TooLarge,
    Unavailable,
    QuarantineFull,
)


async def submit(scope: Scope, receive: Receive, send: Send) -> None:
    """Take a submission, or a part of one. It is durable when this answers 201."""
    request = Request(scope, receive)
    answer = await _submit(request)
    await answer(scope, receive, send)


async def _submit(request: Request) -> Response:
    state = request.app.state
    try:
        door, arrival = await _meet(request, await read_body(request.receive, state.settings.survey_hook_bytes))
        submitted = read_submission(arrival.row, door.index)
        outcome = await state.database.write_bulk(receive_openrosa, submitted)
    except Problem as problem:
        return _refusal(request, problem)
    except ClientDisconnect:
        raise
    except Exception:
        logger.exception("a submission could not be kept", extra={"connection": request.path_params["connection"]})
        return _refusal(request, Unavailable(detail="the submission could not be kept"))
    if isinstance(outcome, Problem):
        return _refusal(request, outcome)
    status, message = _MESSAGES[outcome]
    return _answer(request, status, message, "submit_success")


_SUBMITTED: dict[str, Any] = {"methods": ["POST"], "tags": ["hooks"], "status_code": 201, "responses": _ANSWERS}
BARE = tuple(
    BareRoute(f"{ADDRESS}{path}", submit, openapi_extra={"parameters": parameters}, **_SUBMITTED)
    for path, parameters in (("/submission", [CONNECTION]), ("/{secret}/submission", [CONNECTION, SECRET]))
)


@routes.head("/submission", include_in_schema=False)
@routes.head("/{secret}/submission", include_in_schema=False)
async def greet(request: Request) -> Response:
    """Whether somebody may send, and how much at once."""
    try:
        await _meet(request, b"")
    except Problem as problem:
        return _refusal(request, problem)
    return Response(status_code=204, headers=_headers(request))


async def _meet(request: Request, raw: bytes) -> tuple[Door, Arrival]:
    """Raises NotFound, ConnectionGone, QuarantineFull, Unsigned, MalformedSignature, WrongSignature."""
    door = await request.app.state.doors.find(request.path_params["connection"])
    if not isinstance(door.platform, OpenRosa):
        raise NotFound
    arrival = meet(door, raw, sent_headers(request.scope), now())
    if arrival.problem is not None:
        raise arrival.problem(arrival.detail)
    if arrival.row["state"] == "quarantined":
        raise Unsigned("the connection has no secret")
    if door.full:
        raise QuarantineFull
    return door, arrival


def _refusal(request: Request, problem: Problem) -> Response:
    said = dict.fromkeys((problem.title, problem.detail, problem.remedy))  # the detail may be no more than the title
    answer = _answer(request, problem.status, " ".join(f"{each.rstrip('.')}." for each in said), "submit_error")
    if problem.status == 401:
        answer.headers["WWW-Authenticate"] = 'Basic realm="submissions", charset="UTF-8"'
    if problem.status == 503:
        answer.headers["Retry-After"] = "30"
    return answer


def _answer(request: Request, status: int, message: str, nature: str) -> Response:
    return Response(response(message, nature), status, headers=_headers(request), media_type=CONTENT_TYPE)


def _headers(request: Request) -> dict[str, str]:
    """What every answer to a client has. The address is the one that it called, as the world sees it."""
    settings: Any = request.app.state.settings
    return {
        VERSION_HEADER: "1.0",
        LENGTH_HEADER: str(settings.survey_hook_bytes),
        "Location": settings.public_url.rstrip("/") + request.scope["raw_path"].decode("ascii"),
        "Content-Language": "en",
    }
