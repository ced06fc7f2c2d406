"""What happens around every request of a service: a request id, a metric, one log line, and problems for whatever goes wrong."""

import logging
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assent_kit import metrics
from assent_kit.identifiers import new_id
from assent_kit.logs import request_id
from assent_kit.problems import (
    MEDIA_TYPE,
    FieldError,
    Forbidden,
    InternalError,
    InvalidRequest,
    MethodNotAllowed,
    NotFound,
    Problem,
    TooLarge,
    Unauthenticated,
    UnsupportedMedia,
)

logger = logging.getLogger("assent.requests")

_BY_STATUS: dict[int, type[Problem]] = {
    400: InvalidRequest,
    401: Unauthenticated,
    403: Forbidden,
    404: NotFound,
    405: MethodNotAllowed,
    413: TooLarge,
    415: UnsupportedMedia,
    422: InvalidRequest,
}


class Around:
    """The outermost layer of a service, in plain ASGI so that it costs little and never buffers."""

    def __init__(self, app: ASGIApp, service: str) -> None:
        self._app = app
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        current = _given_id(scope) or new_id("req")
        mark = request_id.set(current)
        started, status = time.perf_counter(), 0

        async def send_marked(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message.setdefault("headers", []).append((b"x-request-id", current.encode()))
            await send(message)

        # No id holds NUL, and PostgreSQL refuses even to look for one.
        app = problem_response(NotFound()) if "\0" in scope["path"] else self._app
        try:
            await app(scope, receive, send_marked)
        except ClientDisconnect:
            status = 499  # the caller left; there is nobody to answer
        except Exception:
            logger.exception("unexpected", extra={"route": _route(scope)})
            if status:
                raise  # the answer has begun; all that is left is to break it off
            await problem_response(InternalError())(scope, receive, send_marked)
        finally:
            self._record(scope, status, time.perf_counter() - started)
            request_id.reset(mark)

    def _record(self, scope: Scope, status: int, seconds: float) -> None:
        route = _route(scope)
        answered, spent = metrics.of_request(self._service, scope["method"], route, status)
        answered.inc()
        spent.observe(seconds)
        if logger.isEnabledFor(logging.DEBUG) or status >= 500:
            level = logging.WARNING if status >= 500 else logging.DEBUG
            logger.log(
                level, "answered", extra={"method": scope["method"], "route": route, "status": status, "seconds": round(seconds, 4)}
            )


def problem_response(problem: Problem) -> Response:
    """A problem as it goes over the wire."""
    body = problem.document(request_id.get()).model_dump_json()
    return Response(body, status_code=problem.status, headers=problem.headers, media_type=MEDIA_TYPE)


def add_problem_handlers(app: FastAPI) -> None:
    """Turn every way of failing into a problem document."""

    async def on_problem(_: Request, error: Exception) -> Response:
        assert isinstance(error, Problem)
        return problem_response(error)

    async def on_invalid(_: Request, error: Exception) -> Response:
        assert isinstance(error, (RequestValidationError, ValidationError))
        return problem_response(InvalidRequest(errors=[_field_error(one, getattr(error, "body", None)) for one in error.errors()]))

    async def on_http(_: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        kind = _BY_STATUS.get(error.status_code, InternalError)
        return problem_response(kind(headers=dict(error.headers or {})))

    handlers: list[tuple[type[Exception], Callable[[Request, Exception], Awaitable[Response]]]] = [
        (Problem, on_problem),
        (RequestValidationError, on_invalid),
        (HTTPException, on_http),
    ]
    for kind, handler in handlers:
        app.add_exception_handler(kind, handler)


def _field_error(error: Any, body: Any) -> FieldError:
    where, *path = error["loc"] or ("body",)
    if where == "body":
        pointer = "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in _places(path, body))
    else:
        pointer = f"{'?' if where == 'query' else ''}{'/'.join(map(str, path))}"
    return FieldError(pointer=pointer, message=error["msg"])


def _places(path: list[Any], body: Any) -> Iterator[Any]:
    """The path without the names that Pydantic gives to the members of unions, which are nowhere in the body."""
    for number, part in enumerate(path):
        if isinstance(body, dict) and part not in body and number < len(path) - 1:
            continue
        yield part
        within = body.get(part) if isinstance(body, dict) else None
        body = body[part] if isinstance(body, list) and isinstance(part, int) and part < len(body) else within


def _route(scope: Scope) -> str:
    return str(getattr(scope.get("route"), "path", "unmatched"))


def _given_id(scope: Scope) -> str | None:
    for name, value in scope["headers"]:
        if name == b"x-request-id" and 0 < len(value) <= 64 and value.replace(b"_", b"").replace(b"-", b"").isalnum():
            return str(value, "ascii")
    return None
