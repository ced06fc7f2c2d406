"""The bodies of the item bank."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from assent_kit.schemas import Answer, Request, Whole
from assent_survey.api.schemas import Given
from assent_survey.domain.instrument import Item, Origin

Notes = Annotated[str, Field(max_length=4000)]


class BankItemIn(Request):
    """A question for the bank. `origin` says where it was taken from; an origin within the item is not looked at."""

    item: Item
    origin: Origin
    notes: Notes | None = None


class BankItemChange(Request):
    """A JSON merge patch of an entry; null removes what is optional."""

    item: dict[str, Any] | None = None
    origin: dict[str, Any] | None = None
    notes: str | None = None


class BankItemOut(Answer):
    """An item of the bank. The item's own origin names the entry, so that it can be put into an instrument as it is."""

    id: str
    item: Item
    origin: Origin
    notes: str | None
    created_at: datetime


class BankImport(Request):
    """All items of a published version, by default the newest; `origin` is for those that have none of their own."""

    instrument: Given
    number: Whole | None = None
    origin: Origin
    notes: Notes | None = None


class BankImported(Answer):
    """The entries that were made, and how many items were in the bank already or came from it."""

    made: list[str]
    known: int
