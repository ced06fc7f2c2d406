"""The item bank: questions worth asking again, each with its source and its licence.

An item of an instrument that was taken from the bank carries the id in its origin; it is a copy, and changes of one do not change the
other.
"""

from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlmodel import Session

from assent_kit.etags import check_match
from assent_kit.identifiers import new_id
from assent_kit.merge_patch import merge
from assent_survey.domain.faults import Fault
from assent_survey.domain.instrument import Item, Origin, instrument_faults
from assent_survey.problems import invalid
from assent_survey.service.define_instrument import published_items
from assent_survey.store.bank import taken_already
from assent_survey.store.bank_tables import BankItem
from assent_survey.store.queries import find
from assent_survey.store.tables import Instrument


class BankEntry(BaseModel):
    """What is kept of a question: the item, where it comes from, and what is known of it, such as how it did in a pretest."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    item: Item
    origin: Origin
    notes: str | None = Field(default=None, max_length=4000)


@dataclass(frozen=True, slots=True)
class Banked:
    """Ids of the items that were put into the bank, and how many were there already."""

    made: list[str]
    known: int


def bank_item(session: Session, study: str, entry: BankEntry) -> str:
    """Put a question into the bank. Raises InvalidRequest when it breaks a rule of items."""
    row = BankItem(id=new_id("bnk"), study=study, item={}, origin={}, searched="")
    _keep(row, entry)
    session.add(row)
    return row.id


def change_bank_item(session: Session, study: str, id: str, if_match: str, change: dict[str, Any]) -> None:
    """Apply a merge patch to an entry. Raises NotFound, StaleVersion, InvalidRequest."""
    row = _held_entry(session, study, id, if_match)
    now_said = {"item": row.item, "origin": row.origin, "notes": row.notes}
    try:
        entry = BankEntry.model_validate(merge(now_said, change))
    except ValidationError as error:
        raise invalid([Fault("".join(f"/{part}" for part in one["loc"]), one["msg"]) for one in error.errors()]) from error
    _keep(row, entry)
    row.version += 1


def delete_bank_item(session: Session, study: str, id: str, if_match: str) -> None:
    """Take a question out of the bank; instruments that have it keep it. Raises NotFound, StaleVersion."""
    row = _held_entry(session, study, id, if_match)
    session.delete(row)


def bank_version(session: Session, study: str, *, instrument: str, number: int | None, origin: Origin, notes: str | None) -> Banked:
    """Put all items of a published version into the bank, those aside that are from the bank or were put there before.

    `origin` is for items that do not have one. Raises NotFound, NotPublished.
    """
    newest = find(session, Instrument, study, instrument).published
    number = newest if number is None else number
    places = {f"{instrument}.{number}.{item.name}": item for item in published_items(session, instrument, number)}
    taken = taken_already(session, study, list(places))
    made = []
    for place, item in places.items():
        if place in taken or (item.origin is not None and item.origin.bank_item is not None):
            continue
        row = BankItem(id=new_id("bnk"), study=study, item={}, origin={}, searched="", taken_from=place)
        _keep(row, BankEntry(item=item, origin=item.origin or origin, notes=notes))
        session.add(row)
        made.append(row.id)
    return Banked(made, len(places) - len(made))


def entry_of(row: BankItem) -> BankEntry:
    """An entry as it is kept, with its id in the item's origin, ready to be put into an instrument."""
    origin = Origin.model_validate(row.origin)
    item = Item.model_validate({**row.item, "origin": {**row.origin, "bank_item": row.id}})
    return BankEntry(item=item, origin=origin, notes=row.notes)


def _held_entry(session: Session, study: str, id: str, if_match: str) -> BankItem:
    """An entry that nobody else changes until this transaction ends. Raises NotFound, StaleVersion."""
    row = find(session, BankItem, study, id, lock=True)
    check_match(if_match, row.version)
    return row


def _keep(row: BankItem, entry: BankEntry) -> None:
    item = entry.item
    if faults := instrument_faults([item]):
        raise invalid([Fault(fault.pointer.replace("/items/0", "/item", 1), fault.message) for fault in faults])
    row.item = item.model_dump(mode="json", exclude={"origin"})
    row.origin = entry.origin.model_dump(mode="json", exclude={"bank_item"})
    row.notes = entry.notes
    row.licence, row.purpose, row.operation = entry.origin.licence, item.practice.purpose, item.practice.operation
    row.searched = _words(entry).casefold()


def _words(entry: BankEntry) -> str:
    """All words by which somebody may look for a question, other languages' included."""
    item = entry.item
    translated = [word for each in item.translations.values() for word in (each.wording, *each.labels.values())]
    labels = [option.label for option in item.scale]
    return "\n".join([item.name, item.wording, *labels, *translated, entry.origin.source, entry.notes or ""])
