"""Polychoric correlations: the correlation of the normal variables that ordered answers are thought to cut into categories.

Two steps (Olsson 1979): thresholds from each item's own shares, then the correlation that maximises the likelihood of the two-way
table. Tables may hold weights. Not here: standard errors (take replicate weights), and tests of the normal assumption.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize_scalar
from scipy.special import ndtr, ndtri, owens_t

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.arrays import Floats
from assent_analytics.estimation.designs.design import usable_weights
from assent_analytics.estimation.scales.correlations import complete_rows, item_matrix

TINIEST = 1e-300
R_STOPS_AT = 2.0**-13
"""The tolerance of R's `optimize`, the fourth root of the machine's: what R reports is some 1e-5 away from the likeliest correlation."""


@dataclass(frozen=True, slots=True)
class Polychoric:
    """Correlations (k, k), the thresholds of each item, and whether the matrix is positive definite, which pairs need not give."""

    correlations: Floats
    thresholds: tuple[Floats, ...]
    positive_definite: bool


def polychoric(answers: ArrayLike, weights: ArrayLike | None = None, *, tolerance: float = R_STOPS_AT) -> Polychoric:
    """Polychoric correlations of ordered answers (n, k) over the complete rows, with weights (n,) if given.

    R: `psych::polychoric(na.omit(x))`. The search is R's (Brent's, over [-1, 1]) and by default stops where R's does, so that who
    recomputes finds the same digits; a smaller `tolerance` comes closer to the likeliest correlation, at some 1e-5 from R. Where items
    have different numbers of answers R adds half a person to empty cells; this does not.
    Raises CannotEstimate: those of `item_matrix`; `no_rows`; of `usable_weights`; `perfect_association` when the likelihood
    of a pair has its top at a correlation of 1.
    """
    items = item_matrix(answers)
    heard = complete_rows(items)
    heavy = np.ones(len(items)) if weights is None else usable_weights(weights, len(items))
    heard &= heavy > 0
    item_matrix(items[heard])
    coded = [np.unique(column, return_inverse=True)[1] for column in items[heard].T]
    thresholds = tuple(_thresholds(codes, heavy[heard]) for codes in coded)
    number = len(coded)
    found = np.eye(number)
    for one in range(number):
        for other in range(one):
            table = two_way(coded[one], coded[other], heavy[heard])
            found[one, other] = found[other, one] = pair_correlation(table, thresholds[one], thresholds[other], tolerance=tolerance)
    return Polychoric(found, thresholds, bool(np.linalg.eigvalsh(found)[0] > 0))


def two_way(rows: NDArray[np.int64], columns: NDArray[np.int64], weights: Floats) -> Floats:
    """The weighted table of two sets of codes from 0."""
    height, width = int(rows.max()) + 1, int(columns.max()) + 1
    found = np.bincount(rows * width + columns, weights=weights, minlength=height * width)
    return found.astype(np.float64).reshape(height, width)


def pair_correlation(table: Floats, row_thresholds: Floats, column_thresholds: Floats, *, tolerance: float = R_STOPS_AT) -> float:
    """The correlation that makes a two-way table likeliest, thresholds given. Raises CannotEstimate `perfect_association`."""
    grid_rows, grid_columns = np.meshgrid(_bounded(row_thresholds), _bounded(column_thresholds), indexing="ij")
    shares = table / table.sum()
    filled = shares > 0

    def unlikeliness(rho: float) -> float:
        cells = np.diff(np.diff(bivariate_normal(grid_rows, grid_columns, rho), axis=0), axis=1)
        return float(-(shares[filled] * np.log(np.maximum(cells[filled], TINIEST))).sum())

    found = float(minimize_scalar(unlikeliness, bounds=(-1, 1), method="bounded", options={"xatol": tolerance}).x)
    if abs(found) > 1 - 10 * max(tolerance, 1e-9):
        raise CannotEstimate(
            "perfect_association", "one item's answers settle another's: their correlation has no estimate below 1"
        )
    return found


def bivariate_normal(first: Floats, second: Floats, rho: float) -> Floats:
    """P(X < first, Y < second) of standard normals with correlation rho, through Owen's T function (Owen 1956)."""
    away = 1e-100  # a threshold of nought is approached from above, where the formula is continuous
    one, other = np.where(first == 0, away, first), np.where(second == 0, away, second)
    root = np.sqrt((1 - rho) * (1 + rho))
    across = owens_t(one, (other - rho * one) / (one * root)) + owens_t(other, (one - rho * other) / (other * root))
    found: Floats = 0.5 * (ndtr(one) + ndtr(other)) - across - np.where(one * other < 0, 0.5, 0.0)
    return found


def _thresholds(codes: NDArray[np.int64], weights: Floats) -> Floats:
    shares = np.bincount(codes, weights=weights)
    found: Floats = ndtri(np.cumsum(shares)[:-1] / shares.sum())
    return found


def _bounded(thresholds: Floats) -> Floats:
    """With ends so far out that nothing lies beyond them: an infinite one would turn the formula into NaN."""
    return np.concatenate([[-100.0], thresholds, [100.0]])
