"""Marking a response as a test, or as none: a researcher's word, which stands whatever the platform delivers afterwards."""

from sqlmodel import Session

from assent_kit.etags import check_match
from assent_kit.outbox import append_all
from assent_kit.tables import now
from assent_survey.service.forget_exports import forget_exports
from assent_survey.service.settle_response import event_of
from assent_survey.store.queries import find
from assent_survey.store.responses import newest_version
from assent_survey.store.tables import Collection, Response


def mark_test(session: Session, study: str, id: str, if_match: str, *, test: bool) -> None:
    """Say whether a response is a test. What changes thereby is a version, and said again; exports that hold what
    turns out to be a test are deleted. Raises NotFound, StaleVersion.
    """
    response = find(session, Response, study, id, lock=True)
    check_match(if_match, response.version)
    response.marked_test = test
    if response.test == test:
        return
    session.add(newest_version(response))
    response.test = test
    response.version += 1
    response.delivery, response.changed_at = None, now()
    if test:
        forget_exports(session, study, response.collection)
    append_all(session, [event_of(response, find(session, Collection, study, response.collection))])
