"""Exports that must not stay: all of a collection when somebody withdraws from it, and each when its time is over."""

from datetime import timedelta

from sqlmodel import Session

from assent_kit.jobs.keeping import cancel_job
from assent_kit.jobs.table import OVER
from assent_kit.tables import now
from assent_survey.store import exports as store
from assent_survey.store.locks import take_collection
from assent_survey.store.tables import Job

AT_ONCE = 20


def forget_exports(session: Session, study: str, collection: str) -> int:
    """Delete every export of a collection, and stop those that are being made; answers how many.

    Whoever still writes one finds its row gone when the next piece is to be kept.
    """
    take_collection(session, collection)
    rows = store.exports_of(session, collection)
    for row in rows:
        job = session.get(Job, row.job)
        if job is not None and job.state not in OVER:
            cancel_job(session, Job, study=study, job=row.job)
    return store.delete_exports(session, [row.id for row in rows])


def expire_exports(session: Session, *, days: float) -> int:
    """Delete exports older than that, some at a time; answers how many."""
    return store.delete_exports(session, store.exports_before(session, now() - timedelta(days=days), AT_ONCE))
