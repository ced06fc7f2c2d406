"""What replicate weights need to know of a linearised design: how its first-stage units were selected.

Not here: later stages, which only Preston's bootstrap replicates.
"""

import numpy as np

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.arrays import Codes
from assent_analytics.estimation.designs.design import Design
from assent_analytics.estimation.designs.stages import Layout


def first_stage(design: Design) -> Layout:
    """The first stage of selection. Raises CannotEstimate `calibrated` for a design whose weights were fitted to known totals.

    Replicates of fitted weights would not be fitted themselves: make replicates of the design before it was calibrated, and fit
    each with `ReplicateDesign.reweighted`. `one_psu` for a single unit.
    """
    if design.adjustments:
        raise CannotEstimate("calibrated", "make replicates before the weights are fitted to known totals, and fit every replicate")
    first = design.layouts[0]
    if first.units < 2:
        raise CannotEstimate("one_psu", "replicates need at least two first-stage units")
    return first


def by_appearance(first: Layout) -> Codes:
    """The units (units,) in the order of strata and, within them, of the rows in which they first appear."""
    appears = np.full(first.units, len(first.unit), dtype=np.int64)
    np.minimum.at(appears, first.unit, np.arange(len(first.unit)))
    return np.lexsort((appears, first.stratum))


def require_several(design: Design, first: Layout) -> None:
    """Some stratum has units to draw from. Raises CannotEstimate `lonely_psu`, also where the design refuses any single unit."""
    if (first.size == 1).all() or (first.alone.any() and design.lonely == "fail"):
        raise CannotEstimate("lonely_psu", f"{int((first.size == 1).sum())} strata have a single first-stage unit")
