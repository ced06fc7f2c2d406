"""The figures of an item as they would be had something been decided otherwise: who counts, or with what weight.

For asking whether a reading hangs on such a decision; never shown by themselves. Kept with the sample, like the figures they vary.
"""

from typing import Literal

import numpy as np

from assent_analytics.domain.distribution import NOT_ASKED, Answers
from assent_analytics.domain.targets import GroupKey
from assent_analytics.estimation.designs.design import Design
from assent_analytics.estimation.summary import ItemSummary, summarise
from assent_analytics.estimation.weighting.trimming import trim
from assent_analytics.service.estimate_item import Estimated
from assent_analytics.service.sample import Sample

Variation = Literal["without_dont_know", "unweighted", "trimmed"]
VARIATIONS: tuple[Variation, ...] = ("without_dont_know", "unweighted", "trimmed")

TRIMMED_AT = 3.0
"""Times the mean weight."""


def matters(estimated: Estimated, variation: Variation) -> bool:
    """Whether the variation changes anything that goes into the figures."""
    if variation == "without_dont_know":
        return bool(estimated.answers.dont_know.any())
    weights = estimated.sample.design.weights
    return bool(np.ptp(weights) > 0) if variation == "unweighted" else bool((weights > TRIMMED_AT * weights.mean()).any())


def vary(estimated: Estimated, variation: Variation) -> ItemSummary[GroupKey]:
    """The item's figures under a variation, for the same groups. Raises CannotEstimate."""
    if not matters(estimated, variation):
        return estimated.summary
    sample, key = estimated.sample, (estimated.item.id, tuple(estimated.summary.groups), variation)
    with sample.busy:
        if key not in sample.estimates:
            answers = _without_dont_know(estimated.answers) if variation == "without_dont_know" else estimated.answers
            members = {who: sample.members(who) for who in estimated.summary.groups}
            sample.estimates[key] = summarise(_design(sample, variation), answers, members, agreement=False)
        found: ItemSummary[GroupKey] = sample.estimates[key]
    return found


def _without_dont_know(answers: Answers) -> Answers:
    """As though whoever does not know had not been asked."""
    return Answers(answers.scale, np.where(answers.dont_know, NOT_ASKED, answers.codes))


def _design(sample: Sample, variation: Variation) -> Design:
    weights = sample.design.weights
    if variation == "unweighted":
        return sample.drawn(np.ones(sample.rows))
    if variation == "trimmed":
        return sample.drawn(trim(weights, upper=TRIMMED_AT * float(weights.mean()), strict=True, share="proportional").weights)
    return sample.design
