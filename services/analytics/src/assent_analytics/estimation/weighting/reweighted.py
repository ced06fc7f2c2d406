"""The answer of every method of this folder: new weights, what they do to a variance, and facts on them."""

from collections.abc import Callable
from dataclasses import dataclass

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.arrays import Floats
from assent_analytics.estimation.designs.design import Adjustment, Design
from assent_analytics.estimation.weighting.diagnostics import Diagnostics

Reweighting = Callable[[Floats], Floats]
"""Weights (n,) to weights (n,): what a replicate design does to each set of its weights, such as a `Raking`."""


@dataclass(frozen=True, slots=True)
class Reweighted:
    """New weights (n,), the adjustment of the variance for the totals that they meet (none after trimming), and diagnostics."""

    weights: Floats
    adjustment: Adjustment | None
    diagnostics: Diagnostics

    def of(self, design: Design) -> Design:
        """The design with these weights, which were fitted to its own. What earlier steps did to the variance stays, as in R."""
        if len(self.weights) != design.rows:
            raise CannotEstimate("bad_shape", f"{len(self.weights)} weights for a design of {design.rows} rows")
        return design.reweighted(self.weights, *([] if self.adjustment is None else [self.adjustment]))
