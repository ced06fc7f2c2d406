"""Opening a collection of an instrument's version, changing what is said of it, and closing it."""

from typing import Any

from sqlmodel import Session

from assent_contracts.events import survey as events
from assent_contracts.registry import COLLECTION_CLOSED, COLLECTION_OPENED
from assent_kit.etags import check_match
from assent_kit.identifiers import new_id
from assent_kit.merge_patch import merge
from assent_kit.outbox import append
from assent_kit.tables import now
from assent_survey.domain.collection import CollectionFacts, collection_faults, read_facts
from assent_survey.problems import NotPublished, invalid
from assent_survey.service.define_instrument import published_items
from assent_survey.store.queries import find
from assent_survey.store.tables import Collection, Instrument


def open_collection(session: Session, study: str, *, instrument: str, number: int | None, facts: CollectionFacts) -> str:
    """Open a collection of a published version, by default the newest. Raises NotFound, NotPublished, InvalidRequest."""
    found = find(session, Instrument, study, instrument)
    number = found.published if number is None else number
    if not 1 <= number <= found.published:
        raise NotPublished
    collection = Collection(id=new_id("col"), study=study, instrument=instrument, number=number, facts={})
    _keep(session, collection, facts)
    session.add(collection)
    return collection.id


def change_collection(session: Session, study: str, id: str, if_match: str, change: dict[str, Any]) -> None:
    """Apply a merge patch to the facts. Raises NotFound, StaleVersion, InvalidRequest."""
    collection = find(session, Collection, study, id, lock=True)
    check_match(if_match, collection.version)
    facts = read_facts(merge(collection.facts, change))
    if isinstance(facts, list):
        raise invalid(facts)
    collection.version += 1
    _keep(session, collection, facts)


def close_collection(session: Session, study: str, id: str) -> None:
    """Take no more responses. What arrived before is still applied. Closing twice changes nothing. Raises NotFound."""
    collection = find(session, Collection, study, id, lock=True)
    if collection.closed_at is None:
        collection.closed_at = now()
        collection.version += 1
        _announce(session, collection)


def _keep(session: Session, collection: Collection, facts: CollectionFacts) -> None:
    if faults := list(collection_faults(facts, published_items(session, collection.instrument, collection.number))):
        raise invalid(faults)
    collection.facts = facts.model_dump(mode="json")
    _announce(session, collection)


def _announce(session: Session, collection: Collection) -> None:
    facts = CollectionFacts.model_validate(collection.facts)
    fieldwork = facts.fieldwork
    state = events.Collection(
        study=collection.study,
        collection=collection.id,
        instrument=collection.instrument,
        number=collection.number,
        state="open" if collection.closed_at is None else "closed",
        fieldwork_from=fieldwork.begin.isoformat() if fieldwork.begin else None,
        fieldwork_to=fieldwork.end.isoformat() if fieldwork.end else None,
        **facts.model_dump(exclude={"fieldwork"}),
    )
    kind = COLLECTION_OPENED if collection.closed_at is None else COLLECTION_CLOSED
    append(session, kind, state, version=collection.version)
