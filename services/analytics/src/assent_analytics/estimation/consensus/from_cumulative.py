"""Indices that look at the share of people at or below each category, F_k: how far these are from one half.

All of them are one idea with different powers: dispersion is 1 - 2^a / (K - 1) sum |F_k - 1/2|^a (Apouey 2007, Health Economics
16), which for a = 1 is Leik's D (1966, Pacific Sociological Review 9) and for a = 2 is Berry and Mielke's index of ordinal
variation (1992, Perceptual and Motor Skills 74) as well as 1 - Blair and Lacy's l squared (2000, Sociological Methods & Research
28). Defined from two options on; for two, they say no more than the share does.

They have kinks where F_k is one half, all but those of power two.
"""

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import xlogy

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.arrays import Floats
from assent_analytics.estimation.consensus.distributions import distributions


def apouey(shares: ArrayLike, power: float) -> Floats:
    """Bipolarisation of each distribution, (..., K) -> (...), 0 (all choose one option) to 1 (half at either end).

    Raises CannotEstimate `bad_setting` for a power of nought or less, and as `distributions` does.
    """
    if not power > 0.0:
        raise CannotEstimate("bad_setting", f"the power of a bipolarisation is positive, not {power}")
    return 1.0 - _mean_power(shares, power)


def leik(shares: ArrayLike) -> Floats:
    """Leik's ordinal dispersion D, 0 to 1; Leik's consensus is 1 - D. R: `agrmt::Leik`."""
    return apouey(shares, 1.0)


def berry_mielke(shares: ArrayLike, people: ArrayLike | None = None) -> Floats:
    """Berry and Mielke's index of ordinal variation, 0 to 1. R: `agrmt::BerryMielke`.

    An odd number of people cannot split evenly between the ends: `people` (...) raises the index so that 1 can be reached still.
    Leave it out for weighted shares.
    """
    return apouey(shares, 2.0) * of_odd_numbers(people)


def kvalseth(shares: ArrayLike, people: ArrayLike | None = None) -> Floats:
    """Kvålseth's coefficient of ordinal variation (1995, Perceptual and Motor Skills 80), 1 - sqrt(1 - IOV). R:
    `agrmt::Kvalseth`."""
    found: Floats = 1.0 - np.sqrt(np.maximum(1.0 - berry_mielke(shares, people), 0.0))
    return found


def blair_lacy_l_squared(shares: ArrayLike) -> Floats:
    """Blair and Lacy's concentration l squared, 1 when all choose one option. R: `agrmt::lsquared`."""
    return _mean_power(shares, 2.0)


def blair_lacy_l(shares: ArrayLike) -> Floats:
    """The root of l squared: a distance. R: `agrmt::BlairLacy`."""
    return concentration(shares, 2.0)


def blair_lacy_d_squared(shares: ArrayLike) -> Floats:
    """The squared distance from the widest dispersion, before it is normed: sum (F_k - 1/2)^2. R: `agrmt::dsquared`."""
    found: Floats = (_from_half(shares) ** 2).sum(axis=-1)
    return found


def concentration(shares: ArrayLike, metric: float = 2.0) -> Floats:
    """The distance from the widest dispersion in some Minkowski metric, normed to 0 to 1. R: `agrmt::concentration(V, metric)`."""
    if not metric > 0.0:
        raise CannotEstimate("bad_setting", f"a metric is positive, not {metric}")
    found: Floats = _mean_power(shares, metric) ** (1.0 / metric)
    return found


def dispersion(shares: ArrayLike, metric: float = 2.0) -> Floats:
    """One less the concentration. R: `agrmt::dispersion(V, metric)`."""
    return 1.0 - concentration(shares, metric)


def reardon(shares: ArrayLike) -> Floats:
    """Reardon's ordinal variation (2009, Research on Economic Inequality 17), the mean entropy of F_k in bits. R:
    `agrmt::Reardon`."""
    below = _below(shares)
    found: Floats = -(xlogy(below, below) + xlogy(1.0 - below, 1.0 - below)).mean(axis=-1) / np.log(2.0)
    return found


def of_odd_numbers(people: ArrayLike | None) -> Floats:
    """N^2 / (N^2 - 1) for odd numbers of people, otherwise 1. Raises CannotEstimate `bad_value` for fewer than two people."""
    number = np.asarray(2.0 if people is None else people, dtype=float)
    if (number < 2.0).any():
        raise CannotEstimate("bad_value", "variation needs at least two people")
    return np.where(number % 2 == 1, number**2 / (number**2 - 1.0), 1.0)


def _mean_power(shares: ArrayLike, power: float) -> Floats:
    """The mean of |2 F_k - 1|^power over the categories but the last."""
    found: Floats = (np.abs(2.0 * _from_half(shares)) ** power).mean(axis=-1)
    return found


def _from_half(shares: ArrayLike) -> Floats:
    return _below(shares) - 0.5


def _below(shares: ArrayLike) -> Floats:
    """F_k but for the last, which is one: (..., K) -> (..., K - 1)."""
    found: Floats = np.minimum(np.cumsum(distributions(shares), axis=-1)[..., :-1], 1.0)
    return found
