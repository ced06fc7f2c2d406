"""The bodies of connections and reconciliations."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from assent_kit.schemas import Answer, Request
from assent_survey.api.schemas import Given
from assent_survey.domain.mapping import Mapping
from assent_survey.platforms import PLATFORMS


def _known_platform(name: str) -> str:
    if name not in PLATFORMS:
        raise ValueError(f"the platforms are {', '.join(sorted(PLATFORMS))}")
    return name


PlatformName = Annotated[str, AfterValidator(_known_platform), Field(json_schema_extra={"enum": sorted(PLATFORMS)})]


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
