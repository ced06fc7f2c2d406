"""The API's documentation: one OpenAPI document, a page that shows it without the network, and what each problem means.

`openapi.json` and `problems.json` beside this package's code are written by `make docs`, which knows all services; without them the
gateway documents itself only.
"""

import html
import json
from importlib import resources
from typing import Any

from fastapi import FastAPI, Request, Response

from assent_gateway.domain.openapi import merge
from assent_kit.app import router
from assent_kit.problems import NotFound, Problem, catalogue

TITLE = "Assent"
ASSETS = {"swagger-ui-bundle.js": "text/javascript", "swagger-ui.css": "text/css"}
_POLICY = "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'"
_LASTING = {"Cache-Control": "public, max-age=86400", "X-Content-Type-Options": "nosniff"}

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Assent: API</title><link rel="stylesheet" href="/docs/swagger-ui.css"></head>
<body><div id="docs"></div><script src="/docs/swagger-ui-bundle.js"></script><script src="/docs/start.js"></script></body></html>
"""
_START = 'SwaggerUIBundle({url: "/openapi.json", dom_id: "#docs", deepLinking: true, defaultModelsExpandDepth: 0});\n'

documentation = router(include_in_schema=False)


@documentation.get("/")
async def front() -> Response:
    """A browser that was given the bare address finds its way."""
    return Response(status_code=307, headers={"Location": "/docs"})


@documentation.get("/openapi.json")
async def openapi(request: Request) -> Response:
    """The whole public API."""
    return Response(_openapi(request.app), media_type="application/json", headers=_LASTING)


@documentation.get("/docs")
async def docs() -> Response:
    """A page to read and try it."""
    return Response(_PAGE, media_type="text/html", headers={"Content-Security-Policy": _POLICY})


@documentation.get("/docs/start.js")
async def start() -> Response:
    """What the page does first."""
    return Response(_START, media_type="text/javascript", headers=_LASTING)


@documentation.get("/docs/{asset}")
async def asset(asset: str) -> Response:
    """What the page is drawn with, shipped with the gateway: Swagger UI (Apache-2.0)."""
    if asset not in ASSETS:
        raise NotFound
    file = resources.files("fastapi_standalone_docs") / "static" / "swagger" / asset
    return Response(file.read_bytes(), media_type=ASSETS[asset], headers=_LASTING)


@documentation.get("/problems")
async def list_problems() -> Response:
    """Every problem there is, by code."""
    return Response(json.dumps({"items": list(_problems().values()), "next": None}), media_type="application/json")


@documentation.get("/problems/{code}")
async def explain(request: Request, code: str) -> Response:
    """What a problem means and what to do about it; as a page for browsers."""
    problem = _problems().get(code)
    if problem is None:
        raise NotFound
    if "text/html" not in request.headers.get("accept", ""):
        return Response(json.dumps(problem), media_type="application/json")
    told = {name: html.escape(str(value)) for name, value in problem.items()}
    page = (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{told["code"]}</title>'
        f"<h1>{told['title']}</h1><p><code>{told['code']}</code>, status {told['status']}</p>"
        f"<p>{told['about']}</p><p><b>What to do:</b> {told['remedy']}</p></html>"
    )
    return Response(page, media_type="text/html", headers={"Content-Security-Policy": "default-src 'none'"})


def describe(problem: type[Problem]) -> dict[str, Any]:
    """A problem as the catalogue lists it."""
    about = (problem.__doc__ or "").strip().partition("\n")[0]
    return {"code": problem.code, "status": problem.status, "title": problem.title, "about": about, "remedy": problem.remedy}


def _problems() -> dict[str, dict[str, Any]]:
    shipped = resources.files("assent_gateway") / "problems.json"
    if shipped.is_file():
        return {problem["code"]: problem for problem in json.loads(shipped.read_text(encoding="utf-8"))}
    return {problem.code: describe(problem) for problem in catalogue()}


def _openapi(app: FastAPI) -> str:
    shipped = resources.files("assent_gateway") / "openapi.json"
    if shipped.is_file():
        return shipped.read_text(encoding="utf-8")
    return json.dumps(merge({"gateway": app.openapi()}, title=TITLE, version=app.version))
