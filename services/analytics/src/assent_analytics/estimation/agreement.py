"""How far people agree on an ordered scale: three measures that disagree by design, so they stand side by side.

Van der Eijk's A (2001, Quality and Quantity 35) is 1 when all choose one option, 0 when they spread evenly and -1 when they split
between the ends; it says nothing about where they agree, is undefined below three options and not comparable between scales of different
length. Net agreement is the upper half of the scale less the lower. PCI2 with distance D1 (Vaske et al. 2010) is the potential for
conflict, 0 to 1. All take weighted shares; only the interval of A needs the design they come from.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtrit

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.design import Bools, Design, Floats
from assent_analytics.estimation.means import means

# Weighted shares that should be equal differ in their last digits; layers and modes count them as equal.
TIE = 1e-12
STEP = 1e-6


@dataclass(frozen=True, slots=True)
class Consensus:
    """The measures of one distribution over `options` categories; `peaks_at` are the indexes of the commonest, usually one."""

    agreement: float | None
    peaks_at: tuple[int, ...]
    options: int
    net_agreement: float
    polarization: float | None


def consensus(shares: Sequence[float] | Floats) -> Consensus:
    """All measures for shares (or counts) of the options in their order. Raises CannotEstimate as the measures do."""
    found = _normalised(shares)
    long_enough = len(found) >= 3
    return Consensus(
        agreement=van_der_eijk(found) if long_enough else None,
        peaks_at=tuple(int(at) for at in np.flatnonzero(found >= found.max() - TIE)),
        options=len(found),
        net_agreement=net_agreement(found),
        polarization=pci2_d1(found) if long_enough else None,
    )


def van_der_eijk(shares: ArrayLike) -> float:
    """Agreement A, -1 to 1, for at least three options in order; raises CannotEstimate `bad_value` for fewer."""
    left = _normalised(shares, least=3).copy()
    agreement = 0.0
    while (present := left > TIE).any():
        height = left[present].min()
        agreement += _layer_agreement(present) * height * present.sum()
        left[present] -= height
    return float(agreement)


def agreement_interval(design: Design, indicators: Bools) -> tuple[float, float] | None:
    """The 95 % interval of A for options in order, `indicators` (n, options), among those who chose one; None where nothing varies.

    A is linear in the shares as long as the order of their heights stays, so its error is linearised like that of a share. Raises
    CannotEstimate as `van_der_eijk` does, and `all_missing` when nobody chose.
    """
    chose = np.asarray(indicators.any(axis=1))
    found = means(design, indicators, chose)
    agreement = van_der_eijk(found.estimates)
    steps = STEP * np.eye(len(found.estimates))
    slopes = [(_beside(found.estimates + step) - _beside(found.estimates - step)) / (2.0 * STEP) for step in steps]
    error = float(np.sqrt(design.variances(found.influence @ np.array(slopes)[:, None])[0]))
    if error <= TIE:
        return None
    freedom = max(int(design.domain_degrees_of_freedom(chose[:, None])[0]), 1)
    reach = float(-stdtrit(freedom, 0.025)) * error
    return max(-1.0, agreement - reach), min(1.0, agreement + reach)


def _beside(shares: Floats) -> float:
    """A of shares a step away, which may not fall below nought."""
    return van_der_eijk(np.maximum(shares, 0.0))


def net_agreement(shares: ArrayLike) -> float:
    """The share of the upper half of the options less that of the lower half, -1 to 1; a middle option counts for neither."""
    found = _normalised(shares)
    half = len(found) // 2
    return float(found[len(found) - half :].sum() - found[:half].sum())


def pci2_d1(shares: ArrayLike) -> float:
    """The Potential for Conflict Index with distance D1, 0 (none) to 1 (people split between the ends), for at least three options.

    Only people on different sides of the middle conflict, by their distance less one step: the middle itself is no side.
    """
    found = _normalised(shares, least=3)
    half = len(found) // 2
    places = np.arange(len(found)) - half if len(found) % 2 else np.delete(np.arange(-half, half + 1), half)
    apart = np.abs(places[:, None] - places[None, :]) - 1.0
    conflict = np.where(np.sign(places)[:, None] * np.sign(places)[None, :] < 0, apart, 0.0)
    return float(found @ conflict @ found / (conflict.max() / 2.0))


def _layer_agreement(present: np.ndarray) -> float:
    """The agreement of one layer, in which the options present are chosen equally often."""
    options, chosen = len(present), int(present.sum())
    if chosen == 1:
        return 1.0
    if chosen == options:
        return 0.0
    unimodal = bimodal = 0
    for left, middle, right in combinations(present, 3):
        unimodal += bool(middle and left != right)
        bimodal += bool(left and right and not middle)
    unimodality = ((options - 2) * unimodal - (options - 1) * bimodal) / ((options - 2) * (unimodal + bimodal))
    return float(unimodality * (1.0 - (chosen - 1) / (options - 1)))


def _normalised(shares: ArrayLike, least: int = 2) -> Floats:
    found = np.asarray(shares, dtype=float)
    if found.ndim != 1 or len(found) < least:
        raise CannotEstimate("bad_value", f"agreement needs at least {least} options in order, not {np.shape(shares)}")
    if not np.isfinite(found).all() or (found < 0).any():
        raise CannotEstimate("bad_value", "a share of an option is negative or not a number")
    if found.sum() <= 0:
        raise CannotEstimate("all_missing", "nobody chose an option of the scale")
    normalised: Floats = found / found.sum()
    return normalised
