"""Reconciling: comparing what we hold with what a platform has, and taking over what webhooks missed or never send.

It goes page by page. Each page is one transaction that also keeps the cursor, so a reconciliation that is broken off goes on where it
was, and one that must wait for the platform keeps nobody else waiting. A record with another content than ours is kept like a delivery
and applied as one; one with the same content leaves no trace. What the platform no longer has is reported, and deleted here only where
that is wanted, the platform says so of each, and there are not suspiciously many.
"""

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import httpx
from sqlmodel import Session

from assent_kit.database import Database
from assent_kit.faults import passes_by_itself
from assent_kit.identifiers import new_id
from assent_kit.tables import now
from assent_survey.domain.submission import Notice
from assent_survey.platforms import SOURCES
from assent_survey.platforms.source import AccessRefused, NotThere, Page, PlatformAway, Record, SlowDown
from assent_survey.problems import AccessNotSet, ReconciliationRuns
from assent_survey.service.ask_platform import Asking, ask, open_asking
from assent_survey.service.compare_records import compare
from assent_survey.service.connect_platform import find_living
from assent_survey.service.delete_responses import delete_for_good
from assent_survey.service.keys import Keys
from assent_survey.service.read_delivery import DeliveryReader
from assent_survey.settings import SurveySettings
from assent_survey.store import reconciliations as store
from assent_survey.store.deliveries import insert_deliveries, newest_of_responses
from assent_survey.store.locks import hold_off_withdrawals
from assent_survey.store.tables import Connection, Reconciliation

logger = logging.getLogger(__name__)

OVERLAP = timedelta(hours=1)
"""How far back beyond the last one a scheduled reconciliation looks: clocks differ, and interfaces lag."""
WHOLE_EVERY = timedelta(days=7)
AFTER_FAILURE = timedelta(hours=1)
LAG = timedelta(minutes=15)
"""For how long an interface may not yet list what a webhook has told already."""
LEASE = timedelta(minutes=5)  # in which one page must be done
MOST_NAMED = 500  # responses that a report names as gone
MOST_FAILURES = 6  # of the platform in a row, over about two hours
FIRST_PAUSE = 10.0  # seconds
_ELSEWHERE = Record("", b"")  # stands for one about which the platform said nothing


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to compare: everything, or what was made or changed after `since`; and what becomes of responses that are gone there."""

    since: datetime | None = None
    deletions: str = "report"
    most_deletions: int = 20


def start_reconciliation(session: Session, study: str, connection: str, *, keys: Keys, wanted: Wanted, by: str) -> str:
    """Begin a reconciliation; answers its id. Raises NotFound, ConnectionGone, PlatformCannotBeAsked, AccessNotSet, ReconciliationRuns."""
    found = find_living(session, study, connection)
    open_asking(found, keys)
    if store.running_reconciliation(session, connection) is not None:
        raise ReconciliationRuns
    return _start(session, found, wanted, by=by)


def cancel_reconciliation(session: Session, study: str, connection: str, id: str) -> None:
    """Stop a reconciliation after its present page; what it took over stays. Raises NotFound."""
    reconciliation = store.find_reconciliation(session, study, connection, id)
    if reconciliation.state == "running":
        _end(reconciliation, state="cancelled", detail=None)


def start_scheduled(session: Session) -> int:
    """Begin what is due by the connections' schedules; answers how many. Once a week a platform that lists everything is asked for it."""
    started = 0
    for connection in store.connections_to_reconcile(session):
        last = store.last_finished(session, connection.id, whole=False)
        if not _is_due(connection, last, store.last_started(session, connection.id)):
            continue
        since = None if last is None else last.started_at - OVERLAP
        if SOURCES[connection.platform].lists_everything:
            whole = store.last_finished(session, connection.id, whole=True)
            since = None if whole is None or whole.started_at + WHOLE_EVERY <= now() else since
        _start(session, connection, Wanted(since=since, deletions=connection.deletions), by="schedule")
        started += 1
    return started


def step(database: Database, settings: SurveySettings) -> bool:
    """Compare one page of one reconciliation that is due; answers whether there was one."""
    keys = Keys.of(settings)
    claimed = database.write_blocking(_claim, keys)
    if claimed is None:
        return False
    reconciliation, asking = claimed
    try:
        if reconciliation.listed:
            _settle_missing(database, settings, reconciliation, asking, keys)
        else:
            page = ask(
                database,
                settings,
                asking,
                lambda client: asking.source.pages(asking.access, client, since=reconciliation.since, cursor=reconciliation.cursor),
            )
            database.write_blocking(keep_page, reconciliation.id, page, keys=keys, lists_everything=asking.source.lists_everything)
    except SlowDown as slow:
        database.write_blocking(_wait, reconciliation.id, slow.seconds, "waiting, as the platform asks", failed=False)
    except PlatformAway as away:
        _count_failure(database, reconciliation, str(away))
    except (AccessRefused, NotThere) as refused:
        why = str(refused) or "the platform does not have what the access names"
        database.write_blocking(_fail, reconciliation.id, f"{why}; set the access again, and reconcile again")
    except Exception as error:
        if passes_by_itself(error):
            raise
        logger.exception("a page cannot be kept", extra={"reconciliation": reconciliation.id})
        _count_failure(database, reconciliation, f"the page cannot be kept: {type(error).__name__}")
    return True


def _count_failure(database: Database, reconciliation: Reconciliation, why: str) -> None:
    """Try the page again later, ever more seldom, and give up at last: others go on meanwhile."""
    pause = FIRST_PAUSE * 3.0**reconciliation.failures
    database.write_blocking(_wait, reconciliation.id, pause, why, failed=True)


def keep_page(session: Session, id: str, page: Page, *, keys: Keys, lists_everything: bool) -> None:
    """Compare one page, keep what is new of it and where to go on; after the last one, end, or turn to what was not listed."""
    reconciliation = session.get_one(Reconciliation, id)
    if reconciliation.state != "running":
        return
    _keep_records(session, reconciliation, page.records, page.deleted, keys)
    reconciliation.cursor, reconciliation.failures, reconciliation.detail = page.cursor, 0, None
    reconciliation.total, reconciliation.due_at = page.total or reconciliation.total, now()
    if page.cursor is None:
        reconciliation.listed = True
        if reconciliation.since is not None or not lists_everything:
            _end(reconciliation, state="done", detail=None)


def _keep_records(
    session: Session, reconciliation: Reconciliation, records: Sequence[Record], deleted: Sequence[str], keys: Keys
) -> None:
    connection = session.get_one(Connection, reconciliation.connection)
    hold_off_withdrawals(session)
    reader = DeliveryReader(session, keys, [connection.id])
    compared = compare(session, reader, connection, records)
    if new := [row for _, row in compared if row is not None]:
        insert_deliveries(session, new)
    store.mark_listed(session, reconciliation.id, {reader.response_index(connection.id, each.response_id) for each in records})
    counted = Counter(outcome for outcome, _ in compared)
    if deleted:
        gone = {reader.response_index(connection.id, response) for response in deleted}
        counted["deleted"] += delete_for_good(session, connection.study, gone)
    reconciliation.found = dict(Counter(reconciliation.found) + counted)


def _settle_missing(
    database: Database, settings: SurveySettings, reconciliation: Reconciliation, asking: Asking, keys: Keys
) -> None:
    """Ask for each response that was not listed by itself, because pages shift while they are turned, and then end."""
    missing, notices = database.read_blocking(_missing, reconciliation, keys)
    answers: dict[str, Record | None] = {}

    def question(client: httpx.Client) -> None:
        for start in range(0, len(notices), asking.source.at_once):
            some = list(notices.values())[start : start + asking.source.at_once]
            answers.update({notice.response_id: record for notice, record in asking.source.fetch(asking.access, some, client)})

    if notices:
        ask(database, settings, asking, question)
    records = [record for record in answers.values() if record is not None]
    gone = [index for _, index in missing if index in notices and answers.get(notices[index].response_id, _ELSEWHERE) is None]
    database.write_blocking(finish, reconciliation.id, records, gone, keys=keys)


def _missing(session: Session, reconciliation: Reconciliation, keys: Keys) -> tuple[list[tuple[str, str]], dict[str, Notice]]:
    """Responses that were not listed, and a notice of each whose name at the platform is still known, by blind index."""
    before = reconciliation.started_at - LAG
    missing = store.not_listed(session, reconciliation, before, MOST_NAMED)
    reader = DeliveryReader(session, keys, [reconciliation.connection])
    rows = newest_of_responses(session, reconciliation.connection, {index for _, index in missing})
    found = {row.response_index: reader.attribute(row) for row in rows}
    return missing, {index: Notice(each[0].response_id) for index, each in found.items() if each is not None}


def finish(session: Session, id: str, records: Sequence[Record], gone: Sequence[str], *, keys: Keys) -> None:
    """Keep what was there after all, say what the platform has no more, and delete it here if that is wanted and plausible.

    `gone` are the blind indexes of which the platform said so; others that it did not list are only reported.
    """
    reconciliation = session.get_one(Reconciliation, id)
    if reconciliation.state != "running":
        return
    _keep_records(session, reconciliation, records, (), keys)
    missing = store.not_listed(session, reconciliation, reconciliation.started_at - LAG, MOST_NAMED)
    reconciliation.gone = [response for response, _ in missing]
    found = Counter(reconciliation.found)
    found["gone"] += len(missing)
    confirmed = set(gone) & {index for _, index in missing}
    detail = None
    if reconciliation.deletions == "apply" and len(missing) > reconciliation.most_deletions:
        detail = (
            f"more than {reconciliation.most_deletions} responses are gone at the platform, and none was deleted here: check that the "
            "access may see them all, then reconcile again with a larger most_deletions"
        )
    elif reconciliation.deletions == "apply":
        found["deleted"] += delete_for_good(session, reconciliation.study, confirmed)
    reconciliation.found = dict(found)
    _end(reconciliation, state="done", detail=detail)


def _is_due(connection: Connection, finished: Reconciliation | None, newest: Reconciliation | None) -> bool:
    """By the last one that came to its end; after one that failed, not at once again: some platforms lock out who errs often."""
    hours = connection.reconcile_hours
    if hours is None or (newest is not None and (newest.state == "running" or newest.started_at + AFTER_FAILURE > now())):
        return False
    return finished is None or finished.started_at + timedelta(hours=hours) <= now()


def _start(session: Session, connection: Connection, wanted: Wanted, *, by: str) -> str:
    reconciliation = Reconciliation(
        id=new_id("rec"),
        study=connection.study,
        connection=connection.id,
        since=wanted.since,
        deletions=wanted.deletions,
        most_deletions=wanted.most_deletions,
        requested_by=by,
    )
    session.add(reconciliation)
    return reconciliation.id


def _claim(session: Session, keys: Keys) -> tuple[Reconciliation, Asking] | None:
    moment = now()
    claimed = store.claim_due(session, moment, moment + LEASE)
    if claimed is None:
        return None
    connection = session.get_one(Connection, claimed.connection)
    if connection.deleted_at is not None or connection.access is None:
        _end(
            session.get_one(Reconciliation, claimed.id),
            state="failed",
            detail="the connection or its access was removed; set the access again",
        )
        return None
    try:
        return claimed, open_asking(connection, keys)
    except AccessNotSet as problem:
        _end(session.get_one(Reconciliation, claimed.id), state="failed", detail=problem.detail)
        return None


def _wait(session: Session, id: str, seconds: float, why: str, *, failed: bool) -> None:
    reconciliation = session.get_one(Reconciliation, id)
    reconciliation.failures += failed
    reconciliation.detail, reconciliation.due_at = why[:500], now() + timedelta(seconds=max(seconds, 1.0))
    if reconciliation.failures >= MOST_FAILURES:
        _end(reconciliation, state="failed", detail=why)


def _fail(session: Session, id: str, why: str) -> None:
    _end(session.get_one(Reconciliation, id), state="failed", detail=why)


def _end(reconciliation: Reconciliation, *, state: str, detail: str | None) -> None:
    reconciliation.state, reconciliation.detail, reconciliation.finished_at = state, detail and detail[:500], now()
