"""The analyses of a study as they are kept: asked for, answered once for the same data, listed, and deleted."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from sqlmodel import Session

from assent_analytics.domain.progress import watched
from assent_analytics.problems import Released
from assent_analytics.service.analyses.compute import (
    Computed,
    collections_of,
    compute,
    data_edition,
    fingerprint,
    frame_of,
    is_long,
)
from assent_analytics.service.analyses.methods import ANY_ANALYSIS
from assent_analytics.service.analyses.request import AnalysisRequest
from assent_analytics.service.releases.find import newest_release
from assent_analytics.service.samples import Samples
from assent_analytics.service.showings import note_showing
from assent_analytics.store import analyses as store
from assent_analytics.store.tables import Analyses, Job
from assent_kit.etags import check_match, etag_of
from assent_kit.identifiers import new_id
from assent_kit.jobs.keeping import add_job
from assent_kit.jobs.table import OVER
from assent_kit.jobs.worker import Task
from assent_kit.problems import NotFound
from assent_kit.tables import now

KIND = "analysis"
"""Of the jobs that do analyses."""

READ, ESTIMATED, PER_CENT = 5, 95, 100
"""How far a job is once the answers are read, once all is estimated, and in the end."""


@dataclass(frozen=True, slots=True)
class Analysis:
    """An analysis as it is now. `stale` when its data have changed since; without a result while its job is not done."""

    id: str
    study: str
    method: str
    state: Literal["pending", "ready", "failed"]
    stale: bool
    request: dict[str, Any]
    result: dict[str, Any] | None
    recipe: dict[str, Any] | None
    r_code: str | None
    job: str | None
    created_by: str
    created_at: datetime
    computed_at: datetime | None

    @property
    def version(self) -> str:
        """For its ETag: what of it can change."""
        return f"{self.id}-{self.state}{'-stale' if self.stale else ''}"


@dataclass(frozen=True, slots=True)
class Asked:
    """What there is on a question: the analysis that answers it already, or what was computed, or neither when it will take
    long.
    """

    mark: str
    edition: str
    known: str | None
    computed: Computed | None


def ask(session: Session, kept: Samples, *, study: str, request: AnalysisRequest, later: bool) -> Asked:
    """Look for the answer, and compute it where that is quick and not to be done `later`. Raises the problems of a frame,
    Incomputable.
    """
    frame = frame_of(session, kept, study, request)
    edition = data_edition(session, study, collections_of(request.model_dump()))
    mark = fingerprint(study, request, edition)
    known = _usable(session, study, mark)
    if known is not None or later or is_long(frame):
        return Asked(mark, edition, known, None)
    return Asked(mark, edition, None, compute(frame, edition))


def keep_answer(session: Session, *, study: str, request: AnalysisRequest, asked: Asked, by: str) -> str:
    """Keep what was computed, or queue a job for it; answers the id, which is another's when they asked the same meanwhile."""
    known = _usable(session, study, asked.mark)
    if known is not None:
        return known
    store.forget_answer(session, study, asked.mark)
    analysis, body = new_id("ana"), request.model_dump(mode="json")
    row = Analyses(
        id=analysis, study=study, method=body["method"], request=body, mark=asked.mark, edition=asked.edition,
        created_by=by, created_at=now(),
    )  # fmt: skip
    if asked.computed is not None:
        _fill(session, row, asked.computed, asked.edition)
    else:
        row.job = add_job(
            session, Job, owner="ana", study=study, kind=KIND, request={"analysis": analysis}, by=by, total=PER_CENT
        ).id
    session.add(row)
    return analysis


class Worker:
    """Does the analyses that wait as jobs, with samples that it keeps."""

    def __init__(self) -> None:
        self._kept = Samples()

    def __call__(self, task: Task) -> str:
        """Read, compute, keep; answers where the analysis is."""
        analysis, database = task.request["analysis"], task.database
        task.progress(0, PER_CENT, "reading the answers")
        frame, edition = database.read_blocking(self._prepare, study=task.study, analysis=analysis)
        task.progress(READ, PER_CENT, "estimating")
        say = task.paced_progress()
        with watched(lambda part, step: say(READ + int((ESTIMATED - READ) * part), PER_CENT, f"estimating: {step}")):
            computed = compute(frame, edition)
        task.progress(ESTIMATED, PER_CENT, "keeping the result")
        database.write_blocking(_keep_result, study=task.study, analysis=analysis, computed=computed, edition=edition)
        return f"/v1/studies/{task.study}/analyses/{analysis}"

    def _prepare(self, session: Session, *, study: str, analysis: str) -> Any:
        request = ANY_ANALYSIS.validate_python(_row(session, study, analysis).request)
        return frame_of(session, self._kept, study, request), data_edition(session, study, collections_of(request.model_dump()))


def find_analysis(session: Session, *, study: str, analysis: str) -> Analysis:
    """One analysis. Raises NotFound."""
    return _analysis(session, _row(session, study, analysis), {})


def list_analyses(
    session: Session, *, study: str, method: str | None, after: str | None, limit: int, released: bool = False
) -> list[Analysis]:
    """The study's analyses in the order in which they were asked for; only those that were released, for who may see no others."""
    editions: dict[tuple[str, ...], str] = {}
    rows = store.list_rows(session, study, method=method, after=after, limit=limit, released=released)
    found = [_analysis(session, row, editions) for row in rows]
    # That data have changed is news of an arrival or a withdrawal, which is not for viewers.
    return [replace(one, stale=False) for one in found] if released else found


def delete_analysis(session: Session, *, study: str, analysis: str, if_match: str) -> None:
    """Delete an analysis that was not released. Raises NotFound, StaleVersion, Released."""
    row = _row(session, study, analysis)
    if newest_release(session, study=study, kind="analysis", subject=analysis) is not None:
        raise Released
    check_match(if_match, _analysis(session, row, {}).version)
    session.delete(row)


def etag(analysis: Analysis) -> str:
    """The ETag of an analysis as it is now."""
    return etag_of(analysis.version)


def _keep_result(session: Session, *, study: str, analysis: str, computed: Computed, edition: str) -> None:
    row = _row(session, study, analysis)
    mark = fingerprint(study, ANY_ANALYSIS.validate_python(row.request), edition)
    if mark != row.mark:
        store.forget_answer(session, study, mark)
        row.mark = mark
    _fill(session, row, computed, edition)
    session.add(row)


def _fill(session: Session, row: Analyses, computed: Computed, edition: str) -> None:
    note_showing(session, study=row.study, items=list(computed.result["items"]))
    row.result, row.recipe, row.r_code = computed.result, computed.recipe, computed.r_code
    row.edition, row.computed_at = edition, now()


def _row(session: Session, study: str, analysis: str) -> Analyses:
    row = store.find_row(session, study, analysis)
    if row is None:
        raise NotFound
    return row


def _usable(session: Session, study: str, mark: str) -> str | None:
    """The analysis that answers a question: one that is ready, or whose job is still to do it."""
    row = store.find_answer(session, study, mark)
    return row.id if row is not None and _state(session, row) != "failed" else None


def _state(session: Session, row: Analyses) -> Literal["pending", "ready", "failed"]:
    if row.result is not None:
        return "ready"
    job = session.get(Job, row.job) if row.job else None
    return "failed" if job is None or job.state in OVER else "pending"


def _analysis(session: Session, row: Analyses, editions: dict[tuple[str, ...], str]) -> Analysis:
    names = collections_of(row.request)
    if names not in editions:
        editions[names] = data_edition(session, row.study, names)
    return Analysis(
        id=row.id,
        study=row.study,
        method=row.method,
        state=_state(session, row),
        stale=row.edition != editions[names],
        request=row.request,
        result=row.result,
        recipe=row.recipe,
        r_code=row.r_code,
        job=row.job,
        created_by=row.created_by,
        created_at=row.created_at,
        computed_at=row.computed_at,
    )
