"""Reading the register: what was released, by whom, and the newest of it."""

from sqlmodel import Session

from assent_analytics.domain.release import Kind, Release
from assent_analytics.store import releases
from assent_kit.problems import NotFound


def find_release(session: Session, *, study: str, kind: Kind, subject: str, version: int) -> Release:
    """One version of what was released of a subject. Raises NotFound."""
    found = releases.find_version(session, study, kind, subject, version)
    if found is None:
        raise NotFound
    return found


def newest_release(session: Session, *, study: str, kind: Kind, subject: str) -> Release | None:
    """The newest version of what was released of a subject, if anything was."""
    return releases.find_version(session, study, kind, subject, None)


def list_versions(session: Session, *, study: str, kind: Kind, subject: str, after: int, limit: int) -> list[Release]:
    """What was released of a subject, in the order of the versions."""
    return releases.list_versions(session, study, kind, subject, after=after, limit=limit)


def list_releases(session: Session, *, study: str, after: str | None, limit: int) -> list[Release]:
    """Everything that was released in a study, in the order in which it was."""
    return releases.list_releases(session, study, after=after, limit=limit)


def get_release(session: Session, *, study: str, release: str) -> Release:
    """One release by its id. Raises NotFound."""
    found = releases.get_release(session, study, release)
    if found is None:
        raise NotFound
    return found
