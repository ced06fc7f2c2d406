"""The route class of every service: JSON bodies are read under the JSON rules, and queries hold nothing that databases cannot."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.types import ASGIApp

from assent_kit import json_rules
from assent_kit.problems import InvalidRequest


class StrictRequest(Request):
    """A request whose JSON body has been read under the rules."""

    strict_json: Any = None

    async def json(self) -> Any:
        """The parsed body."""
        return self.strict_json


class StrictRoute(APIRoute):
    """Hands its handler a StrictRequest."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's handler behind a stricter reading of query and body. Raises InvalidRequest and MalformedJson."""
        handle = super().get_route_handler()

        async def handle_strictly(request: Request) -> Response:
            if b"%00" in request.scope["query_string"]:
                raise InvalidRequest("the query holds NUL, which is not text")
            if not _is_json(request):
                return await handle(request)
            strict = StrictRequest(request.scope, request.receive)
            # Before FastAPI looks at it, because FastAPI hides what goes wrong while it reads a body.
            strict.strict_json = json_rules.parse(await strict.body() or b"null")
            return await handle(strict)

        return handle_strictly


class BareRoute(APIRoute):
    """A POST that is documented as any other is, and whose endpoint is called as bare ASGI: for what comes a thousand times a second."""

    def __init__(self, path: str, endpoint: ASGIApp, **described: Any) -> None:
        async def documented() -> None:
            """Takes nothing that FastAPI could read."""

        documented.__name__, documented.__doc__ = endpoint.__name__, endpoint.__doc__
        super().__init__(path, documented, **described)
        self.app = endpoint


def _is_json(request: Request) -> bool:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return kind.startswith("application/") and kind.endswith(("/json", "+json"))
