"""Imports of files of responses: begun, given their file, watched, deleted. Reading them is a job (run_import)."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from sqlmodel import Session

from assent_kit.etags import check_match
from assent_kit.identifiers import new_id
from assent_kit.jobs.keeping import add_job, cancel_job
from assent_kit.jobs.table import OVER
from assent_kit.paging import PageRequest
from assent_kit.tables import now
from assent_survey.domain.faults import Fault
from assent_survey.domain.import_plan import ImportPlan, plan_faults
from assent_survey.platforms import PLATFORMS
from assent_survey.problems import CollectionIsClosed, ImportOvertaken, invalid
from assent_survey.service.define_instrument import published_items
from assent_survey.store import imports as store
from assent_survey.store.import_tables import Import
from assent_survey.store.queries import find
from assent_survey.store.tables import Collection, Job

KIND, OWNER = "import", "sur"
State = Literal["receiving", "pending", "done", "failed", "cancelled"]
LONGEST_ARRIVAL = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class ImportNow:
    """An import and what has become of it."""

    row: Import
    state: State

    @property
    def version(self) -> str:
        """For its ETag: what of it can change."""
        return f"{self.row.id}-{self.state}-{self.row.buckets_done}-{int(self.row.has_file)}"


def begin_import(session: Session, study: str, collection: str, *, kind: str, plan: ImportPlan, dry_run: bool, by: str) -> str:
    """Make room for a file; answers the import's id. Raises NotFound, CollectionIsClosed, InvalidRequest."""
    into = find(session, Collection, study, collection)
    if into.closed_at is not None and plan.submitted_at is None:
        raise CollectionIsClosed(detail="name the column `submitted_at`, and rows from before the closing are taken")
    faults = list(plan_faults(plan, published_items(session, into.instrument, into.number)))
    if plan.platform is not None and plan.platform not in PLATFORMS:
        faults.append(Fault("/metadata/platform", "there is no such platform"))
    if faults:
        raise invalid(faults)
    id = new_id("imp")
    stated = plan.model_dump(mode="json")
    session.add(Import(id=id, study=study, collection=collection, kind=kind, plan=stated, dry_run=dry_run, asked_by=by))
    return id


def keep_piece(session: Session, id: str, number: int, content: bytes) -> None:
    """Keep a piece of the file as it arrives. Raises ImportOvertaken."""
    row = session.get(Import, id)
    if row is None or row.job is not None or not row.has_file:
        raise ImportOvertaken
    store.add_piece(session, id, number, content)


def queue_import(session: Session, study: str, id: str) -> None:
    """The file is whole: let it be read. Raises NotFound."""
    row = find(session, Import, study, id, lock=True)
    job = add_job(session, Job, owner=OWNER, study=study, kind=KIND, request={"import": id}, by=row.asked_by)
    row.job = job.id
    session.add(row)


def forget_import(session: Session, study: str, id: str) -> None:
    """Take back an import whose file did not arrive whole."""
    store.delete_file(session, id)
    session.delete(find(session, Import, study, id))


def show_import(session: Session, study: str, id: str) -> ImportNow:
    """An import as it is now. Raises NotFound."""
    return now_of(session, find(session, Import, study, id))


def list_imports(session: Session, study: str, page: PageRequest, *, collection: str | None) -> list[ImportNow]:
    """A page of the study's imports, in the order in which they were asked for."""
    return [now_of(session, row) for row in store.list_imports(session, study, page, collection=collection)]


def delete_import(session: Session, study: str, id: str, if_match: str) -> None:
    """Delete an import with its report; one that runs is stopped, and what it kept stays. Raises NotFound, StaleVersion."""
    row = find(session, Import, study, id, lock=True)
    found = now_of(session, row)
    check_match(if_match, found.version)
    if found.state == "pending" and row.job is not None:
        cancel_job(session, Job, study=study, job=row.job)
    store.delete_file(session, id)
    session.delete(row)


def sweep_imports(session: Session) -> int:
    """Delete files of imports that are over, however they ended, and of those that never were whole; answers how many."""
    rows = store.imports_left_over(session, now() - LONGEST_ARRIVAL)
    for row in rows:
        store.delete_file(session, row.id)
        row.has_file = False
        session.add(row)
    return len(rows)


def now_of(session: Session, row: Import) -> ImportNow:
    """What has become of an import: it is done when it ended; else its job tells."""
    if row.ended_at is not None:
        return ImportNow(row, "done")
    if row.job is None:
        return ImportNow(row, "receiving" if row.has_file else "failed")
    job = session.get(Job, row.job)
    if job is not None and job.state not in OVER:
        return ImportNow(row, "pending")
    return ImportNow(row, "cancelled" if job is not None and job.state == "cancelled" else "failed")
