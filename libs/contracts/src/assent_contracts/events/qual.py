"""What qual says: cohorts, participants' consent, transcripts, coded excerpts and the codebook. Never speech, never a name."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from assent_contracts.events.state import State
from assent_contracts.groups import GroupRef
from assent_contracts.practice import Practice
from assent_contracts.stances import CodeRole, ConsentUse, ContactBasis, SessionKind, TalkStance


class Cohort(State):
    """Who a focus group or a set of interviews is made of."""

    cohort: str
    composition: tuple[GroupRef, ...]
    target_size: int | None = None


class Participant(State):
    """A participant's groups and the uses of their words that they consent to now; no pseudonym."""

    participant: str
    groups: dict[str, str] = Field(default_factory=dict)
    uses: tuple[ConsentUse, ...]
    form_version: str


class Contact(BaseModel):
    """A service that a session's participants are in contact with, and whether by choice."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    service: str
    basis: ContactBasis


class Session(State):
    """A focus group or interview whose transcript has been imported, with who speaks in it."""

    session: str
    kind: SessionKind
    held_on: str | None = None
    cohort: str | None = None
    contact: tuple[Contact, ...] = ()
    participants: tuple[str, ...] = ()
    turns: int


class Excerpt(State):
    """A coded span of talk: where it is and what it was coded as. `speakers` are all participants who speak in the span."""

    excerpt: str
    session: str
    code: str
    stance: TalkStance | None = None
    practice: Practice = Practice()
    participant: str | None = None
    speakers: tuple[str, ...] = ()
    start_turn: int
    end_turn: int


class Code(BaseModel):
    """One code of the tree. A `rationale_response` code names a rationale and whether it stands for recognising or rejecting it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    code: str
    name: str
    parent: str | None = None
    role: CodeRole
    definition: str
    practice: Practice = Practice()
    rationale: str | None = None
    response: Literal["recognised", "rejected"] | None = None


class Codebook(State):
    """The study's codebook of talk, whole."""

    codes: tuple[Code, ...]
