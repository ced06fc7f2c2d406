"""Agreement of two raters on categories: Cohen's kappa, plain and weighted, with its variances; Scott's pi.

All work on the square table of shares whose rows are the first rater's categories and columns the second's.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.arrays import Floats
from assent_analytics.estimation.raters.closeness import Closeness, credit
from assent_analytics.estimation.raters.ratings import beyond_chance, complete_units


@dataclass(frozen=True, slots=True)
class Kappa:
    """Kappa, its variance, its variance if kappa were nought, and z = kappa over the root of the latter; how many units."""

    kappa: float
    variance: float
    null_variance: float
    z: float
    units: int


def rating_table(ratings: ArrayLike) -> Floats:
    """Counts (categories, categories) of the units (n, 2) that both rated; the categories are those that occur."""
    found = complete_units(ratings)
    if found.shape[1] != 2:
        raise CannotEstimate("bad_shape", f"two raters, not {found.shape[1]}")
    categories, codes = np.unique(found, return_inverse=True)
    pairs = codes.reshape(found.shape)
    number = len(categories)
    counts = np.bincount(pairs[:, 0] * number + pairs[:, 1], minlength=number**2)
    return counts.reshape(number, number).astype(np.float64)


def cohen_kappa(table: ArrayLike, *, closeness: Closeness = "exact") -> Kappa:
    """Kappa of a square table of counts (Cohen 1960; weighted: Cohen 1968; variances: Fleiss, Cohen and Everitt 1969).

    `linear` and `quadratic` count how many places of the order two ratings lie apart. R: `irr::kappa2(x, "unweighted" | "equal" |
    "squared")` for kappa and z, `psych::cohen.kappa` for the plain variance (its weighted kappa is `quadratic`; its variance of that is
    several times too large, for it takes sums of the weights where the formula has their means over the other rater's margin).
    Raises CannotEstimate `bad_shape`, `bad_value`, `no_rows`, `bad_setting`, `constant_column`.
    """
    counts = _square(table)
    shares, weights = counts / counts.sum(), credit(len(counts), closeness)
    rows, columns = shares.sum(axis=1), shares.sum(axis=0)
    chance = np.outer(rows, columns)
    observed, expected = float((weights * shares).sum()), float((weights * chance).sum())
    kappa = beyond_chance(observed, expected)
    margin = (weights @ columns)[:, None] + (weights.T @ rows)[None, :]
    scale = counts.sum() * (1 - expected) ** 2
    spread = (shares * (weights - margin * (1 - kappa)) ** 2).sum() - (kappa - expected * (1 - kappa)) ** 2
    null = ((chance * (weights - margin) ** 2).sum() - expected**2) / scale
    z = kappa / np.sqrt(null) if null > 0 else np.copysign(np.inf, kappa) if kappa else 0.0
    return Kappa(kappa, float(max(spread, 0.0) / scale), float(max(null, 0.0)), float(z), int(counts.sum()))


def scott_pi(table: ArrayLike) -> float:
    """Scott's (1955) pi: chance from the two raters' margins taken together. Raises as `cohen_kappa`."""
    counts = _square(table)
    shares = counts / counts.sum()
    margin = (shares.sum(axis=0) + shares.sum(axis=1)) / 2
    return beyond_chance(float(np.trace(shares)), float((margin**2).sum()))


def _square(table: ArrayLike) -> Floats:
    counts = np.asarray(table, dtype=float)
    if counts.ndim != 2 or counts.shape[0] != counts.shape[1]:
        raise CannotEstimate("bad_shape", f"two raters' table is square, not {counts.shape}")
    if not np.isfinite(counts).all() or (counts < 0).any():
        raise CannotEstimate("bad_value", "a count is negative or not a number")
    if not counts.sum() > 0:
        raise CannotEstimate("no_rows", "there is no unit that both rated")
    return counts
