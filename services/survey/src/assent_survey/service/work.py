"""The background work of survey: applying deliveries and deleting what was kept apart long enough. Run by `consume`."""

import logging
from collections import Counter

from assent_kit.database import Database
from assent_kit.faults import passes_by_itself
from assent_kit.jobs.worker import job_workers
from assent_kit.metrics import DELIVERIES
from assent_kit.workers import Worker
from assent_survey.service.apply_deliveries import WITHDRAWN, apply_deliveries, mark_failed
from assent_survey.service.ask_import import sweep_imports
from assent_survey.service.count_held import count_held
from assent_survey.service.fetch_answers import fetch_due
from assent_survey.service.forget_exports import expire_exports
from assent_survey.service.jobs import KINDS
from assent_survey.service.keys import Keys
from assent_survey.service.purge_deliveries import purge_keys, purge_quarantine
from assent_survey.service.reconcile import start_scheduled, step
from assent_survey.settings import SurveySettings
from assent_survey.store.deliveries import pending_ids
from assent_survey.store.tables import Job

logger = logging.getLogger(__name__)


def apply_pending(database: Database, settings: SurveySettings) -> bool:
    """Apply one batch of waiting deliveries; answers whether there was one."""
    ids = database.read_blocking(pending_ids, settings.survey_delivery_batch)
    if not ids:
        return False
    keys = Keys.of(settings)
    try:
        ended = database.write_blocking(apply_deliveries, ids, keys=keys)
    except Exception as error:
        if passes_by_itself(error):
            raise
        ended = _apply_each(database, settings, ids, keys)
    if ended.pop(WITHDRAWN, 0):
        database.checkpoint_blocking()
    for state, count in ended.items():
        DELIVERIES.labels("survey", state).inc(count)
    return ended.total() > 0


def _apply_each(database: Database, settings: SurveySettings, ids: list[str], keys: Keys) -> Counter[str]:
    """One after the other, so that one bad delivery fails alone."""
    ended: Counter[str] = Counter()
    for id in ids:
        try:
            ended += database.write_blocking(apply_deliveries, [id], keys=keys)
        except Exception as error:
            if passes_by_itself(error):
                raise
            logger.warning("a delivery cannot be applied", extra={"delivery": id, "error": type(error).__name__})
            database.write_blocking(mark_failed, id, type(error).__name__, most_attempts=settings.survey_delivery_attempts)
            ended["failed"] += 1
    return ended


def purge(database: Database, settings: SurveySettings) -> bool:
    """Delete some of what has expired, and leave no byte of it or of a withdrawal behind; answers whether more may follow."""
    purged = database.write_blocking(purge_quarantine, days=settings.survey_quarantine_days)
    purged += database.write_blocking(expire_exports, days=settings.survey_export_days)
    database.checkpoint_blocking()
    database.write_blocking(purge_keys, hours=settings.idempotency_hours)
    return purged > 0


def schedule(database: Database, _: SurveySettings) -> bool:
    """Begin the reconciliations that are due."""
    database.write_blocking(start_scheduled)
    return False


def sweep(database: Database, _: SurveySettings) -> bool:
    """Delete the files of imports that are over, and leave no byte of them behind."""
    swept = database.write_blocking(sweep_imports)
    if swept:
        database.checkpoint_blocking()
    return swept > 0


# Not eager, because it would apply deliveries one by one while the hook is busy; and with a rest, so that the hook can be.
WORKERS = (
    Worker("apply deliveries", apply_pending, pause=0.1, rest=0.01),
    Worker("purge quarantine", purge, pause=600.0),
    Worker("count held deliveries", count_held, pause=15.0),
    Worker("fetch answers", fetch_due, pause=1.0),
    Worker("reconcile", step, pause=1.0),
    Worker("schedule reconciliations", schedule, pause=60.0),
    Worker("sweep imports", sweep, pause=15.0),
    *job_workers(Job, KINDS),
)
