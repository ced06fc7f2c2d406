"""The job that makes an export: responses page by page into a zip file, and that, piece by piece, into the database.

Each page and each piece is a transaction of its own. Every write looks whether the export is still there and still this attempt's: a
withdrawal deletes it, and then nothing of it is kept.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson
from sqlmodel import Session

from assent_kit.blobs import CHUNK
from assent_kit.database import Database
from assent_kit.identifiers import new_id
from assent_kit.jobs.worker import Task
from assent_kit.tables import now
from assent_survey.domain.case_rows import Batch, Case, CaseRows, CodeInUse
from assent_survey.domain.codebook import Codebook
from assent_survey.exports import EXPORTERS
from assent_survey.exports.archive import Archive
from assent_survey.exports.companions import Account, add_companions
from assent_survey.problems import ExportOvertaken
from assent_survey.service.describe_data import codebook_of_collection
from assent_survey.store import exports as store
from assent_survey.store.export_tables import Export

KIND = "export"
"""Of the jobs that make exports."""
PAGE = 2_000  # responses read in one transaction


@dataclass(frozen=True, slots=True)
class Plan:
    """What one attempt at an export is to do. `total` is how many responses the collection has, once they were counted."""

    export: str
    attempt: str
    study: str
    collection: str
    format: str
    wanted: dict[str, Any]
    total: int = 0


def make_export(task: Task) -> str:
    """Make an export that was asked for; answers its path. Raises ExportOvertaken, Stopped."""
    plan = task.database.write_blocking(begin_attempt, task.request["export"])
    # Not with the attempt: whoever writes would wait while a million are counted, and their index fill the writer's memory.
    plan = replace(plan, total=task.database.read_blocking(store.count_responses, plan.collection))
    with TemporaryDirectory() as folder:
        path = Path(folder) / "export.zip"
        account = _write(task, plan, path)
        size, digest = _keep(task, plan, path)
    task.database.write_blocking(finish, plan, account=account, size=size, sha256=digest)
    return f"/v1/studies/{plan.study}/exports/{plan.export}"


def begin_attempt(session: Session, export: str) -> Plan:
    """Take an export in hand; what another attempt has left of it is deleted. Raises ExportOvertaken when it is there no more."""
    row = session.get(Export, export, with_for_update=True)
    if row is None:
        raise ExportOvertaken
    row.attempt = new_id("try")
    session.add(row)
    store.delete_file(session, export)
    return Plan(export, row.attempt, row.study, row.collection, row.format, row.wanted)


def keep_piece(session: Session, plan: Plan, number: int, content: bytes) -> None:
    """Keep a piece of the file. Raises ExportOvertaken."""
    if store.find_attempt(session, plan.export, plan.attempt) is None:
        raise ExportOvertaken
    store.add_piece(session, plan.export, number, content)


def finish(session: Session, plan: Plan, *, account: Account, size: int, sha256: str) -> None:
    """Say that the file is whole. Raises ExportOvertaken."""
    row = store.find_attempt(session, plan.export, plan.attempt)
    if row is None:
        raise ExportOvertaken
    row.rows, row.size, row.sha256, row.made_at = account.rows, size, sha256, now()
    row.left_out, row.report = account.left_out, account.report()
    session.add(row)


def _write(task: Task, plan: Plan, path: Path) -> Account:
    """Write the zip file; once more with other missing codes when an answer turns out to be one of them."""
    skips: dict[str, int] = {}
    while True:
        wanted = plan.wanted
        codebook = task.database.read_blocking(
            codebook_of_collection,
            plan.study,
            plan.collection,
            language=wanted["language"],
            received=wanted["received_day"],
            skips=skips,
        )
        try:
            return _write_once(task, plan, codebook, path)
        except CodeInUse as taken:
            skips[taken.item] = skips.get(taken.item, 0) + 1


def _write_once(task: Task, plan: Plan, codebook: Codebook, path: Path) -> Account:
    exporter = EXPORTERS[plan.format]
    rows = CaseRows(codebook, include_partial=plan.wanted["include_partial"])
    with Archive(path) as archive:
        exporter.write(codebook, _batches(task, plan, rows), archive)
        account = Account(rows.count, dict(rows.left_out), exporter.changes(codebook), codebook.left_out)
        add_companions(archive, codebook, exporter, account)
    return account


def _batches(task: Task, plan: Plan, rows: CaseRows) -> Iterator[Batch]:
    """The responses as they stand, page by page; an empty batch at last, so that there is always one."""
    say, done = task.paced_progress(), 0
    for page in _pages(task.database, plan.collection, received=plan.wanted["received_day"]):
        yield rows.batch(map(_case, page))
        done += len(page)
        say(done, max(plan.total, done), "writing responses")
    yield rows.batch([])


def _pages(database: Database, collection: str, *, received: bool) -> Iterator[Sequence[Any]]:
    after = ""
    while page := database.read_blocking(store.page_of_responses, collection, after, PAGE, received=received):
        yield page
        after = page[-1].id


def _case(row: Any) -> Case:
    day = row.received_at.date() if row.received_at is not None else None
    return Case(row.id, row.version, row.complete, row.test, day, orjson.loads(row.content))


def _keep(task: Task, plan: Plan, path: Path) -> tuple[int, str]:
    """Keep the file piece by piece; answers its size and digest."""
    digest, size = hashlib.sha256(), path.stat().st_size
    say = task.paced_progress()
    with path.open("rb") as file:
        for number, content in enumerate(iter(lambda: file.read(CHUNK), b"")):
            task.database.write_blocking(keep_piece, plan, number, content)
            digest.update(content)
            say(plan.total, plan.total, "keeping the file")
    return size, digest.hexdigest()
