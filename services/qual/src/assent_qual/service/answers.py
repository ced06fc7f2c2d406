"""What is shown of each thing."""

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from assent_contracts.groups import GroupRef
from assent_contracts.practice import Practice
from assent_contracts.stances import CodeRole, ConsentUse, ContactBasis, SessionKind, TalkStance
from assent_kit.schemas import Answer
from assent_qual.domain.codebook import Response
from assent_qual.domain.consent import USES, Consent, Decision
from assent_qual.domain.quotation import Reason
from assent_qual.formats.reading import Format

Uses = dict[ConsentUse, bool]


class ConsentNow(Answer):
    """What the ledger adds up to: every use, and the form that was given last."""

    form_version: str | None
    uses: Uses


def consent_now(consent: Consent) -> ConsentNow:
    """A participant's consent as it is shown."""
    return ConsentNow(form_version=consent.form_version, uses={use: use in consent.uses for use in USES})


class ParticipantAnswer(Answer):
    """A participant. `attributes` are groups as {variable: word of the study}."""

    id: str
    pseudonym: str
    attributes: dict[str, str]
    consent: ConsentNow


class ConsentAnswer(Answer):
    """One entry of the ledger."""

    id: str
    participant: str
    form_version: str | None
    language: str | None
    mode: str
    taken_by: str
    decision: Decision
    uses: Uses = Field(description="given: agreed to or refused; withdrawn: what is true is taken back")
    at: datetime


class Removed(Answer):
    """How much was removed of each kind."""

    turns_redacted: int
    excerpts: int
    transcript_files: int
    consent_entries: int
    attributes: int


class Reach(Answer):
    """A place where traces may still be, and until when at the latest; without a time where nobody can say."""

    where: str
    by: datetime | None = None


class WithdrawalReceipt(Answer):
    """What a withdrawal removed, what it will reach by when, and what lies beyond its immediate reach. Kept by nobody but you."""

    participant: str
    withdrawn_at: datetime
    removed: Removed
    reaches: list[Reach]
    beyond_immediate_reach: list[Reach]


class CohortAnswer(Answer):
    """Who a focus group or a set of interviews is made of."""

    id: str
    composition: list[GroupRef]
    chosen_because: str
    target_size: int | None


class ContactAnswer(Answer):
    """A service that the session's participants are in contact with."""

    service: str
    basis: ContactBasis


class TranscriptFacts(Answer):
    """What is known of a session's transcript. `left_out` counts the characters before the first speaker."""

    id: str
    format: Format
    turns: int
    left_out: int
    participants: list[str]
    unbound_turns: int


class SessionAnswer(Answer):
    """A focus group or interview."""

    id: str
    kind: SessionKind
    title: str
    held_on: date | None
    cohort: str | None
    contact: list[ContactAnswer]
    transcript: TranscriptFacts | None


class SpeakerAnswer(Answer):
    """One voice of a transcript: its label until it is bound, and then who it is bound to."""

    speaker: str
    participant: str | None
    turns: int


class TranscriptAnswer(Answer):
    """A transcript as imported, with who speaks in it."""

    id: str
    session: str
    format: Format
    turns: int
    left_out: int = Field(description="characters before the first speaker, which belong to no turn")
    speakers: list[SpeakerAnswer] = Field(description="those that are named, in the order in which they first speak")


class TurnAnswer(Answer):
    """One turn. `speaker` is the label, the participant's id once bound, or `researcher`; null when nobody is named or left."""

    n: int
    speaker: str | None
    participant: str | None
    text: str
    from_ms: int | None
    to_ms: int | None
    redacted: bool = Field(description="the speaker withdrew: the turn keeps its place and no word")


class CodeAnswer(Answer):
    """One code of the tree."""

    id: str
    name: str
    parent: str | None
    role: CodeRole
    definition: str
    when_to_use: str
    examples: list[str]
    practice: Practice
    rationale: str | None
    response: Response | None


class Place(Answer):
    """A turn, counted from 1, and an offset into its text in Unicode code points."""

    turn: int
    offset: int


class CodingAnswer(Answer):
    """A coding, which is also an excerpt under the same id."""

    id: str
    session: str
    start: Place
    end: Place
    code: str
    stance: TalkStance | None
    practice: Practice
    memo: str | None
    coder: str
    coded_at: datetime


class ExcerptSpeaker(Answer):
    """Who speaks in an excerpt: groups and consent, no pseudonym."""

    participant: str
    groups: dict[str, str]
    uses: Uses


class ExcerptAnswer(CodingAnswer):
    """Coded talk with its group and consent. `text` and `memo` are null for whom they are not meant."""

    session_kind: SessionKind
    cohort: str | None
    speakers: list[ExcerptSpeaker]
    quotable: bool
    text: str | None


class ExcerptText(Answer):
    """The words of one excerpt."""

    id: str
    text: str


class Withheld(Answer):
    """An excerpt whose words are not handed out, and why."""

    id: str
    reason: Reason


class ExcerptTexts(Answer):
    """Words of a batch of excerpts, and those that are withheld; every id that was asked for is in one of the lists."""

    items: list[ExcerptText]
    withheld: list[Withheld]


ExcerptUse = Literal["quote", "publish_online", "archive", "reuse", "machine_assist"]
"""The uses that words of an excerpt can be put to."""
