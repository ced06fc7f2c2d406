"""Indices that look at pairs of people: how far apart two of them stand, or only whether they differ.

Esteban and Ray's polarisation (1994, Econometrica 62) adds to the distance a sense of belonging, stronger the more people share a
category. The others know no order of the categories, and so are the same however these are shuffled.
"""

import numpy as np
from numpy.typing import ArrayLike

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.arrays import Floats
from assent_analytics.estimation.consensus.distributions import distributions

MOST_BELONGING = 1.6


def esteban_ray(shares: ArrayLike, alpha: float = 1.0, *, normed: bool = True) -> Floats:
    """The sum of p_i^(1 + alpha) p_j |i - j| of each distribution, (..., K) -> (...).

    `normed` divides by what half at either end gives, so that it runs from 0 to 1. R: `acid::polarisation.ER`, not normed. Raises
    CannotEstimate `bad_setting` for an alpha outside 0 to 1.6, where the axioms hold.
    """
    if not 0.0 <= alpha <= MOST_BELONGING:
        raise CannotEstimate("bad_setting", f"the alpha of a polarisation is from 0 to {MOST_BELONGING}, not {alpha}")
    found = distributions(shares)
    places = np.arange(found.shape[-1])
    total = ((found ** (1.0 + alpha) @ np.abs(places[:, None] - places)) * found).sum(axis=-1)
    most = 2.0 * 0.5 ** (2.0 + alpha) * (found.shape[-1] - 1) if normed else 1.0
    polarised: Floats = total / most
    return polarised


def reynal_querol(shares: ArrayLike) -> Floats:
    """Montalvo and Reynal-Querol's polarisation (2005, American Economic Review 95), 4 sum p^2 (1 - p). R: `agrmt::MRQ`."""
    found = distributions(shares)
    polarised: Floats = 4.0 * (found**2 * (1.0 - found)).sum(axis=-1)
    return polarised


def unalikeability(shares: ArrayLike) -> Floats:
    """How often two people differ at all, 1 - sum p^2 (Kader and Perry 2007, Journal of Statistics Education 15)."""
    found = distributions(shares)
    unlike: Floats = 1.0 - (found**2).sum(axis=-1)
    return unlike
