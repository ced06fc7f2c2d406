"""The statements of a withdrawal."""

from collections.abc import Sequence

from sqlmodel import Session, and_, col, delete, exists, select, update

from assent_contracts import registry
from assent_kit.outbox import OUTBOX
from assent_qual.store.tables import Attribute, Blob, ConsentEntry, Excerpt, Idempotency, Participant, TalkSession, Turn


def lock_sessions_of(session: Session, participant: str) -> list[TalkSession]:
    """The sessions in which a participant speaks, locked against being coded or bound meanwhile."""
    speaks = exists().where(and_(Turn.session == TalkSession.id, Turn.participant == participant))
    return list(session.exec(select(TalkSession).where(speaks).order_by(col(TalkSession.id)).with_for_update()))


def excerpts_of(session: Session, participant: str) -> list[Excerpt]:
    """The excerpts in which a participant speaks."""
    within = and_(Turn.session == Excerpt.session, col(Turn.n).between(Excerpt.start_turn, Excerpt.end_turn))
    speaks = exists().where(and_(within, Turn.participant == participant))
    return list(session.exec(select(Excerpt).where(speaks).order_by(col(Excerpt.id))))


def redact_turns(session: Session, participant: str) -> int:
    """Take words and speaker out of a participant's turns. Returns how many they were."""
    redacted = (
        update(Turn).where(col(Turn.participant) == participant).values(voice="withdrawn", label=None, participant=None, text="")
    )
    return int(session.execute(redacted).rowcount)  # type: ignore[attr-defined]


def has_file(session: Session, transcript: str) -> bool:
    """Whether the file of a transcript is kept."""
    return bool(session.scalar(select(exists().where(col(Blob.id) == transcript))))


def forget_waiting(session: Session, talk: str) -> None:
    """Delete what still waits to be said about a session: an older state may name a participant who is gone."""
    session.execute(delete(OUTBOX).where(OUTBOX.c.aggregatetype == registry.SESSIONS.name, OUTBOX.c.aggregateid == talk))


def remove_person(session: Session, participant: str) -> tuple[list[str], int]:
    """Delete a participant with ledger and attributes. Returns the ids of the entries and the number of attributes."""
    entries = list(session.exec(select(ConsentEntry.id).where(ConsentEntry.participant == participant)))
    session.execute(delete(ConsentEntry).where(col(ConsentEntry.participant) == participant))
    attributes = session.execute(delete(Attribute).where(col(Attribute.participant) == participant))
    session.execute(delete(Participant).where(col(Participant.id) == participant))
    return entries, int(attributes.rowcount)  # type: ignore[attr-defined]


def forget_requests(session: Session, resources: Sequence[str]) -> None:
    """Delete remembered requests that made any of these: what is kept of them are a hash and an address."""
    session.execute(delete(Idempotency).where(col(Idempotency.resource).in_(resources)))
