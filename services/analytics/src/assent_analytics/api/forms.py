"""The forms in which an analysis can be had, and making one of them off the event loop."""

import json
from collections.abc import Callable

from anyio import to_thread
from fastapi import Request, Response

from assent_analytics.api.analysis_schemas import Form
from assent_analytics.domain.table import Table
from assent_analytics.exports.charts import picture
from assent_analytics.exports.csv import table_csv
from assent_analytics.exports.html import table_page
from assent_analytics.exports.table_json import table_object
from assent_analytics.exports.word import table_document
from assent_analytics.problems import NoSuchForm, NotReady
from assent_analytics.service.analyses.draw import draw
from assent_analytics.service.analyses.keeping import Analysis
from assent_analytics.service.analyses.tabulate import tabulate
from assent_kit.etags import etag_of, holds

MEDIA: dict[Form, str] = {
    "json": "application/json",
    "table": "application/vnd.assent.table+json",
    "html": "text/html",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "csv": "text/csv",
    "vega": "application/vnd.vegalite.v5+json",
    "svg": "image/svg+xml",
    "png": "image/png",
    "r": "text/x-r-source",
}
FORMS: dict[str, dict[str, object]] = {media: {} for form, media in MEDIA.items() if form != "json"}

SAFE = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'"
"""What a page or a picture of ours may do in a browser: look."""


def chosen_form(accept: str) -> Form:
    """The form that an Accept header wants most, the first of several alike; JSON where it names none of them."""
    wanted = dict.fromkeys(MEDIA.values(), -1.0)
    for media, weight in map(_range, accept.split(",")):
        if media in wanted:
            wanted[media] = max(wanted[media], weight)
    best = max(wanted.values())
    if best <= 0:
        return "json"
    order = [media for media, _ in map(_range, accept.split(","))]
    first = min((media for media, weight in wanted.items() if weight == best), key=order.index)
    return next(form for form, media in MEDIA.items() if media == first)


def _range(part: str) -> tuple[str, float]:
    """A media range of an Accept header and its weight (RFC 9110, 12.5.1)."""
    media, *parameters = (word.strip().lower() for word in part.split(";"))
    weights = [parameter.removeprefix("q=") for parameter in parameters if parameter.startswith("q=")]
    try:
        return media, float(weights[0]) if weights else 1.0
    except ValueError:
        return media, 0.0


async def shaped(request: Request, analysis: Analysis, form: Form) -> Response:
    """An analysis in another form than JSON; 304 where the caller has it already. Raises NotReady, NoSuchForm."""
    if analysis.result is None:
        raise NotReady
    tag = etag_of(f"{analysis.version}-{form}")
    if holds(request, tag):
        return Response(status_code=304, headers={"ETag": tag, "Vary": "Accept"})
    content = await to_thread.run_sync(_made, analysis, form, limiter=request.app.state.drawing)
    headers = {
        "Content-Disposition": f'{_disposition(form)}; filename="{analysis.id}.{SUFFIXES.get(form, form)}"',
        "ETag": tag,
        "Cache-Control": "private, no-cache",
        "Content-Security-Policy": SAFE,
        "X-Content-Type-Options": "nosniff",
        "Vary": "Accept",
    }
    return Response(content, media_type=MEDIA[form], headers=headers)


SUFFIXES = {"table": "json", "vega": "vl.json", "r": "R"}


def _made(analysis: Analysis, form: Form) -> str | bytes:
    if form == "r":
        if analysis.r_code is None:
            raise NoSuchForm("there is no R code for this method")
        return analysis.r_code
    if form in TABLES:
        return TABLES[form](tabulate(analysis.method, analysis.request, analysis.result or {}))
    spec = draw(analysis.method, analysis.request, analysis.result or {})
    if spec is None:
        raise NoSuchForm("there is nothing to draw: the method has no chart, or all of it is suppressed")
    if form == "png":
        return picture.as_png(spec)
    return picture.as_svg(spec) if form == "svg" else json.dumps(spec, ensure_ascii=False)


TABLES: dict[Form, Callable[[Table], str | bytes]] = {
    "table": lambda table: json.dumps(table_object(table), ensure_ascii=False),
    "html": table_page,
    "docx": table_document,
    "csv": table_csv,
}


def _disposition(form: Form) -> str:
    return "attachment" if form in ("docx", "csv", "r") else "inline"
