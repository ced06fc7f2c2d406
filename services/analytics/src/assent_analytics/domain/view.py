"""The evidence view: everything it can say about a proposal, in the order in which it says it.

These models are the public shape of the view and so its documentation. A field whose method is not built, or that does not apply,
is left out of the answer and never null. Not here: how any of it is found (service/evidence) or computed (estimation).
"""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from assent_analytics.domain.answer_table import Direction as Lean
from assent_analytics.domain.coverage import Coverage as Known
from assent_analytics.domain.reading import Outcome, TargetOutcome
from assent_analytics.domain.targets import Basis
from assent_contracts.groups import GroupRef
from assent_contracts.matching import Direction, Level, Relation
from assent_contracts.practice import Practice, Slot
from assent_contracts.stances import (
    DocumentKind,
    PassageStance,
    Sampling,
    SessionKind,
    Stakeholder,
    TalkStance,
)

Band = Annotated[str, Field(description="a count in a band, such as `under_10`: exact counts around small numbers identify people")]


class Part(BaseModel):
    """A part of the view. None stands for a field that is left out, and so the published schema knows no null."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """The schema without null, and without null as a default."""
        schema = handler(core)
        for field in handler.resolve_ref_schema(schema)["properties"].values():
            kinds = [kind for kind in field.pop("anyOf", ()) if kind != {"type": "null"}]
            field.update(kinds[0] if len(kinds) == 1 else {"anyOf": kinds} if kinds else {})
            if field.get("default", ...) is None:
                del field["default"]
        return schema


class Share(Part):
    """A share of everyone asked and reached, 0 to 1, with its interval; or only the mark that it is suppressed."""

    share: float | None = Field(None, description="the weighted share, 0 to 1")
    low: float | None = Field(None, description="the lower end of the 95 % interval")
    high: float | None = Field(None, description="the upper end of the 95 % interval")
    suppressed: bool | None = Field(None, description="true when the figure would identify people, or give away one that would")


class SupportBounds(Part):
    """Where support would stand if all who said don't know leaned one way."""

    low: float = Field(description="support when every don't know counts as no support")
    high: float = Field(description="support when every don't know counts as support")


class Gap(Part):
    """A group's support minus that of the rest, which does not contain the group."""

    difference: float = Field(description="difference of shares, -1 to 1; negative when the group is less willing than the rest")
    low: float = Field(description="the lower end of the 95 % interval")
    high: float = Field(description="the upper end of the 95 % interval")
    p_holm: float | None = Field(None, description="the p-value, corrected by Holm over the groups of the item")


class GroupEstimate(Part):
    """One group's answer to one item. A suppressed group keeps its direction, so that hiding a figure does not hide dissent."""

    variable: str = Field(description="the variable of the study's groups")
    group: str = Field(description="the category; several are joined by ` & ` for an intersection")
    label: str = Field(description="the group in words")
    support: Share | None = Field(None, description="the share that finds it acceptable, with or without conditions")
    suppressed: bool | None = Field(None, description="true when the group's figures are withheld")
    direction: Lean | None = Field(None, description="for a suppressed group of at least 30: on which side of half it stands")
    base: int | None = Field(None, description="unweighted number asked and reached")
    n_effective: float | None = Field(None, description="the base divided by the design effect")
    gap: Gap | None = Field(None, description="difference to the rest")
    small_base: bool | None = Field(None, description="true when the base is too small to name the group on")


class CollectionFacts(Part):
    """Where the figures of an item come from."""

    collection: str = Field(description="the collection's id")
    wave: str = Field(description="the wave of fieldwork")
    state: Literal["open", "closed"] = Field(description="figures of an open collection still move and count for no reading")
    sampling: Sampling = Field(description="how people were chosen; only a probability sample has a margin of error without caveat")
    caveat: str | None = Field(None, description="what a sample that is not a probability sample cannot say")
    mode: str = Field(description="how people were asked")
    fieldwork: dict[Literal["from", "to"], str] = Field(description="first and last day of fieldwork")
    population: str = Field(description="whom the sample stands for")
    response_rate: float | None = Field(None, description="responses divided by people issued; absent when nobody was issued")


class ItemMatch(Part):
    """How near the item's practice is to the proposal's, slot by slot, and who has looked at it."""

    level: Level = Field(description="exact, near or proxy")
    same: list[Slot] = Field(description="slots that the item states as the proposal does")
    differs: dict[Slot, Relation] = Field(description="slots that the item states otherwise, and how")
    unstated: list[Slot] = Field(description="slots of the proposal on which the item is silent")
    direction: Direction = Field(description="the practice that people were asked about is milder or harsher than the proposal")
    why: str = Field(description="the reason in one sentence")
    confirmed_by: str | None = Field(None, description="the steward who confirmed or corrected the match; absent until one has")
    corrected: bool | None = Field(None, description="true when the steward set another level or direction than the comparison")


class Consensus(Part):
    """How far people agree with one another. Agreement is also high when everyone says neither: read it with where it peaks."""

    agreement: float | None = Field(None, description="Van der Eijk's A, -1 (two poles) to 1 (one answer); needs three options")
    at: list[str] = Field(description="the option, or the options of equal share, at which the answers peak")
    options: int = Field(description="number of options; agreement is not comparable across numbers of options")
    base: int = Field(description="unweighted number of people who chose one of the options")
    net_agreement: float = Field(description="share of one half of the scale minus share of the other, -1 to 1")
    polarization: float | None = Field(None, description="PCI2, 0 (no conflict) to 1 (two equal poles)")


class ItemEvidence(Part):
    """One item of one collection, set against the proposal."""

    item: str = Field(description="the item's id, `<instrument>.<version>.<name>`")
    wording: str = Field(description="the question as it was put")
    role: str = Field(description="attitude, knowledge or trust")
    options: dict[str, str] = Field(description="the options in the order of the scale, with their labels")
    collection: CollectionFacts
    match: ItemMatch | None = Field(None, description="absent where no proposal is asked about")
    counts: bool | None = Field(None, description="whether the profile's reading rests on this item")
    distribution: dict[str, Share] = Field(description="every option, and `dont_know`, `refused` and `break_off` apart")
    support: Share | None = Field(None, description="acceptable, with or without conditions, over all asked")
    refusal: Share | None = Field(None, description="unacceptable, over all asked")
    support_bounds: SupportBounds | None = Field(None, description="support with don't know counted either way")
    base: int | None = Field(None, description="unweighted number asked and reached; absent when suppressed")
    n_effective: float | None = Field(None, description="the base divided by the design effect")
    design: dict[str, Any] | None = Field(None, description="weights, strata and clusters, and the design effect")
    consensus: Consensus | None = Field(None, description="agreement beside net agreement and polarisation")
    groups: list[GroupEstimate] = Field(description="the study's groups, and the proposal's targets")


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


class Profile(Part):
    """The reading of the whole: a profile with its reasons, never a pass mark."""

    reading: Outcome
    because: list[str] = Field(description="the tests that decided, in words")
    groups: list[str] = Field(description="the groups that the reading names")
    settings: dict[str, int | float] = Field(description="the thresholds, agreed beforehand")
    preregistered: bool = Field(description="practice, targets and settings all stood before this evidence was first shown")


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
    cohort: str | None = Field(None, description="who the session was made of; absent where so few share it that it would identify")
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
    as_of: datetime = Field(description="when the view was made; not part of its ETag")
    rebuilding: Literal[True] | None = Field(None, description="the read models are being rebuilt: nothing else is said meanwhile")
    profile: Profile | None = None
    targets: list[TargetEvidence] | None = None
    items: list[ItemEvidence] | None = None
    conditions: list[Condition] | None = None
    voices: Voices | None = None
    rationales: list[RationaleEvidence] | None = None
    coverage: list[Coverage] | None = None
    missing: list[Missing]
    consent: Consent | None = None
    citation: str | None = None
    recipe: dict[str, Any] | None = Field(None, description="collections, versions and settings: enough to compute it again")
