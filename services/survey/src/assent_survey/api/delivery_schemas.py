"""The bodies of deliveries."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from assent_kit.schemas import Answer, Flag, Request
from assent_survey.api.schemas import Given, UnmappedOut

State = Literal["received", "verified", "parsed", "applied", "duplicate", "quarantined", "dead"]
Origin = Literal["hook", "fetch", "reconcile", "import"]


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


class ReplayIn(Request):
    """`accept_unverified`: a steward vouches for a delivery whose sender is not proved."""

    accept_unverified: Flag = False


class ReplayAllIn(Request):
    """Which deliveries to try again: all that are quarantined or dead, or those of a state, a reason, a connection."""

    state: Literal["quarantined", "dead", "applied"] | None = None
    reason: Annotated[str, Field(max_length=40)] | None = None
    connection: Given | None = None


class ReplayedOut(Answer):
    """How many are tried again, and how many of them are verified first."""

    replayed: int
    verified_first: int
