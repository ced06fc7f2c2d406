"""The items that a study's instruments ask, and the collections in which they were asked."""

from dataclasses import dataclass

from sqlmodel import Session

from assent_analytics.problems import Rebuilding
from assent_analytics.store import tables
from assent_analytics.store.read_models import are_rebuilding, states
from assent_contracts.events.survey import Collection, Instrument, Item

ESTIMABLE_ROLES = ("attitude", "knowledge", "trust")


@dataclass(frozen=True, slots=True)
class StudyItem:
    """An item of one version of an instrument, whose wording it keeps, with the collections that used that version."""

    id: str
    item: Item
    collections: tuple[Collection, ...]


def item_id(instrument: str, number: int, name: str) -> str:
    """An item's id, `<instrument>.<version>.<name>`: another version may ask it in other words."""
    return f"{instrument}.{number}.{name}"


def list_items(session: Session, study: str) -> list[StudyItem]:
    """Everything in the study that can be estimated, in the order of the ids."""
    asked: dict[tuple[str, int], list[Collection]] = {}
    for collection in states(session, tables.Collections, Collection, study):
        asked.setdefault((collection.instrument, collection.number), []).append(collection)
    found = [
        StudyItem(
            id=item_id(instrument.instrument, instrument.number, item.name),
            item=item,
            collections=tuple(asked.get((instrument.instrument, instrument.number), ())),
        )
        for instrument in states(session, tables.Instruments, Instrument, study)
        for item in instrument.items
        if item.role in ESTIMABLE_ROLES and item.kind == "single" and item.scale
    ]
    return sorted(found, key=lambda one: one.id)


def takes_a_stance(item: StudyItem) -> bool:
    """Whether some of the options support or oppose the practice; knowledge of it is neither."""
    return bool(item.item.supports or item.item.conditional or item.item.opposes)


def find_item(session: Session, study: str, item: str) -> StudyItem | None:
    """One item by its id."""
    return next((one for one in list_items(session, study) if one.id == item), None)


def page_of_items(session: Session, *, study: str, after: str | None, limit: int) -> list[StudyItem]:
    """Items after one of them, at most so many. Raises Rebuilding."""
    if are_rebuilding(session):
        raise Rebuilding
    return [one for one in list_items(session, study) if after is None or one.id > after][:limit]
