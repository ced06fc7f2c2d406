"""One item of one collection: its estimates, and which of them may be shown.

Everything is computed first, because readings rest on the unsuppressed figures. Not here: how it is shown (present_item), and how near
the item is to a proposal.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assent_analytics.domain.answer_table import DIRECTION_BASE, Direction
from assent_analytics.domain.disclosure import THRESHOLD, Region, Verdict, direction_of, protect, protect_counts, safe_directions
from assent_analytics.domain.distribution import BREAK_OFF, DONT_KNOW, REFUSED, Answers, Outcome, Scale
from assent_analytics.domain.targets import GroupKey
from assent_analytics.estimation.comparisons.contrasts import Omnibus, omnibus
from assent_analytics.estimation.summary import ItemSummary, summarise
from assent_analytics.service.regions import Regions
from assent_analytics.service.sample import Sample
from assent_analytics.service.study_items import StudyItem, takes_a_stance
from assent_contracts.groups import GroupRef

SUPPORT = "support"
OPPOSITION = "opposition"

_WITHHELD = Verdict(hidden=True, reason="secondary", base_known=False)

MOST_ESTIMATES = 2048
"""That are remembered of one sample; proposals with different targets need different ones."""


@dataclass(frozen=True, slots=True)
class Estimated:
    """The figures of one item, and which of them may be shown.

    `omnibus` tests for each variable whether its groups differ at all; where a group of it is hidden there is none, because the test
    would give the group away. `agreeing` are the variables whose groups may show how far their people agree: with the share of support that
    tells how many chose each option and how many none, so each of these has enough people in every group and in what is left over.
    `directions` are what is said of support and refusal over everyone where they are hidden.
    """

    item: StudyItem
    sample: Sample
    answers: Answers
    summary: ItemSummary[GroupKey]
    verdicts: Mapping[GroupKey, Verdict]
    omnibus: Mapping[str, Omnibus]
    shown: Mapping[str, bool]
    agreeing: frozenset[str]
    directions: Mapping[str, Direction]

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

    listed = _listed_bases(sample) if answers.asked.all() else {}

    def judge(some: Sequence[GroupKey]) -> dict[GroupKey, Verdict]:
        return protect(answers, [Region(key=who, members=members[who]) for who in some], directions=directions, listed=listed)

    verdicts, shown = _judge_all(regions, judge), _showable(answers)
    leanings = {SUPPORT: direction_of(summary.support), OPPOSITION: direction_of(summary.opposition)}
    if not shown.get(SUPPORT, True):
        verdicts = {who: _withhold(verdict, summary.groups[who].base, directions.get(who)) for who, verdict in verdicts.items()}
    open_variables = [some for some in regions.groups if some and not any(_is_secret(verdicts[who]) for who in some)]
    split = all(shown[option] for option in answers.scale.options)
    return Estimated(
        item=item,
        sample=sample,
        answers=answers,
        summary=summary,
        verdicts=verdicts,
        omnibus=_compare(sample, answers, open_variables),
        shown=shown,
        agreeing=frozenset(some[0][0].variable for some in open_variables if split and _are_common(answers, some, members)),
        directions=safe_directions(
            answers.counts(), _sums(answers.scale), shown, leanings, harmless_zeros=_harmless_zeros(answers.scale)
        ),
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


def _are_common(answers: Answers, groups: Sequence[GroupKey], members: Mapping[GroupKey, NDArray[np.bool_]]) -> bool:
    """Whether in each group, and among those in none, enough people chose every option, and enough chose no option.

    That nobody chose none is no secret where nobody could say that they do not know.
    """
    rest = ~np.any([members[who] for who in groups], axis=0)
    for people in (answers.asked & some for some in (*(members[who] for who in groups), rest)):
        counts = np.bincount(answers.codes[people], minlength=len(answers.scale.outcomes))
        chose, silent = counts[: len(answers.scale.options)], int(counts[len(answers.scale.options) :].sum())
        said_something = silent >= THRESHOLD or (silent == 0 and answers.scale.dont_know is None)
        if people.any() and not (said_something and (chose >= THRESHOLD).all()):
            return False
    return True


def _listed_bases(sample: Sample) -> dict[GroupKey, bool]:
    """Whether the list of bases shows how many people each group has; where everyone was asked, it is the base here too."""
    return {
        (GroupRef(variable=variable.variable, group=group),): may
        for variable in sample.scheme.variables
        for group, may in sample.listed(variable).items()
    }


def _judge_all(regions: Regions, judge: Callable[[Sequence[GroupKey]], dict[GroupKey, Verdict]]) -> dict[GroupKey, Verdict]:
    """Each variable as a table of its own; then the variables that intersections join, all together.

    Alone is enough where nothing joins two variables: their tables share the total of supporters only, which is shown, and then whatever
    is possible in one is possible with whatever is possible in the other. Intersections may be shown only if nothing else need be hidden.
    """
    verdicts: dict[GroupKey, Verdict] = {}
    for joined in regions.joined():
        alone = {who: verdict for groups in joined.groups for who, verdict in judge(groups).items()}
        verdicts.update(alone)
        if joined.intersections:
            together = judge(tuple(joined.everyone()))
            harmless = all(_shows(together[who]) == _shows(verdict) for who, verdict in alone.items())
            verdicts.update({who: together[who] if harmless else _WITHHELD for who in joined.intersections})
    return verdicts


def _shows(verdict: Verdict) -> tuple[bool, bool, str | None]:
    return verdict.hidden, verdict.base_known, verdict.direction


def _showable(answers: Answers) -> Mapping[str, bool]:
    """Which outcomes, and which of their sums, may be shown. That nobody says don't know is no secret where it could not be said.

    Support goes last: what is left without it is everybody else, so it can stand where the few who do not know are hidden.
    """
    scale = answers.scale
    return protect_counts(answers.counts(), _sums(scale), harmless_zeros=_harmless_zeros(scale), dear=(SUPPORT,))


def _sums(scale: Scale) -> dict[str, tuple[Outcome, ...]]:
    """The outcomes that are support and refusal together, as far as the scale has any."""
    sums = {SUPPORT: (*scale.supports, *scale.conditional), OPPOSITION: scale.opposes}
    return {name: parts for name, parts in sums.items() if parts}


def _harmless_zeros(scale: Scale) -> tuple[Outcome, ...]:
    return (REFUSED, BREAK_OFF) if scale.dont_know else (DONT_KNOW, REFUSED, BREAK_OFF)
