"""Form cohorts and plan the sessions with them."""

from collections.abc import Sequence
from datetime import date

from sqlmodel import Session

from assent_contracts.events.qual import Contact
from assent_contracts.groups import GroupRef
from assent_contracts.stances import SessionKind
from assent_kit.identifiers import new_id
from assent_kit.problems import NotFound
from assent_qual.problems import CohortUnknown
from assent_qual.service import announcements
from assent_qual.store import queries
from assent_qual.store.tables import Cohort, TalkSession


def form_cohort(
    session: Session, study: str, *, composition: Sequence[GroupRef], chosen_because: str, target_size: int | None
) -> str:
    """Say who a focus group or a set of interviews is made of, and why them. Returns the id."""
    cohort = Cohort(
        id=new_id("coh"),
        study=study,
        composition=[one.model_dump() for one in composition],
        chosen_because=chosen_because,
        target_size=target_size,
    )
    session.add(cohort)
    session.flush()
    announcements.cohort_formed(session, cohort)
    return cohort.id


def plan_session(
    session: Session,
    study: str,
    *,
    kind: SessionKind,
    title: str,
    held_on: date | None,
    cohort: str | None,
    contact: Sequence[Contact],
) -> str:
    """Take a focus group or interview into the study. The other services hear of it with its transcript.

    Returns the id. Raises CohortUnknown.
    """
    if cohort is not None:
        try:
            queries.find(session, Cohort, study, cohort)
        except NotFound as error:
            raise CohortUnknown from error
    contacts = [one.model_dump() for one in contact]
    talk = TalkSession(id=new_id("ses"), study=study, kind=kind, title=title, held_on=held_on, cohort=cohort, contact=contacts)
    session.add(talk)
    return talk.id
