"""The mean of an item, or the shares of its outcomes, for everyone and for each group of each variable.

Where sums within sampling units say all, the groups of a variable are done together: a few passes over the rows, however many groups
there are. Replicate weights and raked responses go the general way, group by group. The figures are the same.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from assent_analytics.domain.distribution import Answers
from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.domain.progress import step_by_step
from assent_analytics.estimation.arrays import Codes, Floats
from assent_analytics.estimation.descriptive.grouped import GroupedMeans, Grouping
from assent_analytics.estimation.descriptive.means import mean
from assent_analytics.estimation.designs.design import Design
from assent_analytics.estimation.shares.outcome_shares import outcome_shares
from assent_analytics.estimation.shares.proportions import Share, shares
from assent_analytics.service.analyses.by_group import Part, group_codes
from assent_analytics.service.analyses.frame import EVERYONE, Frame


@dataclass(frozen=True, slots=True)
class Mean:
    """A mean with its variance and degrees of freedom."""

    mean: float
    variance: float
    degrees_of_freedom: int


class MeansByGroup:
    """Ready for one item after the other; `by` are the variables whose groups are wanted beside everyone."""

    def __init__(self, frame: Frame, by: Sequence[str]) -> None:
        self._plan = frame.design
        self._together: dict[str, Grouping] = {}
        self._codes: dict[str, Codes] = {}
        self._places = {EVERYONE: {EVERYONE: 0}}
        everyone = np.where(frame.within, 0, -1)
        if isinstance(self._plan, Design) and Grouping(self._plan, everyone, 1).direct:
            self._add(self._plan, EVERYONE, everyone)
            for variable in by:
                codes, groups = group_codes(frame, variable)
                self._places[variable] = {group.group: place for place, group in enumerate(groups)}
                self._add(self._plan, variable, codes)

    def means(self, values: Floats, parts: Sequence[Part]) -> Iterator[tuple[Part, Mean | None]]:
        """The mean of values (n,), NaN where there is none, in each part; None where it has nobody."""
        found = {variable: grouping.means(values) for variable, grouping in self._together.items()}
        for part in step_by_step(parts, "group", rest=True):
            if not part.base:
                yield part, None
            elif part.group.variable in found:
                yield part, _mean_of(found[part.group.variable], self._place(part))
            else:
                yield part, self._mean_alone(values, part)

    def shares(self, answers: Answers, parts: Sequence[Part]) -> Iterator[tuple[Part, list[Share | None]]]:
        """The share of each outcome in each part, over those asked; None where it has nobody."""
        count, codes = len(answers.scale.outcomes), answers.codes
        found = {
            variable: outcome_shares(grouping.design, codes, count, self._codes[variable], grouping.groups)
            for variable, grouping in self._together.items()
        }
        for part in step_by_step(parts, "group", rest=True):
            if part.group.variable in found:
                of_group, place = found[part.group.variable], self._place(part)
                yield part, [of_group.share(place, chosen) for chosen in np.eye(count, dtype=bool)]
            else:
                yield part, shares(self._plan, codes[:, None] == np.arange(count), part.members)

    def _add(self, design: Design, variable: str, codes: Codes) -> None:
        self._codes[variable] = codes
        self._together[variable] = Grouping(design, codes, len(self._places[variable]))

    def _place(self, part: Part) -> int:
        return self._places[part.group.variable][part.group.group]

    def _mean_alone(self, values: Floats, part: Part) -> Mean:
        found = mean(self._plan, np.where(part.members, values, 0.0), part.members)
        freedom = self._plan.domain_degrees_of_freedom(part.members[:, None])
        return Mean(float(found.estimates[0]), float(found.covariance[0, 0]), int(freedom[0]))


def _mean_of(found: GroupedMeans, place: int) -> Mean:
    if not found.bases[place]:
        raise CannotEstimate("all_missing", "nobody of a group who gave a value has a weight")
    return Mean(float(found.estimates[place]), float(found.covariance[place, place]), int(found.degrees_of_freedom[place]))
