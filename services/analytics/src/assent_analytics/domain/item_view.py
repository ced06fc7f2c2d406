"""One item of a survey as it is shown: what was asked, of whom, how near it is to a proposal, and the figures.

Like all of the view, these models are the public shape and so its documentation. Not here: how the figures are computed (estimation) and
what is taken out of them (disclosure).
"""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from assent_analytics.domain.answer_table import Direction as Lean
from assent_contracts.matching import Direction, Level, Relation
from assent_contracts.practice import Slot
from assent_contracts.stances import Sampling


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
    direction: Lean | None = Field(
        None,
        description="for suppressed support or refusal over at least 30: on which side of half it stands; absent if that tells too much",
    )


class SupportBounds(Part):
    """Where support would stand if all who said don't know leaned one way."""

    low: float = Field(description="support when every don't know counts as no support")
    high: float = Field(description="support when every don't know counts as support")


class Gap(Part):
    """A group's support minus that of the rest, which does not contain the group."""

    difference: float = Field(description="difference of shares, -1 to 1; negative when the group is less willing than the rest")
    low: float = Field(description="the lower end of the 95 % interval")
    high: float = Field(description="the upper end of the 95 % interval")
    p_holm: float | None = Field(None, description="the p-value, corrected by Holm over all gaps of the page")


class VariableTest(Part):
    """Whether the groups of a variable differ at all in support: to be looked at before any single gap. Rao and Scott's test."""

    variable: str = Field(description="the variable of the study's groups")
    p: float = Field(description="the p-value of no difference between its groups, not corrected")


class Consensus(Part):
    """How far people agree with one another. Agreement is also high when everyone says neither: read it with where it peaks."""

    agreement: float | None = Field(None, description="Van der Eijk's A, -1 (two poles) to 1 (one answer); needs three options")
    low: float | None = Field(None, description="the lower end of the 95 % interval of the agreement")
    high: float | None = Field(None, description="the upper end of the 95 % interval of the agreement")
    at: list[str] = Field(description="the option, or the options of equal share, at which the answers peak")
    options: int = Field(description="number of options; agreement is not comparable across numbers of options")
    base: int | None = Field(None, description="unweighted number of people who chose one of the options; for everyone only")
    net_agreement: float = Field(description="share of one half of the scale minus share of the other, -1 to 1")
    net_agreement_interval: list[float] | None = Field(None, description="its 95 % interval: low, high")
    polarization: float | None = Field(None, description="PCI2, 0 (no conflict) to 1 (two equal poles)")
    polarization_interval: list[float] | None = Field(None, description="its 95 % interval: low, high")
    across_groups: Literal["shown", "not_shown", "contradicted"] | None = Field(
        None,
        description="whether support is shown to be alike across groups, none further than the material gap from the rest; "
        "that no difference was found shows nothing",
    )


class AdjustedGap(Part):
    """The gap to the rest when everybody's other groups are held alike, from a model: beside the gap, never instead of it."""

    difference: float = Field(description="the group's support less that of the rest, -1 to 1, as the model has it")
    low: float = Field(description="the lower end of the 95 % interval")
    high: float = Field(description="the upper end of the 95 % interval")


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
    gap: Gap | None = Field(None, description="difference to the rest; refused, and so absent, where the base is small")
    adjusted_gap: AdjustedGap | None = Field(
        None, description="absent where the model cannot be fitted, or a group of the variable is hidden"
    )
    consensus: Consensus | None = Field(
        None,
        description="how far the group agrees; only where in every group every option has ten people, and so have those who chose none",
    )
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
    why: str = Field(description="how the item differs from the proposal, in words")
    confirmed_by: str | None = Field(None, description="the steward who confirmed or corrected the match; absent until one has")
    corrected: bool | None = Field(None, description="true when the steward set another level or direction than the comparison")


class Label(Part):
    """What has to be said beside a figure, so that it is not taken for more than it is."""

    code: Literal["non_probability", "unweighted", "small_base", "dont_know_not_offered"]
    text: str = Field(description="the same in words")


class Repeats(Part):
    """That figures are those of an earlier release."""

    release: str = Field(description="the id of the release whose figures these are")
    version: int = Field(description="its version")
    because: str = Field(description="why newer ones may not be shown")


class Since(Part):
    """When an item was asked before."""

    collection: str = Field(description="the earlier collection's id")
    wave: str = Field(description="its wave of fieldwork")
    item: str = Field(description="the item as it was put then")


class Trend(Part):
    """How support has moved since the item was last asked, or why the two may not be compared."""

    since: Since
    refused: list[str] | None = Field(None, description="why they may not be compared; then there is no difference")
    difference: float | None = Field(None, description="support now less support then, -1 to 1")
    low: float | None = Field(None, description="the lower end of the 95 % interval")
    high: float | None = Field(None, description="the upper end of the 95 % interval")
    p: float | None = Field(None, description="of no change, two-sided")
    respondents: Literal["shared", "independent"] | None = Field(
        None, description="whether ten or more took part in both; then the interval rests on their covariance"
    )
    cautions: list[str] | None = Field(None, description="what has to be said beside the comparison")


class LowestGroup(Part):
    """A group that may be the one in which support is lowest."""

    variable: str = Field(description="the variable of the study's groups")
    group: str = Field(description="the category, or several joined by &")
    unknown: bool | None = Field(
        None, description="true where its figures are suppressed or too few, so that it cannot be excluded"
    )


class ItemEvidence(Part):
    """One item of one collection, set against the proposal."""

    item: str = Field(description="the item's id, `<instrument>.<version>.<name>`")
    wording: str = Field(description="the question as it was put")
    role: str = Field(description="attitude, knowledge or trust")
    options: dict[str, str] = Field(description="the options in the order of the scale, with their labels")
    collection: CollectionFacts
    match: ItemMatch | None = Field(None, description="absent where no proposal is asked about")
    counts: bool | None = Field(None, description="whether the profile's reading rests on this item")
    labels: list[Label] | None = Field(None, description="what has to be said beside the figures; absent when there is nothing")
    repeats: Repeats | None = Field(None, description="in a release: whose figures these are, where newer ones may not be shown")
    distribution: dict[str, Share] = Field(description="every option, and `dont_know`, `refused` and `break_off` apart")
    support: Share | None = Field(
        None,
        description="acceptable, with or without conditions, over all asked; absent under ten asked, or where no option says so",
    )
    refusal: Share | None = Field(
        None, description="unacceptable, over all asked; absent under ten asked, or where no option says so"
    )
    support_bounds: SupportBounds | None = Field(None, description="support with don't know counted either way")
    base: int | None = Field(None, description="unweighted number asked and reached; absent when suppressed")
    n_effective: float | None = Field(
        None, description="the base divided by the design effect of support; absent when that is suppressed"
    )
    design: dict[str, Any] | None = Field(None, description="weights, strata and clusters, and the design effect")
    consensus: Consensus | None = Field(None, description="agreement beside net agreement and polarisation")
    omnibus: list[VariableTest] | None = Field(None, description="a test for each variable of which no group is suppressed")
    trend: Trend | None = Field(
        None,
        description="absent where the item was not asked before, a figure is suppressed, or of those asked twice fewer than ten stayed "
        "or moved in some way",
    )
    lowest_set: list[LowestGroup] | None = Field(
        None, description="the groups that may be the lowest in support, with 95 % confidence; it may be all of them"
    )
    groups: list[GroupEstimate] = Field(description="the study's groups, and the proposal's targets")
