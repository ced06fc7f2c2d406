"""All the figures of one item in one collection: over everyone asked, and for each group.

This only puts the estimators together; each is explained where it lives. Nothing is suppressed here: readings are computed from the
whole, and disclosure control comes after.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

import numpy as np

from assent_analytics.domain.distribution import BREAK_OFF, DONT_KNOW, REFUSED, Answers, Outcome
from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.arrays import Bools
from assent_analytics.estimation.comparisons.contrasts import Gap
from assent_analytics.estimation.consensus.display import Consensus, consensus_by_group
from assent_analytics.estimation.designs.design import Design
from assent_analytics.estimation.shares.outcome_shares import outcome_shares
from assent_analytics.estimation.shares.proportions import Share

GroupKey = TypeVar("GroupKey", bound=Hashable)


@dataclass(frozen=True, slots=True)
class GroupSummary:
    """The figures of one group; the shares are None where nobody of it was asked, the gap also where the group is everyone.

    The consensus is None where nobody of it chose an option.
    """

    base: int
    support: Share | None
    unconditional: Share | None
    opposition: Share | None
    dont_know: Share | None
    gap: Gap | None
    consensus: "ScaleConsensus | None" = None


@dataclass(frozen=True, slots=True)
class ScaleConsensus:
    """Agreement among those who chose an option; `at` are the commonest options and `options` how many the scale has.

    `interval` is the 95 % interval of the agreement, None where there is none or nothing varies, `net_interval` and
    `polarization_interval` those of the other two; `method` says how errors were found.
    """

    agreement: float | None
    interval: tuple[float, float] | None
    at: tuple[Outcome, ...]
    options: int
    net_agreement: float
    polarization: float | None
    net_interval: tuple[float, float] | None = None
    polarization_interval: tuple[float, float] | None = None
    method: str | None = None


@dataclass(frozen=True, slots=True)
class ItemSummary(Generic[GroupKey]):
    """The figures of one item over everyone asked, and by group.

    `n_effective` is that of support. `support_bounds` are support when nobody who does not know would support it, and when all would.
    """

    base: int
    n_effective: float
    effective_by: Literal["design", "kish"]
    distribution: dict[Outcome, Share]
    support: Share
    unconditional: Share
    opposition: Share
    dont_know: Share
    support_bounds: tuple[float, float]
    consensus: ScaleConsensus | None
    groups: dict[GroupKey, GroupSummary]


def summarise(
    design: Design, answers: Answers, groups: Mapping[GroupKey, Bools], *, agreement: bool = True
) -> ItemSummary[GroupKey]:
    """The figures of an item. `groups` says of each group who of the design's rows is in it, (n,).

    Without `agreement` the consensus is left out, whose errors cost more than all the rest and which no reading needs. Raises
    CannotEstimate: `bad_shape` when rows differ; `all_missing` when nobody was asked.
    """
    if len(answers.codes) != design.rows:
        raise CannotEstimate("bad_shape", f"{len(answers.codes)} answers for a design of {design.rows} rows")
    outcomes, everyone = answers.scale.outcomes, np.zeros(design.rows, dtype=np.int64)
    whole = outcome_shares(design, answers.codes, len(outcomes), everyone, 1)
    stances = [_in(answers, named) for named in _stances(answers)]
    support, unconditional, opposition, dont_know = (whole.share(0, stance) for stance in stances)
    if support is None or unconditional is None or opposition is None or dont_know is None:
        raise CannotEstimate("all_missing", "nobody was asked this item")
    overall, *by_group = _consensus(design, answers, groups) if agreement else [None] * (1 + len(groups))
    freedom = int(whole.found.degrees_of_freedom[0])
    return ItemSummary(
        base=support.base,
        n_effective=support.n_effective,
        effective_by=support.effective_by,
        distribution={name: share for name in outcomes if (share := whole.share(0, _in(answers, (name,)))) is not None},
        support=support,
        unconditional=unconditional,
        opposition=opposition,
        dont_know=dont_know,
        support_bounds=(support.share, min(1.0, support.share + dont_know.share)),
        consensus=overall,
        groups={
            group: _of_group(design, answers, stances, members, freedom, consensus)
            for (group, members), consensus in zip(groups.items(), by_group, strict=True)
        },
    )


def _of_group(
    design: Design, answers: Answers, stances: Sequence[Bools], members: Bools, freedom: int, consensus: "ScaleConsensus | None"
) -> GroupSummary:
    """The figures of a group beside those of the rest."""
    found = outcome_shares(design, answers.codes, len(answers.scale.outcomes), np.where(members, 0, 1), 2)
    support, unconditional, opposition, dont_know = (found.share(0, stance) for stance in stances)
    return GroupSummary(
        base=int(found.found.bases[0]),
        support=support,
        unconditional=unconditional,
        opposition=opposition,
        dont_know=dont_know,
        gap=found.gap(stances[0], freedom=freedom),
        consensus=consensus,
    )


def _stances(answers: Answers) -> Sequence[Sequence[Outcome]]:
    """The outcomes that are support, unconditional support, opposition, and don't know."""
    scale = answers.scale
    return (*scale.supports, *scale.conditional), scale.supports, scale.opposes, (DONT_KNOW,)


def _in(answers: Answers, named: Sequence[Outcome]) -> Bools:
    """Which of the scale's outcomes are named, (outcomes,)."""
    return np.array([outcome in named for outcome in answers.scale.outcomes])


def _consensus(design: Design, answers: Answers, groups: Mapping[GroupKey, Bools]) -> list[ScaleConsensus | None]:
    """Agreement over the options, from opposition to support, of everybody and of each group.

    None where nobody chose an option, or there are fewer than two.
    """
    options = [option for option in answers.scale.options if option not in (DONT_KNOW, REFUSED, BREAK_OFF)]
    ordered = options if answers.scale.upwards else options[::-1]
    if len(ordered) < 2:
        return [None] * (1 + len(groups))
    places = np.full(len(answers.scale.outcomes) + 1, -1)  # the last is for those not asked
    places[[answers.scale.outcomes.index(option) for option in ordered]] = np.arange(len(ordered))
    members = np.column_stack([np.ones(design.rows, dtype=bool), *groups.values()])
    found = consensus_by_group(design, places[answers.codes], len(ordered), members)
    return [None if one is None else _on_scale(one, ordered) for one in found]


def _on_scale(found: Consensus, ordered: Sequence[Outcome]) -> ScaleConsensus:
    return ScaleConsensus(
        agreement=found.agreement,
        interval=found.agreement_interval,
        at=tuple(ordered[place] for place in found.peaks_at),
        options=found.options,
        net_agreement=found.net_agreement,
        polarization=found.polarization,
        net_interval=found.net_interval,
        polarization_interval=found.polarization_interval,
        method=found.method,
    )
