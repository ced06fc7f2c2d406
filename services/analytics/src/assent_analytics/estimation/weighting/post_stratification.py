"""Post-stratification: weights are multiplied so that the cells of one table, of one variable or of several, sum to known totals.

Holt and Smith (1979). It is raking to a single margin, done after one sweep; the residual of its variance is the deviation from the
weighted mean of the cell. For a table of several variables give a margin made by `margins.crossed`.
"""

import numpy as np

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.arrays import Floats
from assent_analytics.estimation.designs.design import usable_weights
from assent_analytics.estimation.weighting.adjustments import MarginResidual
from assent_analytics.estimation.weighting.cells import Cells
from assent_analytics.estimation.weighting.diagnostics import diagnose, worst
from assent_analytics.estimation.weighting.margins import Margin, require_members, summed
from assent_analytics.estimation.weighting.reweighted import Reweighted


def post_stratify(weights: Floats, margin: Margin, *, partial: bool = False) -> Reweighted:
    """Fit weights (n,) to the totals of one margin. R: `postStratify(design, ~a + b, population, partial)`.

    `partial` ignores cells of the population that nobody in the sample belongs to: the weights then sum to less. Raises
    CannotEstimate: `empty_cell` (unless partial) and `no_target` naming the cell, and what is said of bad weights by
    `usable_weights`.
    """
    before = usable_weights(weights, len(margin.codes))
    sums = summed(margin.codes, before, len(margin.levels))
    known = np.where(sums > 0, margin.targets, 0.0) if partial else margin.targets
    kept = Margin(margin.variable, margin.levels, margin.codes, known)
    if kept.total <= 0:
        raise CannotEstimate("empty_cell", f"nobody in the sample is in any cell of {margin.variable}")
    require_members(kept, sums)
    after = before * np.divide(known, sums, out=np.zeros_like(sums), where=sums > 0)[margin.codes]
    achieved = summed(margin.codes, after, len(margin.levels))
    misfit, place = worst(achieved, known)
    facts = diagnose(before, after, iterations=1, largest_misfit=misfit, at=margin.name(place))
    return Reweighted(after, MarginResidual(Cells([kept]), before, after), facts)
