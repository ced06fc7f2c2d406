"""Replicate weights that come with the data, as agencies publish them, by the name of how they were made.

The name only says how the spread of the replicates is scaled; the weights are taken as they are. R: `svrepdesign`.
"""

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.replicates.design import Failures, ReplicateDesign

Kind = Literal["jk1", "jk2", "jkn", "brr", "fay", "bootstrap", "successive_difference", "other"]


def published(
    weights: ArrayLike,
    replicates: ArrayLike,
    kind: Kind,
    *,
    combined: bool = True,
    scale: float | None = None,
    rscales: ArrayLike | None = None,
    rho: float | None = None,
    population: ArrayLike | None = None,
    mse: bool = False,
    failures: Failures = "refuse",
) -> ReplicateDesign:
    """Weights (n,) and replicates (n, R), whole weights (`combined`) or factors of the weights. R: `svrepdesign(repweights, type)`.

    The scale is 1 / R for BRR, 1 / (R (1 - rho)^2) for Fay, (R - 1) / R for JK1, 1 for JK2, 1 / (R - 1) for a bootstrap, 4 / R for
    successive differences (the American Community Survey); JKn needs `rscales`, any other kind `scale`. `scale` overrides for JK1
    and bootstraps, as in R. `population` (R,) holds sampling fractions, by which 1 - f shrinks the squares of a jackknife. Raises
    CannotEstimate `bad_scale` for what is missing or out of place, and as `ReplicateDesign` does.
    """
    table = np.asarray(replicates, dtype=float)
    if table.ndim != 2:
        raise CannotEstimate("bad_shape", f"replicates are a table of rows and replicates, not of shape {table.shape}")
    own = 1.0 if rscales is None else np.asarray(rscales, dtype=float)
    if population is not None:
        own = own * _left(population, kind)
    return ReplicateDesign(
        weights,
        table,
        scale=_scale(kind, table.shape[1], scale, rho, has_rscales=rscales is not None),
        rscales=np.broadcast_to(own, table.shape[1]).copy() if np.size(own) in (1, table.shape[1]) else own,
        combined=combined,
        mse=mse,
        failures=failures,
        method=f"published replicate weights ({kind})",
    )


def _scale(kind: Kind, count: int, scale: float | None, rho: float | None, *, has_rscales: bool) -> float:
    if kind == "fay" and (rho is None or not 0.0 <= rho < 1.0):
        raise CannotEstimate("bad_scale", "Fay's replicates need their rho, from 0 to below 1")
    if kind == "jkn" and not has_rscales:
        raise CannotEstimate("bad_scale", "JKn replicates need the rscale of each, (n - 1) / n of its stratum")
    if kind == "other" and scale is None:
        raise CannotEstimate("bad_scale", "replicates of an unnamed kind need their scale")
    known = {
        "brr": 1.0 / count,
        "fay": 1.0 / (count * (1.0 - (rho or 0.0)) ** 2),
        "successive_difference": 4.0 / count,
        "jk2": 1.0,
    }
    if kind in known:
        if scale is not None:
            raise CannotEstimate("bad_scale", f"the scale of {kind} replicates follows from their number")
        return known[kind]
    if scale is not None:
        return scale
    return {"jk1": (count - 1) / count, "bootstrap": 1.0 / max(count - 1, 1)}.get(kind, 1.0)


def _left(population: ArrayLike, kind: Kind) -> np.ndarray:
    """What the sampling fractions leave of each square."""
    fractions = np.asarray(population, dtype=float)
    if kind not in ("jk1", "jkn", "other"):
        raise CannotEstimate("bad_scale", f"{kind} replicates know no finite populations")
    if not ((fractions >= 0.0) & (fractions <= 1.0)).all():
        raise CannotEstimate("bad_scale", "sampling fractions are between 0 and 1")
    return 1.0 - fractions
