"""A service's FastAPI app as all services have it: strict JSON, problems, request ids, metrics, health."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from anyio import to_thread
from fastapi import APIRouter, FastAPI, Response
from fastapi.openapi.utils import get_openapi
from fastapi.telemetry import TelemetryConfig
from sqlmodel import SQLModel
from starlette.routing import Match
from starlette.types import Receive, Scope, Send

from assent_kit.database import Database
from assent_kit.middleware import Around, add_problem_handlers, problem_response
from assent_kit.problems import Problem, ProblemDocument, Unavailable
from assent_kit.routing import BareRoute, StrictRoute
from assent_kit.settings import ServiceSettings
from assent_kit.tokens import TokenVerifier

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]
# FastAPI's own would send paths, which hold parents' tokens, and the text of exceptions to whatever an environment names.
NO_TELEMETRY: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False}


class ServiceApp(FastAPI):
    """FastAPI, and bare routes that pass by it: all its layers cost as much as to verify a delivery and to keep it."""

    def __init__(self, name: str, bare: Sequence[BareRoute], **settings: Any) -> None:
        super().__init__(**settings)
        self.router.routes.extend(bare)  # there they are documented, and answer to other methods
        self.add_middleware(Around, service=name)
        self._bare = bare
        self._around_bare = Around(call_bare, service=name)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] == "http" and scope["method"] == "POST":
            for route in self._bare:
                match, found = route.matches(scope)
                if match is Match.FULL:
                    scope.update(found, app=self)
                    await self._around_bare(scope, receive, send)
                    return
        await super().__call__(scope, receive, send)


async def call_bare(scope: Scope, receive: Receive, send: Send) -> None:
    """Call the endpoint of the bare route that was found; a problem that it raises is its answer."""
    try:
        await scope["route"].app(scope, receive, send)
    except Problem as problem:
        await problem_response(problem)(scope, receive, send)


def build_app(
    settings: ServiceSettings,
    database: Database,
    *,
    name: str,
    title: str,
    routers: Sequence[APIRouter],
    bare: Sequence[BareRoute] = (),
    idempotency: type[SQLModel] | None = None,
    lifespan: Lifespan | None = None,
) -> FastAPI:
    """An app with these routers, and `bare` routes before them.

    `app.state` holds `settings`, `database`, `verifier` and `idempotency` for their dependencies.

    The database is opened and closed by whoever made it: one process may share it between the app and its consumers.
    """

    @asynccontextmanager
    async def nothing(_: FastAPI) -> AsyncIterator[None]:
        yield

    app = ServiceApp(
        name,
        bare,
        title=title,
        version="0.1.0",
        lifespan=lifespan or nothing,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,  # a redirect would name the address by which the gateway reached us
        telemetry=NO_TELEMETRY,
    )
    app.router.route_class = StrictRoute
    app.state.settings = settings
    app.state.database = database
    app.state.verifier = TokenVerifier(settings.gateway_public_key)
    app.state.idempotency = idempotency
    for router in (*routers, _health(database)):
        app.include_router(router)
    add_problem_handlers(app)
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign]
    return app


def router(**arguments: Any) -> APIRouter:
    """An APIRouter whose bodies are read under the JSON rules; services use this one."""
    return APIRouter(route_class=StrictRoute, **arguments)


def health_app(database: Database, alive: Callable[[], bool]) -> FastAPI:
    """The health of a process that answers no other requests."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, telemetry=NO_TELEMETRY)
    app.include_router(_health(database, alive))
    add_problem_handlers(app)
    return app


def _health(database: Database, alive: Callable[[], bool] = lambda: True) -> APIRouter:
    health = APIRouter(prefix="/health", include_in_schema=False)

    @health.get("/live")
    async def live() -> Response:
        """The process works: it answers, and none of its threads has ended."""
        if not alive():
            raise Unavailable(detail="a background thread has ended")
        return Response('{"live":true}', media_type="application/json")

    @health.get("/ready")
    async def ready() -> Response:
        """It can do its work: the database answers."""
        if not await to_thread.run_sync(database.reachable):
            raise Unavailable(detail="the database cannot be reached")
        return Response('{"ready":true}', media_type="application/json")

    return health


def _openapi(app: FastAPI) -> dict[str, Any]:
    """The app's OpenAPI document, with the problem document among its components."""
    if app.openapi_schema is None:
        document = get_openapi(title=app.title, version=app.version, routes=app.routes)
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        problem = ProblemDocument.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas.update(problem.pop("$defs", {}))
        schemas["ProblemDocument"] = problem
        for name in ("HTTPValidationError", "ValidationError"):
            schemas.pop(name, None)
        _drop_default_validation_answers(document)
        app.openapi_schema = document
    return app.openapi_schema


def _drop_default_validation_answers(document: dict[str, Any]) -> None:
    """FastAPI adds a 422 of its own shape to each operation; ours is a problem document."""
    reference = {"$ref": "#/components/schemas/ProblemDocument"}
    for operations in document.get("paths", {}).values():
        for operation in operations.values():
            answers = operation.get("responses", {})
            if "422" in answers:
                answers["422"] = {"description": "a problem", "content": {"application/problem+json": {"schema": reference}}}
