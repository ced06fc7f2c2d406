"""Register participants and change what is known of them."""

from collections.abc import Mapping

from sqlmodel import Session

from assent_kit.etags import check_match
from assent_kit.identifiers import new_id
from assent_qual.service import announcements
from assent_qual.store import queries
from assent_qual.store.tables import Participant


def register_participant(session: Session, study: str, *, pseudonym: str, attributes: Mapping[str, str]) -> str:
    """Take somebody in under a pseudonym. The other services hear of them with their first consent. Returns the id."""
    participant = Participant(id=new_id("par"), study=study, pseudonym=pseudonym)
    session.add(participant)
    session.flush()
    queries.set_attributes(session, participant.id, dict(attributes))
    return participant.id


def change_participant(
    session: Session, study: str, id: str, *, if_match: str, pseudonym: str | None, attributes: Mapping[str, str | None]
) -> None:
    """Change the pseudonym (None leaves it) and some attributes (None removes one). Raises NotFound and StaleVersion."""
    participant = queries.find(session, Participant, study, id, lock=True)
    check_match(if_match, participant.version)
    participant.pseudonym = participant.pseudonym if pseudonym is None else pseudonym
    merged = queries.attributes(session, [id])[id] | dict(attributes)
    queries.set_attributes(session, id, {variable: word for variable, word in merged.items() if word is not None})
    participant.version += 1
    session.flush()
    announcements.participant_changed(session, participant)
