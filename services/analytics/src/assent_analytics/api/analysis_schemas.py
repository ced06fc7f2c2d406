"""Analyses as they go over HTTP. What a figure is about and its numbers differ by method, so they are open objects."""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from assent_analytics.service.analyses.keeping import Analysis
from assent_kit.schemas import Answer

Form = Literal["json", "table", "html", "docx", "csv", "vega", "svg", "png", "r"]


class AnalysisSummary(Answer):
    """An analysis in a list."""

    id: str
    method: str
    state: Literal["pending", "ready", "failed"]
    stale: bool = Field(description="its data have changed since; ask again for figures of the data as they are now")
    request: dict[str, Any]
    job: str | None = Field(description="the path of the job that does it, where it was too long to wait for")
    created_by: str
    created_at: datetime
    computed_at: datetime | None

    @classmethod
    def of(cls, analysis: Analysis) -> "AnalysisSummary":
        """An analysis without its result."""
        return cls(**_summary(analysis))


class AnalysisOut(AnalysisSummary):
    """An analysis with its result once it is ready: figures, tests, the design they rest on, and what must be said with them."""

    result: dict[str, Any] | None = Field(
        description="`figures` and `tests`: what each is about, with its numbers or `suppressed`; `base`, `design`, `notes`, …"
    )
    recipe: dict[str, Any] | None = Field(
        description="how the same numbers are got again: request, data edition, columns, software"
    )

    @classmethod
    def of(cls, analysis: Analysis) -> "AnalysisOut":
        """An analysis as it is now."""
        return cls(**_summary(analysis), result=analysis.result, recipe=analysis.recipe)


def _summary(analysis: Analysis) -> dict[str, Any]:
    return {
        "id": analysis.id,
        "method": analysis.method,
        "state": analysis.state,
        "stale": analysis.stale,
        "request": analysis.request,
        "job": job_path(analysis),
        "created_by": analysis.created_by,
        "created_at": analysis.created_at,
        "computed_at": analysis.computed_at,
    }


def job_path(analysis: Analysis) -> str | None:
    """Where the job of an analysis is."""
    return f"/v1/studies/{analysis.study}/jobs/{analysis.job}" if analysis.job else None
