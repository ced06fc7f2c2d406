"""The bodies that survey takes and answers. Items, mappings and the facts of a collection have their shape in the domain."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from assent_contracts.stances import MissingAnswer
from assent_kit.schemas import Answer, Flag, Request, Whole
from assent_survey.domain.collection import CollectionFacts, Fieldwork
from assent_survey.domain.instrument import Item, Items
from assent_survey.domain.mapping import Mapping
from assent_survey.platforms import PLATFORMS

Title = Annotated[str, Field(min_length=1, max_length=500)]
ExternalId = Annotated[str, Field(min_length=1, max_length=200)]
Given = Annotated[str, Field(min_length=1, max_length=40)]
State = Literal["received", "verified", "parsed", "applied", "duplicate", "quarantined", "dead"]
Origin = Literal["hook", "fetch", "reconcile", "import"]


def _known_platform(name: str) -> str:
    if name not in PLATFORMS:
        raise ValueError(f"the platforms are {', '.join(sorted(PLATFORMS))}")
    return name


PlatformName = Annotated[str, AfterValidator(_known_platform), Field(json_schema_extra={"enum": sorted(PLATFORMS)})]


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


class ConnectionIn(Request):
    """A new connection. `secret` only where one exists already; else we make one, unless the platform does."""

    platform: PlatformName
    collection: Given
    mapping: Mapping
    secret: Annotated[str, Field(min_length=1, max_length=500)] | None = None


class ConnectionChange(Request):
    """The mapping, whole; how often, in hours, it is reconciled (null: never), and what becomes of responses that the platform deleted."""

    mapping: Mapping | None = None
    reconcile_hours: Annotated[float, Field(ge=0.25, le=8760)] | None = None
    deletions: Literal["report", "apply"] = "report"


class AccessIn(Request):
    """What we need to ask the platform, in its own words: see the platform's page in the documentation."""

    access: dict[str, Any]


class SecretIn(Request):
    """The secret that the platform has made."""

    secret: Annotated[str, Field(min_length=1, max_length=500)]


class SecretAge(Answer):
    """When a secret was set, and when it stops working, if it does."""

    made_at: datetime
    ends_at: datetime | None


class ConnectionOut(Answer):
    """A connection: the address that the platform is to call, and its secrets' ages. `quarantined` counts what waits, by reason."""

    id: str
    platform: PlatformName
    collection: str
    mapping: Mapping
    hook: str
    awaits_secret: bool
    secrets: list[SecretAge]
    can_be_asked: bool
    access_set_at: datetime | None
    reconcile_hours: float | None
    deletions: Literal["report", "apply"]
    quarantined: dict[str, int]
    created_at: datetime


class ConnectionMade(ConnectionOut):
    """With the secret that we have made, and the address to enter at the platform, which ends in it where that is its proof: shown once."""

    secret: str
    address: str


class UnmappedOut(Answer):
    """A field that could not be coded, and why; never the answer."""

    field: str
    item: str | None
    why: str


class DeliveryOut(Answer):
    """A delivery and what became of it. `ordered_by` says what puts the states of its response in order.

    `origin`: it came by the hook, or we asked for it; one that was fetched names in `answers` the notice that announced it.
    """

    id: str
    connection: str
    collection: str
    state: State
    reason: str | None
    detail: str | None
    received_at: datetime
    settled_at: datetime | None
    sender_id: str
    size: int
    attempts: int
    origin: str
    answers: str | None
    due_at: datetime | None
    ordered_by: Literal["version", "updated_at", "arrival"] | None
    response: str | None
    unmapped: list[UnmappedOut]
    accepted_by: str | None


class DeliveryBody(DeliveryOut):
    """With the raw body as text and the headers that were kept; for stewards."""

    headers: dict[str, str]
    body: str


class HeldOut(Answer):
    """How many deliveries are in a state for a reason, and when the oldest of them arrived."""

    state: State
    reason: str | None
    count: int
    oldest: datetime


class HeldSummary(Answer):
    """A study's deliveries that wait, or that somebody must look at, counted."""

    items: list[HeldOut]


class ReplayAllIn(Request):
    """Which deliveries to try again: all that are quarantined or dead, or those of a state, a reason, a connection."""

    state: Literal["quarantined", "dead", "applied"] | None = None
    reason: Annotated[str, Field(max_length=40)] | None = None
    connection: Given | None = None


class ReplayedOut(Answer):
    """How many are tried again, and how many of them are verified first."""

    replayed: int
    verified_first: int


class ReconciliationIn(Request):
    """What to compare: everything, or what was made or changed after `since`.

    `deletions`: whether responses that the platform has no more are only reported or deleted here too, and at most how many.
    """

    since: datetime | None = None
    deletions: Literal["report", "apply"] = "report"
    most_deletions: Annotated[int, Field(strict=True, ge=0, le=1_000_000)] = 20


class ReconciliationOut(Answer):
    """A reconciliation: how far it is, and its report.

    `found` counts the platform's responses: `same`; `missed` by webhooks and `edited` since, both taken over; `withdrawn` here and left
    alone; `held` or `unreadable`, kept apart with their reason; and `gone` from the platform, of which `gone` names the first, `deleted`
    here too. `total` is the platform's own count, where it tells.
    """

    id: str
    connection: str
    state: Literal["running", "done", "failed", "cancelled"]
    since: datetime | None
    deletions: Literal["report", "apply"]
    most_deletions: int
    found: dict[str, int]
    total: int | None
    gone: list[str]
    detail: str | None
    due_at: datetime
    requested_by: str
    started_at: datetime
    finished_at: datetime | None


class ReplayIn(Request):
    """`accept_unverified`: a steward vouches for a delivery whose sender is not proved."""

    accept_unverified: Flag = False


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
