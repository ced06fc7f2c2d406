"""Where groups stand in support of one item: which may be the lowest, and whether they are shown to be alike.

Both are made from the groups whose figures are shown. A group whose figures are hidden, or too few to be compared, stays unknown: it may
be the lowest, and with it nobody is shown to agree across groups. Not here: the figures of each group (estimate_item).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.domain.settings import EvidenceSettings
from assent_analytics.domain.targets import GroupKey
from assent_analytics.estimation.comparisons.equivalence import AcrossGroups, equivalence
from assent_analytics.estimation.comparisons.rank_sets import rank_set
from assent_analytics.estimation.descriptive.means import mean
from assent_analytics.estimation.estimate import Estimate
from assent_analytics.service.estimate_item import Estimated


@dataclass(frozen=True, slots=True)
class Standing:
    """Groups that may be the lowest in support, those of them whose figures are unknown, and whether groups are shown to be alike.

    `alike` is None where there are no two groups to compare.
    """

    may_be_lowest: tuple[GroupKey, ...]
    unknown: tuple[GroupKey, ...]
    alike: AcrossGroups | None


def compare_groups(estimated: Estimated, groups: Sequence[GroupKey], settings: EvidenceSettings) -> Standing:
    """Compare these groups, computed once for a sample."""
    sample, key = estimated.sample, (estimated.item.id, tuple(groups), "standing", settings)
    with sample.busy:
        if key not in sample.estimates:
            sample.estimates[key] = _compare(estimated, groups, settings)
        found: Standing = sample.estimates[key]
    return found


def _compare(estimated: Estimated, groups: Sequence[GroupKey], settings: EvidenceSettings) -> Standing:
    bases = {who: estimated.summary.groups[who].base for who in groups if who in estimated.summary.groups}
    known = [who for who, base in bases.items() if base >= settings.name_base and estimated.group_is_shown(who)]
    unknown = tuple(who for who, base in bases.items() if base and who not in known)
    return Standing(
        may_be_lowest=(*_lowest(estimated, known), *unknown),
        unknown=unknown,
        alike=_alike(estimated, known, settings, all_known=not unknown),
    )


def _lowest(estimated: Estimated, known: Sequence[GroupKey]) -> tuple[GroupKey, ...]:
    """The rank confidence set; all of them where they cannot be told apart."""
    if len(known) < 2:
        return tuple(known)
    design, answers = estimated.sample.design, estimated.answers
    members = np.column_stack([estimated.sample.members(who) & answers.asked for who in known])
    by_group = mean(design, answers.supports, members)
    try:
        return tuple(known[place] for place in rank_set(by_group).may_be_lowest)
    except CannotEstimate:
        return tuple(known)


def _alike(estimated: Estimated, known: Sequence[GroupKey], settings: EvidenceSettings, *, all_known: bool) -> AcrossGroups | None:
    """Whether every group's gap to the rest is shown to be smaller than what matters, or some gap to be larger."""
    gaps = [gap for gap in (estimated.summary.groups[who].gap for who in known) if gap is not None]
    if len(known) < 2 or not gaps:
        return None
    errors = np.array([gap.standard_error for gap in gaps])
    freedom = min(gap.degrees_of_freedom for gap in gaps)
    differences = Estimate(np.array([gap.difference for gap in gaps]), np.diag(errors**2), freedom)
    try:
        verdict = equivalence(differences, margin=settings.material_gap, alpha=settings.alpha).verdict
    except CannotEstimate:
        return None
    determined = all_known and len(gaps) == len(known)
    return verdict if determined or verdict != "shown" else "not_shown"
