"""Weights that a method of this folder can start from."""

import numpy as np
from numpy.typing import ArrayLike

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.arrays import Floats


def base_weights(weights: ArrayLike, rows: int, *, negative: bool = False) -> Floats:
    """Weights (rows,) as numbers, unless allowed not negative.

    Raises CannotEstimate: `bad_shape`, `no_rows`, `no_weights`, `negative_weight`.
    """
    found = np.asarray(weights, dtype=float)
    if found.shape != (rows,):
        raise CannotEstimate("bad_shape", f"weights of shape {found.shape} for {rows} rows")
    if rows == 0:
        raise CannotEstimate("no_rows", "there is nobody to weight")
    if not np.isfinite(found).all() or not (found > 0).any():
        raise CannotEstimate("no_weights", "some weight is not a number, or none is positive")
    if not negative and (found < 0).any():
        raise CannotEstimate("negative_weight", f"{int((found < 0).sum())} of {rows} weights are negative")
    return found
