"""The shapes of requests and answers, but for the evidence view, whose shape is `domain.view`."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from assent_analytics.domain.proposal import AgreedSettings, DecidedLevel, Draft, MatchDecision, Proposal, Status
from assent_analytics.domain.settings import EvidenceSettings
from assent_analytics.domain.targets import Basis, GroupKey, Target
from assent_contracts.groups import GroupRef
from assent_contracts.matching import Direction
from assent_contracts.practice import Practice
from assent_contracts.stances import Sampling
from assent_kit.schemas import Answer, Number, Request, Whole

Share = Annotated[Number, Field(gt=0, lt=1)]


class TargetIn(Request):
    """Somebody whom the practice is likely to single out: one `group`, or the `intersection` of several."""

    group: GroupRef | None = None
    intersection: tuple[GroupRef, ...] | None = Field(None, min_length=2, max_length=4)
    basis: Basis = Field(description="on what ground they are expected to be singled out")
    passage: str | None = Field(None, max_length=80, description="the passage of a document that says so")

    @model_validator(mode="after")
    def _one_of_the_two(self) -> Self:
        if (self.group is None) == (self.intersection is None):
            raise ValueError("give either `group` or `intersection`")
        if self.intersection and len({ref.variable for ref in self.intersection}) < len(self.intersection):
            raise ValueError("an intersection takes one group of each variable")
        return self

    @property
    def who(self) -> GroupKey:
        """The group, or the groups whose intersection is meant."""
        return (self.group,) if self.group else tuple(sorted(self.intersection or (), key=lambda ref: ref.variable))


class ProposalIn(Request):
    """A proposed practice and whom it is likely to single out."""

    title: str = Field(min_length=1, max_length=300)
    practice: Practice
    description: str = Field("", max_length=10_000)
    operator: str = Field("", max_length=300, description="the body that runs or would run it")
    status: Status = "proposed"
    targets: tuple[TargetIn, ...] = Field((), max_length=32)

    @model_validator(mode="after")
    def _states_something_once(self) -> Self:
        if not self.practice.stated():
            raise ValueError("the practice states nothing, so nothing could match it")
        if len({frozenset(target.who) for target in self.targets}) < len(self.targets):
            raise ValueError("a target is named twice")
        return self

    def draft(self) -> Draft:
        """As the domain has it."""
        targets = tuple(Target(who=target.who, basis=target.basis, passage=target.passage) for target in self.targets)
        return Draft(
            title=self.title,
            practice=self.practice,
            description=self.description,
            operator=self.operator,
            status=self.status,
            targets=targets,
        )


class ProposalPatch(Request):
    """A JSON merge patch: what is absent stays, null removes, `practice` is merged slot by slot, `targets` are replaced whole."""

    title: str | None = None
    practice: dict[str, Any] | None = None
    description: str | None = None
    operator: str | None = None
    status: str | None = None
    targets: list[dict[str, Any]] | None = None


class TargetOut(Answer):
    """A target as it stands; `post_hoc` when it was declared or changed after the evidence had been shown."""

    group: GroupRef | None = None
    intersection: tuple[GroupRef, ...] | None = None
    basis: Basis
    passage: str | None = None
    post_hoc: bool


class ProposalOut(Answer):
    """A proposal."""

    id: str
    title: str
    practice: Practice
    description: str
    operator: str
    status: Status
    targets: list[TargetOut]
    created_at: datetime
    created_by: str
    changed_at: datetime
    evidence_first_shown_at: datetime | None = Field(None, description="absent until somebody has looked at the evidence")

    @classmethod
    def of(cls, proposal: Proposal) -> "ProposalOut":
        """The public shape of a proposal."""
        draft = proposal.draft
        seen = {} if proposal.evidence_first_shown_at is None else {"evidence_first_shown_at": proposal.evidence_first_shown_at}
        return cls(
            id=proposal.id,
            title=draft.title,
            practice=draft.practice,
            description=draft.description,
            operator=draft.operator,
            status=draft.status,
            targets=[_target(target) for target in draft.targets],
            created_at=proposal.created_at,
            created_by=proposal.created_by,
            changed_at=proposal.changed_at,
            **seen,
        )


def _target(target: Target) -> TargetOut:
    fields: dict[str, Any] = {"group": target.who[0]} if len(target.who) == 1 else {"intersection": target.who}
    if target.passage is not None:
        fields["passage"] = target.passage
    return TargetOut(basis=target.basis, post_hoc=target.post_hoc, **fields)


def as_request(draft: Draft) -> dict[str, Any]:
    """A draft as the JSON that would make it, for a merge patch to change."""
    targets = [_target(target).model_dump(mode="json", exclude={"post_hoc"}, exclude_unset=True) for target in draft.targets]
    return {
        "title": draft.title,
        "practice": draft.practice.model_dump(mode="json", exclude_defaults=True),
        "description": draft.description,
        "operator": draft.operator,
        "status": draft.status,
        "targets": targets,
    }


class MatchIn(Request):
    """A steward's word on a match: the same level confirms it, another corrects it, `none` says that there is no match."""

    level: DecidedLevel
    direction: Direction | None = Field(None, description="leave out to keep the one that was compared")
    note: str = Field("", max_length=2000, description="the reason")


class MatchOut(Answer):
    """What was decided about a match, by whom and when."""

    item: str
    level: DecidedLevel
    direction: Direction | None = None
    note: str
    decided_by: str
    decided_at: datetime

    @classmethod
    def of(cls, decision: MatchDecision) -> "MatchOut":
        """The public shape of a decision."""
        fields = {"direction": decision.direction} if decision.direction else {}
        return cls(
            item=decision.item,
            level=decision.level,
            note=decision.note,
            decided_by=decision.decided_by,
            decided_at=decision.decided_at,
            **fields,
        )


_DEFAULTS = EvidenceSettings()


class SettingsIn(Request):
    """The thresholds by which evidence is read. They are normative: agree on them with parents, before looking at estimates."""

    majority: Share = Field(_DEFAULTS.majority, description="what counts as a majority")
    alpha: Share = Field(_DEFAULTS.alpha, description="the error rate of one-sided tests")
    sizeable: Share = Field(_DEFAULTS.sizeable, description="the share that makes a stance one to reckon with")
    material_gap: Share = Field(_DEFAULTS.material_gap, description="the difference between a group and the rest that matters")
    name_base: Whole = Field(_DEFAULTS.name_base, description="people of a group from which it may be named")
    minimum_effective_base: Whole = Field(_DEFAULTS.minimum_effective_base, description="effective base that an item needs")
    dont_know_ceiling: Share = Field(_DEFAULTS.dont_know_ceiling, description="above this, too many do not know")
    maximum_age: Whole = Field(_DEFAULTS.maximum_age, description="months after which fieldwork is too old")
    blocking_sessions: Whole = Field(
        _DEFAULTS.blocking_sessions, description="sessions of a target that mainly reject and so contest"
    )


class SettingsOut(SettingsIn):
    """The thresholds as they stand, and when they were last agreed; the defaults have never been."""

    changed_by: str | None = None
    changed_at: datetime | None = None

    @classmethod
    def of(cls, agreed: AgreedSettings) -> "SettingsOut":
        """The public shape of the settings."""
        when = {} if agreed.changed_at is None else {"changed_by": agreed.changed_by, "changed_at": agreed.changed_at}
        return cls(**agreed.settings.as_dict(), **when)


class ItemCollection(Answer):
    """A collection that asked the item."""

    collection: str
    wave: str
    state: Literal["open", "closed"]
    sampling: Sampling


class ItemOut(Answer):
    """Something that can be estimated."""

    item: str = Field(description="the id, `<instrument>.<version>.<name>`")
    name: str
    wording: str
    role: str
    options: dict[str, str] = Field(description="options in the order of the scale, with their labels")
    practice: Practice = Field(description="what the item asks about; slots that it leaves open are absent")
    collections: list[ItemCollection]


class GroupCount(Answer):
    """How many respondents a group has; a count that would identify people is left out."""

    group: str
    label: str
    count: int | None = Field(None, description="unweighted respondents")
    suppressed: bool | None = Field(None, description="true when the count is withheld")


class VariableCounts(Answer):
    """The groups of one variable. Respondents who did not say are in none of them."""

    variable: str
    label: str
    groups: list[GroupCount]


class Bases(Answer):
    """The groups of parents in one collection."""

    collection: str
    wave: str
    respondents: int | None = Field(None, description="absent when there are fewer than ten")
    variables: list[VariableCounts]
