"""Writing an instrument and publishing its versions."""

from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter
from sqlmodel import Session

from assent_contracts.events import survey as events
from assent_contracts.registry import INSTRUMENT_PUBLISHED
from assent_kit.identifiers import new_id
from assent_kit.outbox import EventRefused, append
from assent_survey.domain.instrument import Item, Items, instrument_faults
from assent_survey.problems import InstrumentTooLarge, NotPublished, invalid
from assent_survey.store.queries import find
from assent_survey.store.tables import Instrument, InstrumentVersion

_ITEMS: TypeAdapter[tuple[Item, ...]] = TypeAdapter(Items)


@dataclass(frozen=True, slots=True)
class Published:
    """The number of a published version, as the `id` of what was made, and whether it is a new one."""

    id: str
    new: bool


def create_instrument(session: Session, study: str, *, title: str, items: tuple[Item, ...], external_id: str | None) -> str:
    """Keep a draft. Raises InvalidRequest when its items break a rule."""
    instrument = Instrument(id=new_id("ins"), study=study, external_id=external_id, title=title, items=checked_items(items))
    session.add(instrument)
    return instrument.id


def publish_instrument(
    session: Session, study: str, id: str, *, title: str | None = None, items: tuple[Item, ...] | None = None
) -> Published:
    """Fix the draft, changed as given, as the next version. An unchanged one keeps its number.

    Raises NotFound, InvalidRequest, InstrumentTooLarge.
    """
    instrument = find(session, Instrument, study, id)
    instrument.title = instrument.title if title is None else title
    instrument.items = instrument.items if items is None else checked_items(items)
    newest = session.get(InstrumentVersion, (id, instrument.published))
    if newest is not None and (newest.title, newest.items) == (instrument.title, instrument.items):
        return Published(id=str(newest.number), new=False)
    instrument.published += 1
    instrument.version += 1
    number = instrument.published
    session.add(InstrumentVersion(instrument=id, number=number, study=study, title=instrument.title, items=instrument.items))
    asked = tuple(item.as_event() for item in items_of(instrument.items))
    state = events.Instrument(study=study, instrument=id, number=number, title=instrument.title, items=asked)
    try:
        append(session, INSTRUMENT_PUBLISHED, state, version=1)  # each version is an aggregate of its own and never changes
    except EventRefused as error:
        raise InstrumentTooLarge from error
    return Published(id=str(number), new=True)


def items_of(stored: list[Any]) -> tuple[Item, ...]:
    """Items as they are kept, read back."""
    return _ITEMS.validate_python(stored)


def published_items(session: Session, instrument: str, number: int) -> tuple[Item, ...]:
    """The items of a published version. Raises NotPublished."""
    found = session.get(InstrumentVersion, (instrument, number))
    if found is None:
        raise NotPublished
    return items_of(found.items)


def checked_items(items: tuple[Item, ...]) -> list[Any]:
    """Items as they are kept. Raises InvalidRequest when they break a rule."""
    if faults := instrument_faults(items):
        raise invalid(faults)
    stored: list[Any] = _ITEMS.dump_python(items, mode="json")
    return stored
