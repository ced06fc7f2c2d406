"""What the gateway keeps, as plain data: studies, who belongs to them, and keys. Never a secret."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from assent_contracts.vocabulary import TermDefinition
from assent_gateway.domain.membership import MemberRole


@dataclass(frozen=True, slots=True)
class Study:
    """A study, open or closed. Its groups and its vocabulary have versions of their own."""

    id: str
    title: str
    description: str
    state: Literal["open", "closed"]
    opened_by: str
    opened_at: datetime
    closed_at: datetime | None
    version: int
    groups_version: int
    vocabulary_version: int


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody's role in a study. The principal is an OIDC subject or the id of a key."""

    study: str
    principal: str
    role: MemberRole
    since: datetime
    version: int


@dataclass(frozen=True, slots=True)
class Key:
    """An API key. One without a study belongs to the installation, and may open studies."""

    id: str
    study: str | None
    name: str
    role: MemberRole | None
    created_by: str
    created_at: datetime
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key at the only moment when its secret is known. `secret` is what its holder sends as the bearer token."""

    id: str
    secret: str


@dataclass(frozen=True, slots=True)
class Membership:
    """One of the studies that somebody belongs to."""

    study: str
    title: str
    state: Literal["open", "closed"]
    role: MemberRole


@dataclass(frozen=True, slots=True)
class ListedTerm:
    """A term of a study's vocabulary, and whether the study added it."""

    definition: TermDefinition
    own: bool
