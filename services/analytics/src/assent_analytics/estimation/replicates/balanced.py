"""Balanced repeated replication: half-samples of designs with two first-stage units a stratum.

A replicate doubles one unit of each stratum and drops the other, by the signs of a Hadamard matrix, so that the variance of a total
is exactly the linearised one (McCarthy 1969, Review of the International Statistical Institute 37). Fay's version only weakens one
and strengthens the other, by factors rho and 2 - rho, so that no statistic loses half its people (Judkins 1990, Journal of Official
Statistics 6). R: `as.svrepdesign(type = "BRR" | "Fay")`, with which the very half-samples agree where the Hadamard matrix does
(powers of two and orders of a prime and one; for orders 28 and 36 R reads another from a table). Finite population corrections are
dropped, as in R.
"""

import numpy as np

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.arrays import Codes
from assent_analytics.estimation.designs.design import Design
from assent_analytics.estimation.designs.stages import Layout
from assent_analytics.estimation.replicates.design import Failures, ReplicateDesign
from assent_analytics.estimation.replicates.factors import Table
from assent_analytics.estimation.replicates.hadamard import hadamard
from assent_analytics.estimation.replicates.selection import by_appearance, first_stage


def brr(design: Design, *, mse: bool = False, failures: Failures = "refuse") -> ReplicateDesign:
    """Balanced half-samples; the scale is 1 / R. R: `as.svrepdesign(design, type = "BRR")`. Raises as `fay` does."""
    return _balanced(design, 0.0, mse=mse, failures=failures, method="balanced repeated replication (BRR)")


def fay(design: Design, rho: float, *, mse: bool = False, failures: Failures = "refuse") -> ReplicateDesign:
    """Fay's version; the scale is 1 / (R (1 - rho)^2). R: `as.svrepdesign(design, type = "Fay", fay.rho = rho)`.

    A stratum of four, six, ... units is split into pairs in the order of the rows, as R does. Raises CannotEstimate `bad_setting`
    for a rho outside 0 to 1, `strata` for a design without strata or with a stratum of an odd number of units, and `calibrated`.
    """
    if not 0.0 <= rho < 1.0:
        raise CannotEstimate("bad_setting", f"Fay's rho is from 0 to below 1, not {rho}")
    return _balanced(design, rho, mse=mse, failures=failures, method=f"balanced repeated replication (Fay, rho {rho:g})")


def _balanced(design: Design, rho: float, *, mse: bool, failures: Failures, method: str) -> ReplicateDesign:
    first = first_stage(design)
    if not design.has_strata or (first.size % 2 == 1).any():
        raise CannotEstimate(
            "strata", "balanced replication needs strata, each with two first-stage units or an even number of them"
        )
    order, pair = _pairs(first)
    signs = hadamard(int(pair.max()) + 2)[pair + 1]
    signs[1::2] *= -1  # of each pair the second goes where the first stays
    factors = np.empty(signs.shape)
    factors[order] = 1.0 + (1.0 - rho) * signs
    scale = 1.0 / (signs.shape[1] * (1.0 - rho) ** 2)
    return ReplicateDesign(design.weights, Table(factors), units=first.unit, scale=scale, mse=mse, failures=failures, method=method)


def _pairs(first: Layout) -> tuple[Codes, Codes]:
    """Units in pairs, those of larger strata first: the order of units, and the pair of each."""
    order = by_appearance(first)
    large = first.size[first.stratum[order]] > 2
    order = np.concatenate([order[large], order[~large]])
    return order, np.arange(first.units) // 2
