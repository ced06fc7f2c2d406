"""Rotations of factor loadings (k, m): varimax, which keeps factors uncorrelated, and oblimin, which lets them correlate.

Both leave the fit as it is; they choose the axes that are easiest to read.
"""

from dataclasses import dataclass

import numpy as np

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.arrays import Floats

MOST_STEPS = 5000


@dataclass(frozen=True, slots=True)
class Rotated:
    """Loadings (k, m) and the correlations of the factors (m, m)."""

    loadings: Floats
    factor_correlations: Floats


def varimax(loadings: Floats, *, tolerance: float = 1e-12) -> Rotated:
    """Kaiser's (1958) varimax with rows scaled to length 1, by repeated singular value decompositions (Horst 1965).

    R: `varimax(L)`, which stops at a relative change of 1e-5: compare at 1e-4. Raises CannotEstimate `no_convergence`.
    """
    rows, factors = loadings.shape
    if factors < 2:
        return Rotated(loadings.copy(), np.eye(factors))
    scale = _lengths(loadings)
    scaled, turn, before = loadings / scale, np.eye(factors), 0.0
    for _ in range(MOST_STEPS):
        now = scaled @ turn
        left, sizes, right = np.linalg.svd(scaled.T @ (now**3 - now * (now**2).sum(axis=0) / rows))
        turn = left @ right
        if sizes.sum() <= before * (1 + tolerance):
            return Rotated((scaled @ turn) * scale, np.eye(factors))
        before = float(sizes.sum())
    raise CannotEstimate("no_convergence", f"varimax did not settle in {MOST_STEPS} steps")


def oblimin(loadings: Floats, *, tolerance: float = 1e-9) -> Rotated:
    """Direct quartimin (oblimin with gamma 0; Jennrich and Sampson 1966) by gradient projection (Jennrich 2002), rows not scaled.

    The criterion is a quarter of the sum of products of squared loadings over pairs of factors. R: `GPArotation::oblimin(L)`.
    Raises CannotEstimate `no_convergence`.
    """
    factors = loadings.shape[1]
    if factors < 2:
        return Rotated(loadings.copy(), np.eye(factors))
    others = 1.0 - np.eye(factors)

    def at(axes: Floats) -> tuple[float, Floats]:
        """The criterion and its gradient in the axes (m, m), whose columns have length 1."""
        back = np.linalg.inv(axes)
        turned = loadings @ back.T
        crossed = turned**2 @ others
        return float((turned**2 * crossed).sum() / 4), -(turned.T @ (turned * crossed) @ back).T

    axes, step = np.eye(factors), 1.0
    value, gradient = at(axes)
    for _ in range(MOST_STEPS):
        along = gradient - axes * (axes * gradient).sum(axis=0)
        steepness = float((along**2).sum())
        if np.sqrt(steepness) < tolerance:
            return Rotated(loadings @ np.linalg.inv(axes).T, axes.T @ axes)
        step *= 2
        while True:
            moved = axes - step * along
            moved /= np.sqrt((moved**2).sum(axis=0))
            new_value, new_gradient = at(moved)
            if value - new_value > 0.5 * steepness * step or step * steepness < 1e-18:
                break
            step /= 2
        axes, value, gradient = moved, new_value, new_gradient
    raise CannotEstimate("no_convergence", f"oblimin did not settle in {MOST_STEPS} steps")


def _lengths(loadings: Floats) -> Floats:
    found: Floats = np.sqrt((loadings**2).sum(axis=1, keepdims=True))
    return np.where(found > 0, found, 1.0)
