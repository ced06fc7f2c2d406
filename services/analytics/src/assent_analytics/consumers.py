"""What analytics hears: every topic, each kept as the newest state of its aggregates."""

from functools import partial

from sqlmodel import Session

from assent_analytics.store.read_models import CONSUMER, count_departures, empty, keep
from assent_analytics.store.responses import keep_responses
from assent_analytics.store.tables import READ_MODELS, Participants
from assent_contracts import registry
from assent_kit.consumer import Change, Consumers

consumers = Consumers(CONSUMER)
consumers.when_rebuilding(empty)


@consumers.on(registry.RESPONSES)
def hear_responses(session: Session, changes: list[Change]) -> None:
    """Keep answers; a withdrawn response leaves nothing but a number."""
    keep_responses(session, changes)
    count_departures(session, "response", [change.study for change in changes if change.type == registry.RESPONDENT_WITHDRAWN.type])


@consumers.on(registry.PARTICIPANTS)
def hear_participants(session: Session, changes: list[Change]) -> None:
    """Keep groups and consents; a participant who withdrew leaves nothing but a number."""
    keep(session, changes, table=Participants)
    count_departures(
        session, "participant", [change.study for change in changes if change.type == registry.PARTICIPANT_WITHDRAWN.type]
    )


for _topic, _table in READ_MODELS.items():
    if _topic.name not in consumers.handlers:
        consumers.on(_topic)(partial(keep, table=_table))
