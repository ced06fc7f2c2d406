"""Add an entry to a participant's consent ledger; one that takes back taking part withdraws the participant instead."""

from datetime import timedelta

from sqlmodel import Session

from assent_kit.identifiers import new_id
from assent_kit.tables import now
from assent_qual.domain.consent import Entry, overtaken
from assent_qual.problems import ConsentInFuture, ConsentOvertaken, ConsentUnclear
from assent_qual.service import announcements
from assent_qual.service.answers import WithdrawalReceipt
from assent_qual.service.withdraw_participant import Horizon, withdraw_participant
from assent_qual.store import queries
from assent_qual.store.tables import ConsentEntry, Participant

CLOCKS_DIFFER = timedelta(minutes=5)


def record_consent(
    session: Session, study: str, participant: str, entry: Entry, *, language: str | None, mode: str, taken_by: str
) -> str:
    """Record what a participant decided about uses of their talk. Returns the entry's id.

    Raises NotFound, ConsentUnclear, ConsentInFuture and ConsentOvertaken.
    """
    person = _person(session, study, participant, entry)
    row = ConsentEntry(
        id=new_id("cns"),
        participant=participant,
        form_version=entry.form_version,
        language=language,
        mode=mode,
        taken_by=taken_by,
        decision=entry.decision,
        uses=dict(entry.uses),
        at=min(entry.at, now()),
    )
    session.add(row)
    person.version += 1
    session.flush()
    announcements.participant_changed(session, person)
    return row.id


def leave(session: Session, study: str, participant: str, entry: Entry, *, horizon: Horizon) -> WithdrawalReceipt:
    """Withdraw a participant by an entry that takes back taking part; the entry itself is not kept, like everything of theirs.

    Raises NotFound, ConsentInFuture and ConsentOvertaken.
    """
    return withdraw_participant(session, _person(session, study, participant, entry), horizon=horizon)


def _person(session: Session, study: str, participant: str, entry: Entry) -> Participant:
    """The participant, locked, whom the entry may be recorded for."""
    person = queries.find(session, Participant, study, participant, lock=True)
    if entry.at > now() + CLOCKS_DIFFER:
        raise ConsentInFuture
    _check_clear(entry)
    if overtaken(entry, [*queries.ledger(session, [participant])[participant], entry]):
        raise ConsentOvertaken
    return person


def _check_clear(entry: Entry) -> None:
    if entry.decision == "withdrawn" and not any(entry.uses.values()):
        raise ConsentUnclear("a withdrawal says true for what is taken back")
    if entry.decision == "given" and entry.uses.get("take_part") is False:
        raise ConsentUnclear("somebody who refuses to take part has not given consent")
    if entry.decision == "given" and entry.form_version is None:
        raise ConsentUnclear("a consent that is given says by which form")
