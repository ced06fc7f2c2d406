"""Agreeing on the thresholds of a study's readings, which is to be done before any estimate is looked at."""

from sqlmodel import Session

from assent_analytics.domain.proposal import AgreedSettings
from assent_analytics.domain.settings import EvidenceSettings
from assent_analytics.store import queries
from assent_kit.etags import check_match
from assent_kit.tables import now


def find_settings(session: Session, *, study: str) -> AgreedSettings:
    """The thresholds as they stand; the defaults where the study has set none."""
    return queries.find_settings(session, study)


def agree_settings(session: Session, *, study: str, settings: EvidenceSettings, if_match: str | None, by: str) -> AgreedSettings:
    """Set the thresholds, whole. Raises StaleVersion when `if_match` names another version than the present one."""
    before = queries.find_settings(session, study, lock=True)
    if if_match is not None:
        check_match(if_match, before.version)
    after = AgreedSettings(settings=settings, version=before.version + 1, changed_by=by, changed_at=now())
    queries.save_settings(session, study, after)
    return after
