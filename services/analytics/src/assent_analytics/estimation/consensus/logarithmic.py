"""Indices in bits: Tastle and Wierman's consensus, and plain entropy, which knows no order."""

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import xlogy

from assent_analytics.estimation.arrays import Floats
from assent_analytics.estimation.consensus.distributions import distributions


def tastle_wierman(shares: ArrayLike) -> Floats:
    """Consensus Cns (2007, International Journal of Approximate Reasoning 45), (..., K) -> (...), 0 (two poles) to 1 (one option).

    1 + sum p_k log2(1 - |k - mean| / (K - 1)). Dissent is 1 - Cns. R: `agrmt::consensus`, which refuses weighted shares.
    """
    found = distributions(shares)
    places = np.arange(found.shape[-1], dtype=float)
    apart = np.abs(places - (found @ places)[..., None]) / (found.shape[-1] - 1)
    consensus: Floats = 1.0 + xlogy(found, np.maximum(1.0 - apart, 0.0)).sum(axis=-1) / np.log(2.0)
    return consensus


def entropy(shares: ArrayLike) -> Floats:
    """Shannon's entropy in bits, 0 (one option) to log2 K (all alike). R: `agrmt::entropy`."""
    found = distributions(shares)
    bits: Floats = -xlogy(found, found).sum(axis=-1) / np.log(2.0)
    return bits
