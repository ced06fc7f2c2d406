"""What goes into qual over HTTP."""

from datetime import date
from typing import Annotated

from pydantic import Field, StringConstraints

from assent_contracts.groups import GroupRef
from assent_contracts.practice import Practice, Term
from assent_contracts.stances import CodeRole, ConsentUse, ContactBasis, SessionKind, TalkStance
from assent_kit.schemas import Flag, Moment, Request, Whole
from assent_qual.domain.codebook import Response
from assent_qual.domain.consent import Decision
from assent_qual.formats.reading import Format
from assent_qual.service.answers import ExcerptUse

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
Word = Annotated[Line, StringConstraints(max_length=80)]
Prose = Annotated[str, StringConstraints(max_length=4000)]
Id = Annotated[str, StringConstraints(pattern=r"^[a-z]{3}_[0-9A-Za-z]{1,36}$")]
Speakers = Annotated[
    dict[str, str], Field(max_length=200, description="{speaker: participant, or `researcher` for one of the team}")
]


class ParticipantIn(Request):
    """A person under a pseudonym, never a name, with the groups they belong to in the study's words."""

    pseudonym: Word
    attributes: dict[Term, Word] = Field(default_factory=dict, max_length=64)


class ParticipantPatch(Request):
    """A merge patch: an attribute set to null is removed."""

    pseudonym: Word = ""
    attributes: dict[Term, Word | None] = Field(default_factory=dict, max_length=64)


class ConsentIn(Request):
    """A decision of a participant. `withdrawn` marks as true what is taken back; `given` needs the form and its language."""

    decision: Decision
    uses: dict[ConsentUse, Flag] = Field(min_length=1)
    form_version: Word | None = None
    language: Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$", max_length=35)] | None = None
    mode: Annotated[Line, StringConstraints(max_length=40)] = Field(description="how it was taken, such as paper, online or spoken")
    taken_by: Line = Field(description="who took it: an identifier, such as a researcher's subject or initials")
    at: Moment | None = Field(default=None, description="when it was decided; now, when left out")


class CohortIn(Request):
    """Who a focus group or a set of interviews is made of."""

    composition: tuple[GroupRef, ...] = Field(min_length=1, max_length=32)
    chosen_because: Annotated[str, StringConstraints(max_length=2000)] = ""
    target_size: Whole | None = Field(default=None, ge=1, le=10_000)


class ContactIn(Request):
    """A service that the participants are in contact with, and whether by choice."""

    service: Line
    basis: ContactBasis


class SessionIn(Request):
    """A focus group or interview."""

    kind: SessionKind
    title: Line
    held_on: date | None = None
    cohort: Id | None = None
    contact: tuple[ContactIn, ...] = Field(default=(), max_length=32)


class TranscriptMetadata(Request):
    """What comes with a transcript file."""

    format: Format | None = Field(default=None, description="guessed from the file when left out")
    speakers: Speakers = Field(default_factory=dict)


class CodeIn(Request):
    """One code of the tree. `examples` are excerpt ids, never speech."""

    name: Annotated[Line, StringConstraints(max_length=120)]
    parent: Id | None = None
    role: CodeRole
    definition: Prose = ""
    when_to_use: Prose = ""
    examples: tuple[Id, ...] = Field(default=(), max_length=50)
    practice: Practice = Practice()
    rationale: Term | None = Field(default=None, description="a code of the rationale codebook, for the role rationale_response")
    response: Response | None = None


class CodePatch(Request):
    """A merge patch of a code: null clears `parent`, `rationale` and `response`, and nothing else."""

    name: Annotated[Line, StringConstraints(max_length=120)] = ""
    parent: Id | None = None
    role: CodeRole = "theme"
    definition: Prose = ""
    when_to_use: Prose = ""
    examples: tuple[Id, ...] = Field(default=(), max_length=50)
    practice: Practice = Practice()
    rationale: Term | None = None
    response: Response | None = None


class PlaceIn(Request):
    """A turn, counted from 1, and an offset into its text in Unicode code points."""

    turn: Whole = Field(ge=1, le=2**31 - 1)
    offset: Whole = Field(ge=0, le=2**31 - 1)


class CodingIn(Request):
    """A span of talk and what it is coded as. The end is exclusive."""

    start: PlaceIn
    end: PlaceIn
    code: Id
    stance: TalkStance | None = None
    practice: Practice = Practice()
    memo: Prose = ""


class TextsIn(Request):
    """Excerpts whose words are wanted, and what for."""

    ids: tuple[Id, ...] = Field(min_length=1, max_length=500)
    use: ExcerptUse
