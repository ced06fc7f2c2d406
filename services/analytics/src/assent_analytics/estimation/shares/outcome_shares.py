"""Shares of an item's outcomes in groups that nobody is in twice, such as a group and the rest, and sums and differences of them.

Everything follows from the shares of single outcomes with their covariance (grouped): support is a sum of outcomes, a gap the
difference of two groups' sums. So an item costs a few passes over the rows for each set of groups, however many figures are read off.
Not here: which outcomes are support (summary).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assent_analytics.estimation.arrays import Bools, Floats
from assent_analytics.estimation.comparisons.contrasts import Gap, gap_of
from assent_analytics.estimation.descriptive.grouped import GroupedMeans, Grouping
from assent_analytics.estimation.designs.design import Design
from assent_analytics.estimation.of_totals import over
from assent_analytics.estimation.shares.proportions import Share, share_of


@dataclass(frozen=True, slots=True)
class OutcomeShares:
    """The shares (groups, outcomes) with their covariance, and Kish's effective size of each group (groups,)."""

    found: GroupedMeans
    kish: Floats

    def share(self, group: int, chosen: Bools) -> Share | None:
        """The share of the chosen outcomes (outcomes,) in a group; None where it has nobody."""
        if self.found.bases[group] == 0:
            return None
        counted = chosen.astype(float)
        return share_of(
            float(counted @ self.found.estimates[group]),
            float(counted @ self.found.covariance[group, :, group, :] @ counted),
            base=int(self.found.bases[group]),
            kish=float(self.kish[group]),
            freedom=int(self.found.degrees_of_freedom[group]),
        )

    def gap(self, chosen: Bools, *, freedom: int) -> Gap | None:
        """The share in the first group less that in the second; None where one has nobody, or neither varies."""
        if (self.found.bases[:2] == 0).any():
            return None
        counted = chosen.astype(float)
        difference = counted @ (self.found.estimates[0] - self.found.estimates[1])
        between = np.einsum("i,gihj,j->gh", counted, self.found.covariance[:2, :, :2, :], counted)
        error = float(np.sqrt(max(between[0, 0] + between[1, 1] - between[0, 1] - between[1, 0], 0.0)))
        return gap_of(float(difference), error, freedom=freedom)


def outcome_shares(design: Design, outcomes: NDArray[np.int64], count: int, groups: NDArray[np.int64], of: int) -> OutcomeShares:
    """The shares of `count` outcomes, codes (n,), in `of` groups, codes (n,); a negative code is no outcome, or no group.

    Raises CannotEstimate `bad_shape`.
    """
    found = Grouping(design, groups, of).shares(outcomes, count)
    code = np.where((outcomes >= 0) & (groups >= 0), groups, of)
    sums, squares = (np.bincount(code, weights, of + 1)[:of].astype(float) for weights in (design.weights, design.weights**2))
    return OutcomeShares(found, over(sums**2, squares, empty=0.0))
