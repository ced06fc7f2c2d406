"""Deleting what was kept apart for long enough."""

from datetime import timedelta

from sqlmodel import Session

from assent_kit.idempotency import forget_old_keys
from assent_kit.tables import now
from assent_survey.store.deliveries import delete_held_before
from assent_survey.store.tables import Idempotency

AT_ONCE = 500


def purge_quarantine(session: Session, *, days: float) -> int:
    """Delete quarantined and dead deliveries older than that, some at a time; answers how many."""
    return delete_held_before(session, now() - timedelta(days=days), AT_ONCE)


def purge_keys(session: Session, *, hours: int) -> int:
    """Forget Idempotency-Keys older than that; answers how many."""
    return forget_old_keys(session, Idempotency, hours=hours)
