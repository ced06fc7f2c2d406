"""Withdraw a participant: erase what is theirs, say so to the other services, and give a receipt.

Their turns keep their place in the talk and lose their words and their speaker; excerpts in which they speak go; so do the transcript
files that hold their words, their consent ledger, their attributes and their pseudonym. What they said lives on only where nobody can
reach at once, and the receipt names those places.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlmodel import Session

from assent_kit import blobs
from assent_kit.tables import now
from assent_qual.service import announcements
from assent_qual.service.answers import Reach, Removed, WithdrawalReceipt
from assent_qual.store import erasure, queries
from assent_qual.store.tables import Blob, Participant, TalkSession


@dataclass(frozen=True, slots=True)
class Horizon:
    """How long copies elsewhere may outlive a withdrawal, as this installation is set."""

    log: timedelta
    database: timedelta
    backups: timedelta
    database_is_file: bool


def withdraw_participant(session: Session, participant: Participant, *, horizon: Horizon) -> WithdrawalReceipt:
    """Erase a participant, whose row is locked. Returns the receipt, which is not kept."""
    talks = erasure.lock_sessions_of(session, participant.id)
    excerpts = erasure.excerpts_of(session, participant.id)
    excerpt_ids = [excerpt.id for excerpt in excerpts]
    announcements.excerpts_uncoded(session, excerpts)
    queries.remove_excerpts(session, participant.study, excerpt_ids)
    turns = erasure.redact_turns(session, participant.id)
    files = _close_sessions(session, talks)
    announcements.participant_withdrawn(session, participant)
    person = participant.id
    entries, attributes = erasure.remove_person(session, person)
    transcripts = [talk.transcript for talk in talks if talk.transcript]
    erasure.forget_requests(session, [person, *entries, *excerpt_ids, *transcripts])
    removed = Removed(
        turns_redacted=turns,
        excerpts=len(excerpts),
        transcript_files=files,
        consent_entries=len(entries),
        attributes=attributes,
    )
    return _receipt(person, removed, horizon)


def _close_sessions(session: Session, talks: Sequence[TalkSession]) -> int:
    """Erase the files of these sessions and say who is left in them. Returns how many files there were."""
    files = 0
    for talk in talks:
        files += bool(talk.transcript and erasure.has_file(session, talk.transcript))
        if talk.transcript:
            blobs.remove(session, Blob, talk.transcript)
        talk.version += 1
        session.flush()
        erasure.forget_waiting(session, talk.id)
        announcements.transcript_imported(session, talk)
    return files


def _receipt(participant: str, removed: Removed, horizon: Horizon) -> WithdrawalReceipt:
    moment = now()
    beyond = [
        Reach(where="backups of the database", by=moment + horizon.backups),
        Reach(where="talk of theirs that nobody ever bound to them"),
        Reach(where="what others said about the participant in turns of their own"),
        Reach(where="quotations and evidence that were printed or downloaded before"),
    ]
    if not horizon.database_is_file:
        pages = "dead rows in PostgreSQL's pages until they are vacuumed, and its write-ahead log until it is recycled"
        beyond.insert(0, Reach(where=pages, by=moment + horizon.database))
    return WithdrawalReceipt(
        participant=participant,
        withdrawn_at=moment,
        removed=removed,
        reaches=[
            Reach(where="the tables of this service", by=moment),
            Reach(where="the event log and what the other services keep of it", by=moment + horizon.log),
        ],
        beyond_immediate_reach=beyond,
    )
