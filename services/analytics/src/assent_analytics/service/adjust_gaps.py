"""Gaps of a variable's groups to the rest when everybody's other groups are held alike: beside the plain gaps, never instead of them.

Predictive margins of a logit of support on the variable and all others of the study's groups. Categories of few people and those who
did not say are one category together; where that is small too, they go with the largest. A variable with a group that is hidden or too
small to be named has none, and neither has a collection so large that one question of it would keep everybody waiting: ask for a
regression instead.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from assent_analytics.domain.disclosure import THRESHOLD
from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.domain.settings import EvidenceSettings
from assent_analytics.domain.targets import GroupKey
from assent_analytics.estimation.comparisons.contrasts import Gap
from assent_analytics.estimation.models.factors import Factor
from assent_analytics.estimation.models.predictive_margins import predictive_margins
from assent_analytics.service.estimate_item import Estimated
from assent_analytics.service.sample import Sample

MOST_ROWS = 50_000


def adjust_gaps(estimated: Estimated, groups: Sequence[GroupKey], settings: EvidenceSettings) -> Mapping[GroupKey, Gap]:
    """The adjusted gaps of those of these groups that have one, computed once for a sample."""
    sample = estimated.sample
    if sample.rows > MOST_ROWS:
        return {}
    found: dict[GroupKey, Gap] = {}
    for variable, some in _by_variable(groups).items():
        if len(some) > 1 and all(_is_named(estimated, who, settings) for who in some):
            key = (estimated.item.id, "adjusted", variable, tuple(some))
            with sample.busy:
                if key not in sample.estimates:
                    sample.estimates[key] = _adjust(estimated, variable, some)
                found |= sample.estimates[key]
    return found


def _by_variable(groups: Sequence[GroupKey]) -> dict[str, list[GroupKey]]:
    found: dict[str, list[GroupKey]] = {}
    for who in groups:
        if len(who) == 1:
            found.setdefault(who[0].variable, []).append(who)
    return found


def _is_named(estimated: Estimated, who: GroupKey, settings: EvidenceSettings) -> bool:
    return estimated.group_is_shown(who) and estimated.summary.groups[who].base >= settings.name_base


def _adjust(estimated: Estimated, variable: str, groups: Sequence[GroupKey]) -> dict[GroupKey, Gap]:
    sample, answers = estimated.sample, estimated.answers
    others = {name: factor for name, factor in _factors(sample, answers.asked).items() if name != variable}
    if not others:
        return {}
    codes = np.full(sample.rows, -1, dtype=np.int64)
    for place, who in enumerate(groups):
        codes[sample.members(who)] = place
    own = Factor(codes, tuple(who[0].group for who in groups))
    try:
        gaps = predictive_margins(
            sample.design, answers.supports, variable, list(others), {**others, variable: own}, within=answers.asked & (codes >= 0)
        ).gaps
    except CannotEstimate:
        return {}
    freedom = max(int(gaps.degrees_of_freedom), 1)
    rows = zip(groups, gaps.estimates, gaps.standard_errors, strict=True)
    return {who: Gap(float(difference), float(error), freedom) for who, difference, error in rows if error > 0.0}


def _factors(sample: Sample, asked: NDArray[np.bool_]) -> dict[str, Factor]:
    """The study's variables as factors in which everybody has a level; without those in which nobody differs."""
    found = {}
    for variable in sample.scheme.variables:
        stated = sample.stated(variable.variable)
        counts = np.bincount(stated[asked] + 1, minlength=len(variable.categories) + 1)[1:]
        common = np.flatnonzero(counts >= THRESHOLD)
        if len(common) == 0:
            continue
        others = int(asked.sum() - counts[common].sum())
        levels = [variable.categories[place].group for place in common]
        places = np.full(len(variable.categories) + 1, len(common) if others >= THRESHOLD else int(counts[common].argmax()))
        places[common] = np.arange(len(common))
        if others >= THRESHOLD:
            levels.append("other or not stated")
        if len(levels) > 1:
            found[variable.variable] = Factor(places[stated], tuple(levels))
    return found
