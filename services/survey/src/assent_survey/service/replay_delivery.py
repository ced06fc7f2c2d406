"""Replaying a delivery: handing one that was quarantined, is dead, or was applied under an older mapping to the worker again."""

from sqlmodel import Session

from assent_kit.problems import Forbidden
from assent_survey.problems import NotReplayable
from assent_survey.store.queries import find
from assent_survey.store.tables import Delivery

REPLAYABLE = ("quarantined", "dead", "applied")
VERIFIED_BEFORE = ("unmapped", "collection_closed", "unreadable", "failed")


def replay_delivery(session: Session, study: str, id: str, *, accept_unverified: bool, by: str, is_steward: bool) -> str:
    """Let the worker try again, and verify again what was never verified; answers the delivery's id.

    A steward may `accept_unverified`: vouch for a delivery whose sender is not proved; who did is kept with it.
    Raises NotFound, NotReplayable, Forbidden.
    """
    delivery = find(session, Delivery, study, id)
    if delivery.state not in REPLAYABLE or not delivery.body:
        raise NotReplayable
    verified = delivery.state == "applied" or delivery.reason in VERIFIED_BEFORE
    if accept_unverified and not verified:
        if not is_steward:
            raise Forbidden("only a steward may vouch for a delivery whose sender is not proved")
        delivery.accepted_by = by
    delivery.state = "verified" if verified or delivery.accepted_by else "received"
    delivery.reason = delivery.detail = None
    delivery.attempts = 0
    return delivery.id
