"""The jackknife: leave out one first-stage unit after the other, and let the others of its stratum stand for it.

JK1 is for one stratum, JKn for several; both are Wolter's (Introduction to Variance Estimation, 2007, ch. 4). A finite population
correction of the first stage shrinks the squares; later stages are dropped, as R's `as.svrepdesign(type = "JK1" | "JKn")` does. A
stratum that was taken whole has no replicates. Good for smooth statistics, not for quantiles.
"""

import numpy as np
from numpy.typing import NDArray

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.designs.design import Design
from assent_analytics.estimation.designs.stages import CERTAIN, Layout
from assent_analytics.estimation.replicates.design import Failures, ReplicateDesign
from assent_analytics.estimation.replicates.factors import LeaveOneOut
from assent_analytics.estimation.replicates.selection import first_stage


def jackknife(design: Design, *, mse: bool = False, failures: Failures = "refuse") -> ReplicateDesign:
    """JK1 without strata, JKn with them: what R's `as.svrepdesign(design)` chooses itself."""
    return jkn(design, mse=mse, failures=failures) if design.has_strata else jk1(design, mse=mse, failures=failures)


def jk1(design: Design, *, mse: bool = False, failures: Failures = "refuse") -> ReplicateDesign:
    """One stratum: the scale is (1 - f)(n - 1) / n. R: `as.svrepdesign(design, type = "JK1")`.

    Raises CannotEstimate `strata` for a design with strata, `census` when every unit was taken, and `calibrated` (see
    `first_stage`).
    """
    first = first_stage(design)
    if len(first.size) > 1:
        raise CannotEstimate("strata", "JK1 is for designs without strata: use JKn")
    units, fraction = first.units, float(first.fraction[0])
    if fraction > 1.0 - CERTAIN:
        raise CannotEstimate("census", "every unit was taken: there is nothing left to vary")
    factors = LeaveOneOut(np.zeros(units, dtype=np.int64), np.full(units, units / (units - 1)), np.zeros(units, dtype=bool))
    scale = (1.0 - fraction) * (units - 1) / units
    return ReplicateDesign(
        design.weights, factors, units=first.unit, scale=scale, mse=mse, failures=failures, method="jackknife (JK1)"
    )


def jkn(design: Design, *, mse: bool = False, failures: Failures = "refuse") -> ReplicateDesign:
    """Several strata: each replicate's rscale is (1 - f)(n - 1) / n of its stratum. R: `as.svrepdesign(design, type = "JKn")`.

    A stratum with one unit follows the design's `lonely`: `remove` and `certainty` leave it as it is; `adjust` leaves it out once,
    with the whole sample as its pool; `average` scales the variance up to as many units as there are. Raises CannotEstimate
    `lonely_psu` for `fail`, or when no stratum is left; `census` and `calibrated`.
    """
    first = first_stage(design)
    alone, census = first.alone[first.stratum], first.fraction > 1.0 - CERTAIN
    if alone.any() and design.lonely == "fail":
        raise CannotEstimate("lonely_psu", f"{int(alone.sum())} strata have a single first-stage unit")
    if census.all():
        raise CannotEstimate("census", "every unit was taken: there is nothing left to vary")
    for_all = alone & (design.lonely == "adjust") & (len(first.size) > 1)
    left_out = ~census & (~alone | for_all)
    if left_out.sum() < 2:
        raise CannotEstimate("lonely_psu", "every stratum has a single first-stage unit: there is nothing to compare")
    pooled = _pool_sizes(first, for_all)
    factors = LeaveOneOut(np.where(left_out, first.stratum, -1), pooled / np.maximum(pooled - 1, 1), for_all)
    kept = np.where(for_all, 1.0, 1.0 - first.fraction)
    rscales = (kept * (pooled - 1) / pooled)[left_out]
    scale = first.units / left_out.sum() if design.lonely == "average" else 1.0
    return ReplicateDesign(
        design.weights,
        factors,
        units=first.unit,
        scale=scale,
        rscales=rscales,
        mse=mse,
        failures=failures,
        method="jackknife (JKn)" + (f", single units: {design.lonely}" if alone.any() else ""),
    )


def _pool_sizes(first: Layout, for_all: NDArray[np.bool_]) -> NDArray[np.float64]:
    """How many stand for one another: the units of a stratum, or for one that has the sample as its pool, the strata."""
    return np.where(for_all, len(first.size), first.size[first.stratum]).astype(float)
