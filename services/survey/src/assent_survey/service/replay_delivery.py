"""Replaying deliveries: handing those that were quarantined, are dead, or were applied under an older mapping to the worker again."""

from sqlmodel import Session

from assent_kit.problems import Forbidden
from assent_survey.problems import NotReplayable
from assent_survey.store.deliveries import VERIFIED_BEFORE, requeue_all
from assent_survey.store.queries import find
from assent_survey.store.tables import Delivery

REPLAYABLE = ("quarantined", "dead", "applied")


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
    delivery.due_at = None
    return delivery.id


def replay_all(session: Session, study: str, *, state: str | None, reason: str | None, connection: str | None) -> dict[str, int]:
    """Let the worker try all of a study's quarantined and dead deliveries again, or those of a state, reason and connection.

    Answers how many are read again at once, and how many are verified first. Nobody vouches for unproved ones in this way.
    """
    states = ("quarantined", "dead") if state is None else (state,)
    counts = requeue_all(session, study, states=states, reason=reason, connection=connection)
    return {"replayed": counts["verified"] + counts["received"], "verified_first": counts["received"]}
