"""One item of one collection: its estimates, and which of them may be shown.

Everything is computed first, because readings rest on the unsuppressed figures. Not here: how it is shown (present_item), and how near
the item is to a proposal.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from assent_analytics.domain.answer_table import DIRECTION_BASE, Direction
from assent_analytics.domain.disclosure import Region, Verdict, direction_of, protect, protect_counts
from assent_analytics.domain.distribution import BREAK_OFF, DONT_KNOW, REFUSED, Answers
from assent_analytics.domain.targets import GroupKey
from assent_analytics.estimation.contrasts import Omnibus, omnibus
from assent_analytics.estimation.summary import ItemSummary, summarise
from assent_analytics.service.regions import Regions
from assent_analytics.service.sample import Sample
from assent_analytics.service.study_items import StudyItem, takes_a_stance

SUPPORT = "support"
OPPOSITION = "opposition"

_WITHHELD = Verdict(hidden=True, reason="secondary", base_known=False)

MOST_ESTIMATES = 256
"""That are remembered of one sample; proposals with different targets need different ones."""


@dataclass(frozen=True, slots=True)
class Estimated:
    """The figures of one item, and which of them may be shown.

    `omnibus` tests for each variable whether its groups differ at all; where a group of it is hidden there is none, because the test
    would give the group away.
    """

    item: StudyItem
    sample: Sample
    answers: Answers
    summary: ItemSummary[GroupKey]
    verdicts: Mapping[GroupKey, Verdict]
    omnibus: Mapping[str, Omnibus]
    shown: Mapping[str, bool]

    def group_is_shown(self, who: GroupKey) -> bool:
        """Whether the figures of a group may be shown."""
        return who in self.verdicts and not self.verdicts[who].hidden


def estimate(item: StudyItem, sample: Sample, regions: Regions) -> Estimated:
    """The figures of one item for these groups, computed once for a sample. Raises CannotEstimate.

    Groups are compared by support, so an item that takes no stance has none.
    """
    compared = regions if takes_a_stance(item) else Regions(groups=())
    key = (item.id, compared)
    with sample.busy:
        if key not in sample.estimates:
            if len(sample.estimates) >= MOST_ESTIMATES:
                sample.estimates.clear()
            sample.estimates[key] = _estimate(item, sample, compared)
        found: Estimated = sample.estimates[key]
    return found


def _estimate(item: StudyItem, sample: Sample, regions: Regions) -> Estimated:
    """Compute the figures, and judge what may be shown."""
    answers = sample.answers(item.item)
    members = {who: sample.members(who) for who in regions.everyone()}
    summary = summarise(sample.design, answers, members)
    directions = {who: direction_of(group.support) for who, group in summary.groups.items() if group.support is not None}

    def judge(some: Sequence[GroupKey]) -> dict[GroupKey, Verdict]:
        return protect(answers, [Region(key=who, members=members[who]) for who in some], directions=directions)

    verdicts, shown = _judge_all(regions, judge), _showable(answers)
    if not shown.get(SUPPORT, True):
        verdicts = {who: _withhold(verdict, summary.groups[who].base, directions.get(who)) for who, verdict in verdicts.items()}
    return Estimated(
        item=item,
        sample=sample,
        answers=answers,
        summary=summary,
        verdicts=verdicts,
        omnibus=_compare(sample, answers, [some for some in regions.groups if not any(_is_secret(verdicts[who]) for who in some)]),
        shown=shown,
    )


def _withhold(verdict: Verdict, base: int, direction: Direction | None) -> Verdict:
    """The same, but hidden: where support over everyone is hidden, groups that make up everyone would give it away."""
    if verdict.hidden:
        return verdict
    return Verdict(hidden=True, reason="secondary", direction=direction if base >= DIRECTION_BASE else None)


def _is_secret(verdict: Verdict) -> bool:
    """Whether a group of somebody is hidden."""
    return verdict.hidden and verdict.reason != "nobody"


def _compare(sample: Sample, answers: Answers, variables: Sequence[Sequence[GroupKey]]) -> dict[str, Omnibus]:
    """The omnibus test of support for each variable, among those of whom the variable is known."""
    asked = np.where(answers.asked, answers.supports.astype(np.int64), -1)
    found: dict[str, Omnibus] = {}
    for groups in variables:
        group = np.full(len(asked), -1, dtype=np.int64)
        for number, who in enumerate(groups):
            group[sample.members(who)] = number
        tested = omnibus(sample.design, asked, group)
        if tested is not None:
            found[groups[0][0].variable] = tested
    return found


def _judge_all(regions: Regions, judge: Callable[[Sequence[GroupKey]], dict[GroupKey, Verdict]]) -> dict[GroupKey, Verdict]:
    """Each variable as a table of its own; then its intersections beside it, which may be shown only if nothing else need be hidden."""
    verdicts: dict[GroupKey, Verdict] = {}
    for groups in regions.groups:
        alone = judge(groups)
        verdicts.update(alone)
        crossing = regions.crossing(groups)
        together = judge((*groups, *crossing)) if crossing else {}
        harmless = all(_shows(together[who]) == _shows(alone[who]) for who in groups) if crossing else True
        for who in crossing:
            verdict = together[who] if harmless else _WITHHELD
            if who not in verdicts or verdict.hidden:
                verdicts[who] = verdict
    return verdicts


def _shows(verdict: Verdict) -> tuple[bool, bool, str | None]:
    return verdict.hidden, verdict.base_known, verdict.direction


def _showable(answers: Answers) -> Mapping[str, bool]:
    """Which outcomes, and which of their sums, may be shown. That nobody says don't know is no secret where it could not be said."""
    scale = answers.scale
    harmless = (REFUSED, BREAK_OFF) if scale.dont_know else (DONT_KNOW, REFUSED, BREAK_OFF)
    sums = {SUPPORT: (*scale.supports, *scale.conditional), OPPOSITION: scale.opposes}
    return protect_counts(answers.counts(), {name: parts for name, parts in sums.items() if parts}, harmless_zeros=harmless)
