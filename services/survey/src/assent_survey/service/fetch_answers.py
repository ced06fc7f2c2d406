"""Fetching the answers that a notice only announced. Each record is kept like a delivery, and from then on is one.

A platform's API may lag behind its webhooks, so what is not there yet is asked for again, ever more seldom; what it never has is dead.
Several notices of one response are answered by one record. What was fetched before a platform went away or asked to wait is kept.
"""

import hashlib
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import httpx
from sqlmodel import Session

from assent_kit.database import Database
from assent_kit.faults import passes_by_itself
from assent_kit.identifiers import new_id
from assent_kit.metrics import DELIVERIES
from assent_kit.tables import now
from assent_survey.domain.submission import Notice
from assent_survey.platforms.source import AccessRefused, PlatformAway, Record, SlowDown
from assent_survey.problems import AccessNotSet, PlatformCannotBeAsked
from assent_survey.service.ask_platform import Asking, ask, open_asking
from assent_survey.service.keys import Keys
from assent_survey.service.read_delivery import DeliveryReader
from assent_survey.settings import SurveySettings
from assent_survey.store import deliveries as store
from assent_survey.store.locks import hold_connections
from assent_survey.store.queries import find_connection

logger = logging.getLogger(__name__)

FIRST_PAUSE, LONGEST_PAUSE = 10.0, 6 * 3600.0  # seconds between two questions about the same response
SHORTEST_PAUSE = 1.0


def fetch_due(database: Database, settings: SurveySettings) -> bool:
    """Fetch the answers of one connection whose notices are due; answers whether there was one."""
    keys = Keys.of(settings)
    found = database.read_blocking(_due, keys)
    if found is None:
        return False
    asking, rows, notices = found
    if asking is None:
        why = "the connection's access was removed, or cannot be used any more; set it again"
        database.write_blocking(_hold, rows, None, "access_not_set", why)
        return True
    fetched: dict[str, Record | None] = {}
    trouble = _fetch(database, settings, asking, list({each.response_id: each for each in notices.values()}.values()), fetched)
    answered = [row for row in rows if row.id in notices and notices[row.id].response_id in fetched]
    records = {row.id: fetched[notices[row.id].response_id] for row in answered}
    _keep(database, settings, answered, records)
    left = [row for row in rows if row.id not in records]
    if left:
        _leave(database, settings, asking, left, trouble)
    return True


def _fetch(
    database: Database, settings: SurveySettings, asking: Asking, notices: list[Notice], fetched: dict[str, Record | None]
) -> Exception | None:
    """Fetch into `fetched`, by the platform's id; answers what kept it from going on, if anything did."""

    def question(client: httpx.Client) -> None:
        for notice, record in asking.source.fetch(asking.access, notices, client):
            fetched[notice.response_id] = record

    try:
        ask(database, settings, asking, question)
    except (SlowDown, AccessRefused, PlatformAway) as trouble:
        return trouble
    return None


def _keep(database: Database, settings: SurveySettings, rows: Sequence[Any], records: dict[str, Record | None]) -> None:
    """Keep the answers; what cannot be kept counts as a failure of its connection, so that it holds up no other."""
    try:
        database.write_blocking(keep_answers, rows, records, most_attempts=settings.survey_fetch_attempts)
    except Exception as error:
        if passes_by_itself(error):
            raise
        logger.exception("a platform's answers cannot be kept", extra={"delivery": rows[0].id})
        why = f"the answer cannot be kept: {type(error).__name__}"
        database.write_blocking(_try_later, rows, why, settings.survey_fetch_attempts)


def _leave(database: Database, settings: SurveySettings, asking: Asking, rows: Sequence[Any], trouble: Exception | None) -> None:
    """What becomes of notices that were not answered. Without trouble the platform had nothing to say: they are about something else."""
    ids = [row.id for row in rows]
    match trouble:
        case None:
            database.write_blocking(_pass_over, ids)
        case SlowDown(seconds=seconds):
            database.write_blocking(_postpone, ids, now() + timedelta(seconds=max(seconds, SHORTEST_PAUSE)))
        case AccessRefused():
            logger.warning("a platform refuses to be asked", extra={"delivery": ids[0]})
            database.write_blocking(
                _hold,
                rows,
                asking.set_at,
                "access_refused",
                f"{trouble}; set the access again, with the rights that the platform's page names",
            )
            DELIVERIES.labels("survey", "quarantined").inc(len(rows))
        case _:
            logger.warning("a platform is away", extra={"delivery": ids[0]})
            database.write_blocking(_try_later, rows, str(trouble), settings.survey_fetch_attempts)


def keep_answers(session: Session, rows: Sequence[Any], records: dict[str, Record | None], *, most_attempts: int) -> None:
    """Keep the record that answers each notice, given by the notice's id, as a delivery; those without one are asked for again.

    A notice that was settled or deleted meanwhile is passed over.
    """
    waiting = {row.id: row for row in store.take_notices(session, [row.id for row in rows])}
    answered: dict[tuple[str, str], str] = {}
    for id, row in waiting.items():
        record = records.get(id)
        if record is None:
            continue
        kept = record_row(row, record, origin="fetch", answers=id)
        if answered.setdefault((row.connection, kept["digest"]), kept["id"]) == kept["id"]:
            store.insert_deliveries(session, [kept])
    done = {"state": "applied", "reason": "fetched", "settled_at": now(), "due_at": None, "detail": None}
    store.settle(session, [{"id": id, **done} for id in waiting if records.get(id) is not None])
    _try_later(
        session, [row for id, row in waiting.items() if records.get(id) is None], "the platform does not have it yet", most_attempts
    )


def record_row(about: Any, record: Record, *, origin: str, answers: str | None = None) -> store.Row:
    """The delivery that a record of a platform's API becomes. `about` names the study, connection and collection."""
    digest = hashlib.sha256(record.raw).hexdigest()
    return {
        "id": new_id("dlv"),
        "study": about.study,
        "connection": about.connection,
        "collection": about.collection,
        "state": "verified",
        "reason": None,
        "detail": None,
        "received_at": now(),
        "sender_id": f"sha256:{digest}",
        "digest": digest,
        "size": len(record.raw),
        "attempts": 0,
        "origin": origin,
        "answers": answers,
        "headers": {},
        "body": record.raw,
    }


def _due(session: Session, keys: Keys) -> tuple[Asking | None, Sequence[Any], dict[str, Notice]] | None:
    """The notices of the connection that has waited longest, as many as its platform answers at once."""
    connection = store.connection_with_due_notices(session, now())
    if connection is None:
        return None
    found = find_connection(session, connection)
    assert found is not None  # connections are never deleted as rows
    try:
        asking: Asking | None = open_asking(found, keys)
    except (AccessNotSet, PlatformCannotBeAsked):
        asking = None
    most = 100 if asking is None else asking.source.at_once
    rows = store.due_notices(session, connection, now(), limit=most)
    reader = DeliveryReader(session, keys, [connection])
    return asking, rows, {row.id: notice for row in rows if (notice := reader.notice(row)) is not None}


def _hold(session: Session, rows: Sequence[Any], set_at: datetime | None, reason: str, why: str) -> None:
    """Quarantine notices until somebody sets another access; unless that was done while this one, of `set_at`, was tried."""
    ids = [row.id for row in rows]
    hold_connections(session, ids)
    connection = find_connection(session, rows[0].connection)
    if connection is not None and connection.access is not None and set_at not in (None, connection.access_set_at):
        _postpone(session, ids, now())
    else:
        store.hold_notices(session, ids, reason, why)


def _pass_over(session: Session, ids: Sequence[str]) -> None:
    passed = {"state": "applied", "reason": "not_of_this_survey", "settled_at": now(), "due_at": None}
    detail = "it is about something else than what the connection's access names"
    store.settle(session, [{"id": row.id, "detail": detail, **passed} for row in store.take_notices(session, ids)])


def _postpone(session: Session, ids: Sequence[str], until: datetime) -> None:
    store.settle(session, [{"id": row.id, "due_at": until} for row in store.take_notices(session, ids)])


def _try_later(session: Session, rows: Sequence[Any], why: str, most_attempts: int) -> None:
    for row in store.take_notices(session, [row.id for row in rows]):
        attempts = row.attempts + 1
        pause = min(FIRST_PAUSE * 3 ** (attempts - 1), LONGEST_PAUSE)
        change: store.Row = {"id": row.id, "attempts": attempts, "detail": why[:500], "due_at": now() + timedelta(seconds=pause)}
        if attempts >= most_attempts:
            given_up = f"{why[:400]}; nothing is asked any more, and if it is there after all, replay this"
            change |= {"state": "dead", "reason": "not_at_platform", "detail": given_up, "settled_at": now(), "due_at": None}
            DELIVERIES.labels("survey", "dead").inc()
        store.settle(session, [change])
