"""Reading an instrument out of a file of some platform or standard, and keeping it as a new instrument or as another's draft.

Reading takes no session: it is done before, in a thread of its own, because it may take long.
"""

from dataclasses import dataclass

from sqlmodel import Session

from assent_survey.domain.draft import Draft, UnreadableInstrument
from assent_survey.domain.instrument import Item
from assent_survey.domain.item_differences import ItemDifference, item_differences, with_what_was_stated
from assent_survey.instruments import READERS
from assent_survey.instruments.opening import beginning_of, open_json
from assent_survey.problems import InstrumentUnreadable, UnknownInstrumentFormat
from assent_survey.service.define_instrument import checked_items, items_of
from assent_survey.store.queries import find
from assent_survey.store.tables import Instrument


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A draft and the name of the format that it was read from."""

    format: str
    draft: Draft


@dataclass(frozen=True, slots=True)
class Replaced:
    """The instrument whose draft was replaced, and what is different from the draft before."""

    id: str
    differences: list[ItemDifference]


def read_file(content: bytes, filename: str, *, format: str | None, language: str | None) -> ReadFile:
    """What the file holds; its format is recognised where none is named. Raises UnknownInstrumentFormat, InstrumentUnreadable."""
    names = [format] if format is not None else [name for name, reader in READERS.items() if reader.recognises(content, filename)]
    if not names or names[0] not in READERS:
        _refuse_broken_json(content)
        raise UnknownInstrumentFormat(f"the formats are {', '.join(READERS)}")
    try:
        return ReadFile(names[0], READERS[names[0]].read(content, filename, language=language))
    except UnreadableInstrument as error:
        raise InstrumentUnreadable(f"read as {names[0]}: {error}") from error


def _refuse_broken_json(content: bytes) -> None:
    """A file that is cut off is of no format that can be recognised, but what is wrong with it can be said."""
    if beginning_of(content).lstrip("\ufeff\ufffd \t\r\n").startswith("{"):
        try:
            open_json(content)
        except UnreadableInstrument as error:
            raise InstrumentUnreadable(str(error)) from error


def replace_draft(session: Session, study: str, id: str, *, title: str | None, items: tuple[Item, ...]) -> Replaced:
    """Put the items of a file in the place of an instrument's draft; publishing makes them its next version.

    What a researcher had stated of an item stays where it still fits. Raises NotFound, InvalidRequest.
    """
    instrument = find(session, Instrument, study, id)
    before = items_of(instrument.items)
    items = with_what_was_stated(items, before)
    instrument.items = checked_items(items)
    instrument.title = instrument.title if title is None else title
    instrument.version += 1
    return Replaced(id, item_differences(before, items))
