"""Exports of a collection's responses: asked for, watched, and deleted. Making them is a job (make_export)."""

from dataclasses import dataclass
from typing import Any, Literal

from sqlmodel import Session

from assent_kit.etags import check_match
from assent_kit.identifiers import new_id
from assent_kit.jobs.keeping import add_job, cancel_job
from assent_kit.jobs.table import OVER
from assent_survey.service.describe_data import check_language
from assent_survey.service.jobs import OWNER
from assent_survey.service.make_export import KIND
from assent_survey.store import exports as store
from assent_survey.store.export_tables import Export
from assent_survey.store.locks import hold_collection, hold_off_withdrawals
from assent_survey.store.queries import find
from assent_survey.store.tables import Collection, Job

State = Literal["pending", "ready", "failed", "cancelled"]


@dataclass(frozen=True, slots=True)
class ExportNow:
    """An export and what has become of it."""

    row: Export
    state: State

    @property
    def version(self) -> str:
        """For its ETag: what of it can change."""
        return f"{self.row.id}-{self.state}"


def ask_export(session: Session, study: str, collection: str, *, format: str, wanted: dict[str, Any], by: str) -> str:
    """Queue an export; answers its id. Raises NotFound, and InvalidRequest for a language that the instrument does not have.

    The row is made while no withdrawal is under way, nor any answer that leaves exports, such as consent that is taken back: one that
    follows finds it, and one that went before has deleted what it must.
    """
    hold_off_withdrawals(session)
    hold_collection(session, collection)
    found = find(session, Collection, study, collection)
    check_language(session, found.instrument, found.number, wanted.get("language"))
    export = new_id("xpt")
    job = add_job(session, Job, owner=OWNER, study=study, kind=KIND, request={"export": export}, by=by)
    session.add(Export(id=export, study=study, collection=collection, format=format, wanted=wanted, job=job.id, asked_by=by))
    return export


def show_export(session: Session, study: str, export: str) -> ExportNow:
    """An export as it is now. Raises NotFound."""
    return now_of(session, find(session, Export, study, export))


def list_exports(session: Session, study: str, page: Any, *, collection: str | None) -> list[ExportNow]:
    """A page of the study's exports, in the order in which they were asked for."""
    return [now_of(session, row) for row in store.list_exports(session, study, page, collection=collection)]


def delete_export(session: Session, study: str, export: str, if_match: str) -> None:
    """Delete an export and its file; one that is being made is stopped. Raises NotFound, StaleVersion."""
    row = find(session, Export, study, export, lock=True)
    found = now_of(session, row)
    check_match(if_match, found.version)
    if found.state == "pending":
        cancel_job(session, Job, study=study, job=row.job)
    store.delete_exports(session, [export])


def now_of(session: Session, row: Export) -> ExportNow:
    """What has become of an export: it is ready when its file is whole; else its job tells."""
    if row.sha256 is not None:
        return ExportNow(row, "ready")
    job = session.get(Job, row.job)
    if job is not None and job.state not in OVER:
        return ExportNow(row, "pending")
    return ExportNow(row, "cancelled" if job is not None and job.state == "cancelled" else "failed")
