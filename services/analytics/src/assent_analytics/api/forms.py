"""The forms in which an analysis can be had, and making one of them off the event loop."""

from anyio import to_thread
from fastapi import Request, Response

from assent_analytics.api.analysis_schemas import Form
from assent_analytics.problems import NoSuchForm, NotReady
from assent_analytics.service.analyses.keeping import Analysis

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


def chosen_form(accept: str) -> Form:
    """The first form that an Accept header names; JSON where it names none of them."""
    for wanted in (part.partition(";")[0].strip().lower() for part in accept.split(",")):
        for form, media in MEDIA.items():
            if wanted == media:
                return form
    return "json"


async def shaped(request: Request, analysis: Analysis, form: Form) -> Response:
    """An analysis in another form than JSON. Raises NotReady, NoSuchForm."""
    if analysis.result is None:
        raise NotReady
    content = await to_thread.run_sync(_made, analysis, form)
    headers = {
        "Content-Disposition": f'{_disposition(form)}; filename="{analysis.id}.{_suffix(form)}"',
        "Cache-Control": "private, no-cache",
    }
    return Response(content, media_type=MEDIA[form], headers=headers)


def _made(analysis: Analysis, form: Form) -> str | bytes:
    if form == "r":
        if analysis.r_code is None:
            raise NoSuchForm("there is no R code for this method")
        return analysis.r_code
    raise NoSuchForm


def _disposition(form: Form) -> str:
    return "attachment" if form in ("docx", "csv", "r") else "inline"


def _suffix(form: Form) -> str:
    return {"table": "json", "vega": "vl.json", "r": "R"}.get(form, form)
