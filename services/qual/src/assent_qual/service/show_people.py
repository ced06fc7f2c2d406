"""Read participants, their consent, and cohorts."""

from collections.abc import Sequence

from sqlmodel import Session, col

from assent_contracts.groups import GroupRef
from assent_kit.paging import Page, PageRequest, paginate
from assent_kit.problems import NotFound
from assent_qual.service.answers import CohortAnswer, ConsentAnswer, ParticipantAnswer, consent_now
from assent_qual.store import queries
from assent_qual.store.tables import Cohort, ConsentEntry, Participant


def show_participant(session: Session, study: str, id: str) -> tuple[ParticipantAnswer, int]:
    """A participant and the version. Raises NotFound."""
    participant = queries.find(session, Participant, study, id)
    return _participants(session, [participant])[0], participant.version


def list_participants(session: Session, study: str, page: PageRequest) -> Page[ParticipantAnswer]:
    """Participants in the order of their registration."""
    rows = queries.some(session, Participant, study, after=page.after, limit=page.fetch)
    return paginate(_participants(session, rows), page, key=lambda one: one.id, shape=lambda one: one)


def show_consent(session: Session, study: str, participant: str, id: str) -> tuple[ConsentAnswer, int]:
    """One entry of the ledger; an entry never changes, so its version is 1. Raises NotFound."""
    queries.find(session, Participant, study, participant)
    entries = queries.consent_entries(session, participant, col(ConsentEntry.id) == id)
    if not entries:
        raise NotFound
    return _consent(entries[0]), 1


def list_consents(session: Session, study: str, participant: str, page: PageRequest) -> Page[ConsentAnswer]:
    """A participant's ledger in the order of entry. Raises NotFound."""
    queries.find(session, Participant, study, participant)
    after = col(ConsentEntry.id) > (page.after or "")
    rows = queries.consent_entries(session, participant, after, limit=page.fetch)
    return paginate(rows, page, key=lambda row: row.id, shape=_consent)


def show_cohort(session: Session, study: str, id: str) -> tuple[CohortAnswer, int]:
    """A cohort and the version. Raises NotFound."""
    cohort = queries.find(session, Cohort, study, id)
    return _cohort(cohort), cohort.version


def list_cohorts(session: Session, study: str, page: PageRequest) -> Page[CohortAnswer]:
    """Cohorts in the order of their forming."""
    rows = queries.some(session, Cohort, study, after=page.after, limit=page.fetch)
    return paginate(rows, page, key=lambda row: row.id, shape=_cohort)


def _participants(session: Session, rows: Sequence[Participant]) -> list[ParticipantAnswer]:
    ids = [row.id for row in rows]
    words, consents = queries.attributes(session, ids), queries.consents(session, ids)
    return [
        ParticipantAnswer(id=row.id, pseudonym=row.pseudonym, attributes=words[row.id], consent=consent_now(consents[row.id]))
        for row in rows
    ]


def _consent(row: ConsentEntry) -> ConsentAnswer:
    return ConsentAnswer.model_validate(row, from_attributes=True)


def _cohort(row: Cohort) -> CohortAnswer:
    return CohortAnswer(
        id=row.id,
        composition=[GroupRef.model_validate(one) for one in row.composition],
        chosen_because=row.chosen_because,
        target_size=row.target_size,
    )
