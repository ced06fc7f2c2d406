"""What goes over HTTP to and from the gateway's own resources."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from assent_contracts.practice import Slot, Term
from assent_gateway.domain.membership import MemberRole
from assent_gateway.domain.records import Key, ListedTerm, Member, Study
from assent_kit.schemas import Answer, Moment, Request

Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
LongText = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)]


class StudyIn(Request):
    """A study to open."""

    title: Title
    description: LongText = ""


class StudyPatch(Request):
    """What is to change; what is left out stays."""

    title: Title | None = None
    description: LongText | None = None

    @model_validator(mode="after")
    def _nothing_is_emptied(self) -> Self:
        if any(getattr(self, name) is None for name in self.model_fields_set):
            raise ValueError("a title or description cannot be null")
        return self


class StudyOut(Answer):
    """A study."""

    id: str
    title: str
    description: str
    state: Literal["open", "closed"]
    opened_by: str
    opened_at: datetime
    closed_at: datetime | None

    @classmethod
    def of(cls, study: Study) -> Self:
        """As it is shown."""
        return cls.model_validate(study, from_attributes=True)


class MemberIn(Request):
    """A role in the study."""

    role: MemberRole


class MemberOut(Answer):
    """Somebody's role in the study. The principal is an OIDC subject or the id of a key."""

    principal: str
    role: MemberRole
    since: datetime

    @classmethod
    def of(cls, member: Member) -> Self:
        """As it is shown."""
        return cls.model_validate(member, from_attributes=True)


class KeyIn(Request):
    """A key to issue."""

    name: Title
    role: MemberRole
    expires_at: Moment | None = Field(default=None, description="absent: it does not expire")


class KeyOut(Answer):
    """A key, without its secret."""

    id: str
    name: str
    role: MemberRole | None
    created_by: str
    created_at: datetime
    expires_at: datetime | None

    @classmethod
    def of(cls, key: Key) -> Self:
        """As it is shown."""
        return cls.model_validate(key, from_attributes=True)


class NewKeyOut(KeyOut):
    """A key as it is shown once: `secret` is what its holder sends as the bearer token."""

    secret: str


class TermIn(Request):
    """A practice term to add."""

    slot: Slot
    term: Term
    label: Title
    definition: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
    parent: Term | None = Field(default=None, description="a term of the same slot: the kind of record, or the sector")


class TermOut(Answer):
    """A practice term. `own`: the study added it."""

    slot: Slot
    term: Term
    label: str
    definition: str
    parent: Term | None
    own: bool

    @classmethod
    def of(cls, listed: ListedTerm) -> Self:
        """As it is shown."""
        return cls(**listed.definition.model_dump(), own=listed.own)


class MembershipOut(Answer):
    """A study that the caller belongs to."""

    study: str
    title: str
    state: Literal["open", "closed"]
    role: MemberRole


class MeOut(Answer):
    """Who the caller is, and where it may do what. At most 500 studies are named; `GET /v1/studies` lists all."""

    principal: str
    may_open_studies: bool
    studies: list[MembershipOut]
