"""The evidence view: everything it can say about a proposal, in the order in which it says it.

These models are the public shape of the view and so its documentation. A field whose method is not built, or that does not apply,
is left out of the answer and never null. Not here: how any of it is found (service/evidence) or computed (estimation).
"""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from assent_analytics.domain.coverage import Coverage as Known
from assent_analytics.domain.item_view import ItemEvidence, Part
from assent_analytics.domain.reading import Outcome, TargetOutcome
from assent_analytics.domain.targets import Basis
from assent_contracts.groups import GroupRef
from assent_contracts.matching import Direction, Level
from assent_contracts.practice import Practice
from assent_contracts.stances import DocumentKind, PassageStance, SessionKind, Stakeholder, TalkStance

Band = Annotated[str, Field(description="a count in a band, such as `under_10`: exact counts around small numbers identify people")]


class HeardIn(Part):
    """Sessions in which people of a target speak about the proposed practice. Silence is not assent."""

    focus_groups: int
    interviews: int


class TargetEvidence(Part):
    """Someone whom the proposal is likely to single out, and what is known of them."""

    who: list[GroupRef] = Field(description="one group, or several whose intersection is meant")
    label: str = Field(description="the target in words")
    basis: Basis = Field(description="on what ground they are expected to be singled out")
    passage: str | None = Field(None, description="the passage of a document that says so")
    post_hoc: bool = Field(description="declared or changed after the estimates had been seen")
    survey: Literal["measured", "too_few", "none"] = Field(description="whether a survey has measured them")
    heard_in: HeardIn
    reading: TargetOutcome = Field(description="what the tests say of this target alone")


class Robustness(Part):
    """Whether the reading would be the same had something been decided otherwise: don't know left out, other thresholds or weights."""

    same: int = Field(description="recomputations with the same reading")
    of: int = Field(description="recomputations that were made: those that change anything the reading is made from")
    differs: dict[str, Outcome] = Field(description="what was decided otherwise, and the reading that it gives")


class Profile(Part):
    """The reading of the whole: a profile with its reasons, never a pass mark."""

    reading: Outcome
    because: list[str] = Field(description="the tests that decided, in words")
    groups: list[str] = Field(description="the groups that the reading names")
    settings: dict[str, int | float] = Field(description="the thresholds, agreed beforehand")
    preregistered: bool = Field(
        description="practice, targets, settings and corrected matches stood before any deciding figure was shown"
    )
    robustness: Robustness


class HeldData(Part):
    """Something that families say is held about them."""

    code: str
    label: str = Field(description="name of the code")
    data_types: list[str] = Field(description="the data that the code is about, in words")
    sessions: int = Field(description="sessions in which somebody said so")


class Condition(Part):
    """What would change minds, and whether the proposal does it."""

    practice_change: Practice = Field(description="how the practice would have to be")
    label: str = Field(description="the change in words")
    evidence: list[str] = Field(description="where the condition comes from: items and codes")
    met_by_proposal: Literal["yes", "no", "unknown"]


class Quotation(Part):
    """Words of one moment in a session. Nothing here joins two quotations of the same person."""

    excerpt: str
    text: str
    code: str = Field(description="name of the code")
    stance: TalkStance
    level: Level = Field(description="how near the talk is to the proposal")
    direction: Direction = Field(description="whether the talk is of a milder or a harsher practice")
    cohort: str | None = Field(
        None, description="who the session was made of; absent where it would identify or join two quotations"
    )
    session_kind: SessionKind
    consent: dict[Literal["form_version"], list[str]] = Field(description="the forms under which every speaker agreed to be quoted")


class Searched(Part):
    """How wide the search for quotations went."""

    sessions: int = Field(description="sessions with a transcript")
    about_this: int = Field(description="sessions with talk coded to a practice that matches the proposal")
    sentence: str = Field(description="what was found, in words")


class Voices(Part):
    """Parents in their own words, with those who say the opposite."""

    selection: str = Field(description="the rule by which quotations were chosen")
    searched: Searched
    available: bool = Field(description="false while the owner of the texts is away")
    quotations: list[Quotation]
    counter_quotations: list[Quotation]
    not_quotable: dict[TalkStance, Band] = Field(description="excerpts that no consent allows to be quoted, by stance")


class StakeholderUse(Part):
    """How often one kind of stakeholder gives the rationale, with the denominators."""

    stakeholder: Stakeholder
    documents_sampled: int = Field(description="documents of this kind in the register")
    documents_coded: int = Field(description="of those, documents with at least one coded passage")
    documents: int = Field(description="of those, documents that give this rationale")
    passages: int = Field(description="passages that give it")


class QuotedPassage(Part):
    """A passage of a document. A private person's words are searchable, so their text and title are never shown."""

    passage: str
    document: str
    title: str | None = None
    stakeholder: Stakeholder
    kind: DocumentKind
    stance: PassageStance
    locator: dict[str, int] = Field(description="page, paragraph, and start and end as code points of the canonical text")
    text: str | None = Field(None, description="absent while the owner is away, and for a private person")


class RationaleEvidence(Part):
    """A reason given for or against such practices: by whom, and how parents met it."""

    code: str
    label: str
    stance: Literal["for", "against"]
    by_stakeholder: list[StakeholderUse]
    parents: Literal["recognised", "rejected", "not_raised"] = Field(description="in most of the sessions that raised it")
    sessions: dict[Literal["recognised", "rejected"], int] = Field(description="sessions that recognise and that reject it")
    available: bool = Field(description="false while the owner of the texts is away")
    passages: list[QuotedPassage]


class Coverage(Part):
    """What each strand knows of one group."""

    variable: str
    group: str
    label: str
    survey: Known
    focus_groups: Known
    interviews: Known


class Missing(Part):
    """Something that the view cannot say."""

    what: str
    why_it_matters: str


class Consent(Part):
    """What was agreed to, by how many."""

    forms: list[str] = Field(description="versions of the consent form that the quotations rely on")
    responses: int | None = Field(None, description="responses with consent behind the items; absent when there are fewer than ten")
    quotations: int = Field(description="quotations shown")
    withdrawn: Band = Field(description="people who have withdrawn from the study")


class EvidenceView(Part):
    """All that the study knows about one proposal. See evidence.md for the rules."""

    proposal: str
    title: str
    practice: Practice
    version: int | None = Field(None, description="the number of the released version; absent from the live view")
    as_of: datetime = Field(description="when the view was made, or the version released; not part of its ETag")
    released: bool = Field(description="whether this is a released version, which never changes, or the live view")
    rebuilding: Literal[True] | None = Field(None, description="the read models are being rebuilt: nothing else is said meanwhile")
    profile: Profile | None = None
    targets: list[TargetEvidence] | None = None
    items: list[ItemEvidence] | None = None
    held_data: list[HeldData] | None = None
    conditions: list[Condition] | None = None
    voices: Voices | None = None
    rationales: list[RationaleEvidence] | None = None
    coverage: list[Coverage] | None = None
    missing: list[Missing]
    consent: Consent | None = None
    citation: str | None = None
    recipe: dict[str, Any] | None = Field(None, description="collections, versions and settings: enough to compute it again")
