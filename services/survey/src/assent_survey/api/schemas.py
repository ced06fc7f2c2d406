"""The bodies that survey takes and answers. Items, mappings and the facts of a collection have their shape in the domain."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from assent_contracts.stances import MissingAnswer
from assent_kit.schemas import Answer, Flag, Request, Whole
from assent_survey.domain.collection import CollectionFacts, Fieldwork
from assent_survey.domain.instrument import Item, Items

Title = Annotated[str, Field(min_length=1, max_length=500)]
ExternalId = Annotated[str, Field(min_length=1, max_length=200)]
Given = Annotated[str, Field(min_length=1, max_length=40)]


class InstrumentIn(Request):
    """A new instrument."""

    title: Title
    items: Items
    external_id: ExternalId | None = None


class PublishIn(Request):
    """Optional changes of the draft before it is published as the next version."""

    title: Title | None = None
    items: Items | None = None


class InstrumentOut(Answer):
    """An instrument; `published` is the number of its newest published version, 0 for none."""

    id: str
    external_id: str | None
    title: str
    items: list[Item]
    published: int
    created_at: datetime


class InstrumentVersionOut(Answer):
    """A published version, as it will always be."""

    instrument: str
    number: int
    title: str
    items: list[Item]
    published_at: datetime


class CollectionIn(CollectionFacts):
    """A new collection of a published version of an instrument, by default the newest."""

    instrument: Given
    number: Whole | None = None


class CollectionChange(Request):
    """A JSON merge patch of what is said of a collection; null removes what is optional."""

    wave: str | None = None
    population: str | None = None
    sampling: str | None = None
    frame: str | None = None
    mode: str | None = None
    fieldwork: dict[str, Any] | None = None
    issued: Whole | None = None
    weight: str | None = None
    stratum: str | None = None
    cluster: str | None = None
    margins: dict[str, Any] | None = None


class CollectionOut(Answer):
    """A collection."""

    id: str
    instrument: str
    number: int
    state: Literal["open", "closed"]
    wave: str
    population: str
    sampling: str
    frame: str | None
    mode: str
    fieldwork: Fieldwork
    issued: int | None
    weight: str | None
    stratum: str | None
    cluster: str | None
    margins: dict[str, dict[str, float]]
    opened_at: datetime
    closed_at: datetime | None


class UnmappedOut(Answer):
    """A field that could not be coded, and why; never the answer."""

    field: str
    item: str | None
    why: str


class ResponseIn(Request):
    """A response in the instrument's own names and codes. Without `respondent` the response is a respondent of its own."""

    collection: Given
    respondent: Annotated[str, Field(min_length=1, max_length=500)] | None = None
    external_id: ExternalId | None = None
    answers: Annotated[dict[str, Any], Field(max_length=1000)]
    complete: Flag = True
    test: Flag = False
    accept_problems: Annotated[bool, Field(strict=True, description="keep it also when some answers have no place")] = False


class Content(Answer):
    """Coded answers, what is missing and why, groups and design values; `texts` for researchers only."""

    answers: dict[str, str | list[str] | float]
    missing: dict[str, MissingAnswer]
    groups: dict[str, str]
    weight: float | None
    stratum: str | None
    cluster: str | None
    consented: bool
    texts: dict[str, str] = Field(default_factory=dict)


class ResponseOut(Content):
    """A response as it stands. `respondent` is a random token; `problems` lists answers that have no place in the instrument."""

    id: str
    collection: str
    connection: str | None
    respondent: str
    version: int
    complete: bool
    test: bool
    problems: list[UnmappedOut]
    form_version: str | None
    received_at: datetime
    changed_at: datetime


class ResponseMade(ResponseOut):
    """With the code by which the respondent can withdraw: shown once, and null for a new version of a known response."""

    withdrawal_code: str | None


class ChangeOut(Answer):
    """One thing that a version changed. A missing answer is said by its reason; null: it was not there, or is an open text."""

    what: str
    before: Any
    after: Any


class ResponseVersionOut(Content):
    """One version of a response, the delivery that brought it, and what it changed."""

    number: int
    delivery: str | None
    complete: bool
    problems: list[UnmappedOut]
    form_version: str | None
    changes: list[ChangeOut]
    made_at: datetime


class VersionsOut(Answer):
    """Every version of a response, oldest first."""

    items: list[ResponseVersionOut]


class WithdrawalIn(Request):
    """Either the collection and the respondent as the platform or the researcher names them, or a withdrawal code."""

    collection: Given | None = None
    respondent: Annotated[str, Field(min_length=1, max_length=500)] | None = None
    withdrawal_code: Annotated[str, Field(min_length=1, max_length=60)] | None = None


class Reach(Answer):
    """A place that the withdrawal reaches, and when at the latest; or one that only time reaches."""

    where: str
    by: datetime


class ReceiptOut(Answer):
    """What was removed, by when the other places follow, what lies beyond our reach until it expires, and what stays."""

    id: str
    at: datetime
    removed: dict[str, int]
    reaches: list[Reach]
    beyond_reach: list[Reach]
    stays: str
