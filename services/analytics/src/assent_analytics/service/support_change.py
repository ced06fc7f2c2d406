"""The change in support between two collections: of whom each asked, what they have in common, and how far it may be told.

Respondents who took part in both make the two shares correlated. Of a few such people the covariance would tell both answers, so it is
left out; of many it is told only where enough of them moved each way, which `moves` counts for whoever shows the change.
Not here: which collections may be compared (domain.comparability), and the estimate itself (estimation.comparisons.trends).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assent_analytics.domain.comparability import Comparability
from assent_analytics.domain.disclosure import THRESHOLD
from assent_analytics.estimation.comparisons.trends import Change, Wave, change_of_panel, change_of_samples
from assent_analytics.estimation.descriptive.means import mean
from assent_analytics.estimation.estimate import Estimate, Plan
from assent_analytics.service.sample import Mask, Sample


@dataclass(frozen=True, slots=True)
class Asked:
    """One collection's side of a change: its sample and design, who supports it, who was asked, and respondents' tokens, all (n,)."""

    sample: Sample
    design: Plan
    supports: Mask
    asked: Mask
    tokens: NDArray[np.str_]

    @property
    def support(self) -> Estimate:
        """The share of those asked who support it."""
        return mean(self.design, self.supports, self.asked)

    @property
    def wave(self) -> Wave:
        """What of a panel's wave bears on its change. Whole clusters stay together where the design has them."""
        columns, collection = self.sample.columns, self.sample.collection
        cluster = columns.column("design", "cluster").spelled() if collection.cluster else self.tokens
        return Wave(
            values=np.where(self.asked, self.supports.astype(float), np.nan),
            weights=self.design.weights,
            shared=np.where(cluster == "", self.tokens, cluster),
            strata=columns.column("design", "stratum").spelled() if collection.stratum else None,
        )


def moves(earlier: Asked, later: Asked) -> NDArray[np.int64]:
    """Of those asked both times, how many stayed without support, came to it, left it and stayed with it, (4,)."""
    _, before, after = np.intersect1d(earlier.tokens, later.tokens, return_indices=True)
    asked = earlier.asked[before] & later.asked[after]
    ways = 2 * earlier.supports[before].astype(np.int64) + later.supports[after]
    return np.bincount(ways[asked], minlength=4)


def is_panel(moved: NDArray[np.int64]) -> bool:
    """Whether so many took part in both that the change is that of a panel."""
    return bool(moved.sum() >= THRESHOLD)


def change_of_support(earlier: Asked, later: Asked, allowed: Comparability, *, panel: bool) -> Change:
    """The change, with the covariance of a panel or without any. Raises CannotEstimate as `trends` does."""
    if panel:
        return change_of_panel(earlier.wave, later.wave, allowed)
    return change_of_samples(earlier.support, later.support, allowed)
