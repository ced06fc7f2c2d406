"""Distributions over ordered categories: what every index of agreement starts from.

Shares may be weighted; that they sum to one is seen to here. Not here: what an index makes of them.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.arrays import Floats

# Weighted shares that should be equal differ in their last digits.
TIE = 1e-12


def distributions(shares: ArrayLike, least: int = 2) -> Floats:
    """Shares or counts (..., K) made to sum to one along the last axis.

    Raises CannotEstimate: `bad_value` for fewer categories than `least`, or a share that is negative or not a number; `all_missing`
    for a row in which nobody chose.
    """
    found = np.asarray(shares, dtype=float)
    if found.ndim < 1 or found.shape[-1] < least:
        raise CannotEstimate("bad_value", f"agreement needs at least {least} options in order, not {np.shape(shares)}")
    if not np.isfinite(found).all() or (found < 0).any():
        raise CannotEstimate("bad_value", "a share of an option is negative or not a number")
    sums = found.sum(axis=-1, keepdims=True)
    if (sums <= 0).any():
        raise CannotEstimate("all_missing", "nobody chose an option of the scale")
    normalised: Floats = found / sums
    return normalised


def peaks(shares: ArrayLike) -> NDArray[np.bool_]:
    """Which categories are the commonest, (..., K): usually one, several where their shares are equal."""
    found = distributions(shares)
    highest: NDArray[np.bool_] = found >= found.max(axis=-1, keepdims=True) - TIE
    return highest
