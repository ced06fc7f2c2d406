"""Tails of weighted sums of chi-squares: what a Pearson or deviance statistic is under a complex design (Rao and Scott 1984).

The sum is a_1 X_1 + … + a_m X_m, each X one degree of freedom, compared with a fixed number, or, where the a's rest on few degrees
of freedom `denominator`, with that number times an independent chi-square over `denominator`. Three ways to the upper tail:
Satterthwaite's two moments, Kuonen's saddlepoint approximation (1999, Biometrika 86), and numerical integration. R: `pchisqsum` and
`pFsum`.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.special import chdtrc, fdtrc, ndtr

from assent_analytics.domain.errors import CannotEstimate

Floats = NDArray[np.float64]


def satterthwaite(statistic: float, weights: ArrayLike, denominator: float = np.inf) -> float:
    """The tail of the scaled chi-square, or F, that has the same first two moments."""
    sums = _usable(weights)
    scale = float((sums**2).sum() / sums.sum())
    freedom = float(sums.sum() ** 2 / (sums**2).sum())
    if np.isinf(denominator):
        return float(chdtrc(freedom, max(statistic, 0.0) / scale))
    return float(fdtrc(freedom, denominator, max(statistic, 0.0) / (freedom * scale)))


def saddlepoint(statistic: float, weights: ArrayLike, denominator: float = np.inf) -> float:
    """Kuonen's approximation; Satterthwaite's at the mean, where the other is undefined.

    R repeats the denominator's weight as often as it has degrees of freedom, cut to a whole number; so is it here.
    """
    sums = _usable(weights)
    if statistic <= 0.0:
        return 1.0
    coefficients, counts, threshold = _terms(statistic, sums, denominator, repeats=np.floor(denominator + 1e-9))
    point = _saddlepoint_of(coefficients, counts, threshold)
    if abs(point) < 1e-4:
        return satterthwaite(statistic, sums, denominator)
    generating = -0.5 * float(counts @ np.log1p(-2.0 * point * coefficients))
    curvature = 2.0 * float(counts @ (coefficients / (1.0 - 2.0 * point * coefficients)) ** 2)
    root = np.sign(point) * np.sqrt(2.0 * (point * threshold - generating))
    slope = point * np.sqrt(curvature)
    return float(ndtr(-(root + np.log(slope / root) / root)))


def integrated(statistic: float, weights: ArrayLike, denominator: float = np.inf) -> float:
    """The tail itself, to about nine digits, by integrating the moment generating function.

    As Rice (1980, SIAM Journal on Scientific and Statistical Computing 1): the path crosses the real axis between the pole at
    nought and the first branch point, and bends away from the imaginary direction, so that the integrand falls off like a normal
    density. R gives it as `lincom` where CompQuadForm is installed.
    """
    sums = _usable(weights)
    if statistic <= 0.0:
        return 1.0
    coefficients, counts, threshold = _terms(statistic, sums, denominator, repeats=denominator)
    branch = 1.0 / (2.0 * coefficients.max())
    crossing = min(max(_saddlepoint_of(coefficients, counts, threshold), 0.2 * branch), 0.95 * branch)
    bend = 0.5 / branch

    def integrand(height: float) -> float:
        at = crossing + 1j * height + bend * height**2
        exponent = -0.5 * (counts @ np.log(1.0 - 2.0 * at * coefficients)) - at * threshold
        return float((np.exp(exponent) / at * (1.0 - 2.0j * bend * height)).real)

    found, error = quad(integrand, 0.0, np.inf, epsabs=1e-300, epsrel=1e-10, limit=500, full_output=True)[:2]
    if not error <= 1e-5 * abs(found):
        raise CannotEstimate("no_convergence", f"the tail of a sum of {len(sums)} chi-squares at {statistic:g}")
    return float(min(max(found / np.pi, 0.0), 1.0))


def _usable(weights: ArrayLike) -> Floats:
    """The weights that are not nought. Raises CannotEstimate `no_variation` when none is positive."""
    found = np.asarray(weights, dtype=float)
    largest = found.max(initial=0.0)
    if not largest > 0.0:
        raise CannotEstimate("no_variation", "the design shows no variance of what is tested")
    usable: Floats = found[found > 1e-12 * largest]
    return usable


def _terms(statistic: float, sums: Floats, denominator: float, *, repeats: float) -> tuple[Floats, Floats, float]:
    """Coefficients, how many degrees of freedom each has, and the threshold, in units of the largest coefficient."""
    largest = max(sums.max(), statistic / denominator)
    ones = np.ones(len(sums))
    if np.isinf(denominator):
        return sums / largest, ones, statistic / largest
    return np.append(sums, -statistic / denominator) / largest, np.append(ones, repeats), 0.0


def _saddlepoint_of(coefficients: Floats, counts: Floats, threshold: float) -> float:
    """Where the derivative of the cumulant generating function is the threshold."""
    highest = 1.0 / (2.0 * coefficients.max())
    negative = coefficients[coefficients < 0]
    lowest = 1.0 / (2.0 * negative.min()) if len(negative) else -counts.sum() / threshold

    def excess(point: float) -> float:
        return float(counts @ (coefficients / (1.0 - 2.0 * point * coefficients))) - threshold

    margin = 1e-12
    return float(brentq(excess, lowest * (1.0 - margin), highest * (1.0 - margin), xtol=1e-14, rtol=1e-12))
