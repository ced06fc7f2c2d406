"""One item of one collection: its estimates, and which of them may be shown.

Everything is computed first, because readings rest on the unsuppressed figures. Not here: how it is shown (present_item), and how near
the item is to a proposal.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assent_analytics.domain.disclosure import Region, Verdict, direction_of, protect, protect_counts
from assent_analytics.domain.distribution import Answers
from assent_analytics.domain.targets import GroupKey
from assent_analytics.estimation.summary import ItemSummary, summarise
from assent_analytics.service.sample import Sample
from assent_analytics.service.study_items import StudyItem, takes_a_stance

SUPPORT = "support"
OPPOSITION = "opposition"

MOST_ESTIMATES = 256
"""That are remembered of one sample; proposals with different targets need different ones."""


@dataclass(frozen=True, slots=True)
class Estimated:
    """The figures of one item, and which of them may be shown."""

    item: StudyItem
    sample: Sample
    answers: Answers
    summary: ItemSummary[GroupKey]
    verdicts: Mapping[GroupKey, Verdict]
    shown: Mapping[str, bool]

    def group_is_shown(self, who: GroupKey) -> bool:
        """Whether the figures of a group may be shown."""
        return who in self.verdicts and not self.verdicts[who].hidden


def estimate(item: StudyItem, sample: Sample, by_variable: Mapping[str, Sequence[GroupKey]]) -> Estimated:
    """The figures of one item for these groups, computed once for a sample. Raises CannotEstimate.

    `by_variable` names the categories of each variable and the intersections that use it; each variable is protected as one table.
    Groups are compared by support, so an item that takes no stance has none.
    """
    groups = {variable: tuple(some) for variable, some in by_variable.items()} if takes_a_stance(item) else {}
    key = (item.id, tuple(groups.items()))
    with sample.busy:
        if key not in sample.estimates:
            if len(sample.estimates) >= MOST_ESTIMATES:
                sample.estimates.clear()
            sample.estimates[key] = _estimate(item, sample, groups)
        found: Estimated = sample.estimates[key]
    return found


def _estimate(item: StudyItem, sample: Sample, by_variable: Mapping[str, Sequence[GroupKey]]) -> Estimated:
    """Compute the figures, and judge what may be shown."""
    answers = sample.answers(item.item)
    everyone = {who for groups in by_variable.values() for who in groups}
    members = {who: sample.members(who) for who in everyone}
    summary = summarise(sample.design, answers, members)
    directions = {who: direction_of(group.support) for who, group in summary.groups.items() if group.support is not None}
    verdicts: dict[GroupKey, Verdict] = {}
    for groups in by_variable.values():
        judged = protect(answers, [Region(key=who, members=members[who]) for who in groups], directions=directions)
        for who, verdict in judged.items():
            if who not in verdicts or verdict.hidden:
                verdicts[who] = verdict
    return Estimated(item=item, sample=sample, answers=answers, summary=summary, verdicts=verdicts, shown=_showable(answers))


def _showable(answers: Answers) -> Mapping[str, bool]:
    """Which outcomes, and which of their sums, may be shown."""
    scale = answers.scale
    sums = {SUPPORT: (*scale.supports, *scale.conditional), OPPOSITION: scale.opposes}
    return protect_counts(answers.counts(), {name: parts for name, parts in sums.items() if parts})
