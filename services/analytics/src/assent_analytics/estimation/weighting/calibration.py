"""Calibration: new weights that reproduce known totals and stay as near to the old ones as these allow (Deville and Särndal 1992).

The weights are w = d F(x'λ / v), with F by the distance; λ solves Σ w x = t by Newton's method, whose step is halved until it is of
use. Redundant totals take no part: the step is the shortest one that serves. It equals R's `calibrate` with `calfun`, `bounds`,
`variance`, `aggregate.stage` and `trim`.

Not here: calibration within each cluster (R's `stage`), and raking by proportional fitting, faster where all totals are margins.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.arrays import Floats
from assent_analytics.estimation.designs.design import usable_weights
from assent_analytics.estimation.weighting.adjustments import RegressionResidual
from assent_analytics.estimation.weighting.auxiliaries import Auxiliaries
from assent_analytics.estimation.weighting.diagnostics import diagnose, worst
from assent_analytics.estimation.weighting.distances import Distance, Name
from assent_analytics.estimation.weighting.reweighted import Reweighted
from assent_analytics.estimation.weighting.trimming import trim_factors

FAR_OFF = 20.0
"""Weights are first brought near the totals when every total is more than this many times its sum in the sample, as R does."""

MOST_HALVINGS = 20
MOST_STALLS = 5
"""Steps in a row that brought nothing, after which there is no hope."""

CONTRADICTION = 1e-6
"""How far totals of redundant columns may be from what the other totals imply, as a share of them."""

Bounds = tuple[ArrayLike, ArrayLike]


@dataclass(frozen=True, slots=True)
class _Point:
    """Where Newton's method is: λ (p,), factors and their slopes (n,), and what is lacking of each total (p,)."""

    multipliers: Floats
    factors: Floats
    slopes: Floats
    lacking: Floats

    @property
    def usable(self) -> bool:
        """Whether everything is a number."""
        return bool(np.isfinite(self.factors).all() and np.isfinite(self.slopes).all())


def calibrate(
    weights: Floats,
    known: Auxiliaries,
    *,
    distance: Name = "linear",
    bounds: Bounds | None = None,
    weight_bounds: Bounds | None = None,
    variance: ArrayLike | None = None,
    clusters: NDArray[np.int64] | None = None,
    trim: tuple[float, float] | None = None,
    tolerance: float = 1e-10,
    most_steps: int = 100,
) -> Reweighted:
    """Calibrate weights (n,) to totals. R: `calibrate(design, formula, population, calfun, bounds, variance, aggregate.stage)`.

    `bounds` are on the factors new / old, `weight_bounds` on the new weights (R: `bounds.const`), numbers or one a row. `variance`
    says how the spread of what is predicted grows: (n,), or (p,) coefficients of the columns; rows of large spread move less.
    `clusters` (n,) gives all rows of a cluster one factor (R: `aggregate.stage`); where old weights differ within a cluster the totals
    are then met only nearly. So they are with `trim`, which cuts the fitted factors and shares what is cut, once. The diagnostics tell
    the misfit. `tolerance` is on |Σ w x - t| / (1 + |t|).

    Raises CannotEstimate: `contradictory_margins` naming the total, `no_convergence` naming the worst (bounds too tight, mostly),
    `bad_bounds`, `bad_variance`, and what is said of bad weights by `usable_weights`.
    """
    before = usable_weights(weights, len(known.matrix))
    spread = _spread(variance, known.matrix)
    matrix, fitted = known.matrix, before
    if clusters is not None:
        matrix, fitted, spread = _averages(matrix, clusters), _average(before, clusters), _average(spread, clusters)
    problem = _Problem(matrix, fitted, spread, known, Distance(distance, *_factor_bounds(bounds, weight_bounds, before)))
    point, steps = problem.solve(tolerance, most_steps)
    factors = point.factors * problem.rescaled
    trimmed = 0
    if trim is not None:
        factors, trimmed = trim_factors(factors, fitted, lower=trim[0], upper=trim[1])
    after = before * factors
    misfit, at = worst(known.matrix.T @ after, known.totals)
    # R leaves the variance function out of the residual unless the fit is linear and without bounds.
    residual_spread = spread if distance == "linear" and bounds is None and weight_bounds is None else np.ones_like(spread)
    return Reweighted(
        after,
        RegressionResidual(matrix, fitted, fitted * factors, residual_spread),
        diagnose(
            before,
            after,
            iterations=steps,
            largest_misfit=misfit,
            at=known.names[at],
            trimmed=trimmed,
            redundant=problem.redundant,
            rescaled=problem.rescaled,
        ),
    )


class _Problem:
    """The equations Σ d F(x'λ / v) x = t, in columns that are scaled to like size."""

    def __init__(self, matrix: Floats, weights: Floats, spread: Floats, known: Auxiliaries, distance: Distance) -> None:
        self.matrix, self.spread, self.known, self.distance = matrix, spread, known, distance
        self.rescaled = _rescaling(matrix.T @ weights, known.totals, distance)
        self.weights = weights * self.rescaled
        lengths = np.sqrt(self.weights @ matrix**2)
        self.scale = np.where(lengths > 0, lengths, 1.0)
        self.redundant = 0
        self._require_possible(lengths)

    def solve(self, tolerance: float, most_steps: int) -> tuple[_Point, int]:
        """λ, and how many steps it took. Raises CannotEstimate `no_convergence`."""
        now = self._at(np.zeros(self.matrix.shape[1]))
        steps = stalled = 0
        while steps < most_steps and stalled < MOST_STALLS:
            before, now = now, self._step(now)
            steps += 1
            if self._misfits(now).max() < tolerance:
                return now, steps
            stalled = stalled + 1 if self._lack(now) >= self._lack(before) else 0
        place = int(self._misfits(now).argmax())
        raise CannotEstimate(
            "no_convergence",
            f"after {steps} steps the total of {self.known.names[place]} is still off by {self._misfits(now)[place]:.2g} of itself: "
            "the bounds may be too tight for these totals",
        )

    def _step(self, now: _Point) -> _Point:
        """One step of Newton's, halved until all factors are numbers and less is lacking than before."""
        scaled = self.matrix / self.scale
        slope = (self.weights * now.slopes / self.spread)[:, None]
        step = np.linalg.pinv(scaled.T @ (slope * scaled), rcond=1e-12, hermitian=True) @ (now.lacking / self.scale) / self.scale
        size = 1.0
        found = self._at(now.multipliers + step)
        best = found
        for _ in range(MOST_HALVINGS):
            if found.usable and self._lack(found) < self._lack(now):
                return found
            size /= 2.0
            found = self._at(now.multipliers + size * step)
            if found.usable and (not best.usable or self._lack(found) < self._lack(best)):
                best = found
        return best if best.usable else now

    def _at(self, multipliers: Floats) -> _Point:
        factors, slopes = self.distance.factors(self.matrix @ multipliers / self.spread)
        with np.errstate(over="ignore", invalid="ignore"):  # factors without end are found by `usable`
            lacking = self.known.totals - self.matrix.T @ (self.weights * factors)
        return _Point(multipliers, factors, slopes, lacking)

    def _misfits(self, point: _Point) -> Floats:
        found: Floats = np.abs(point.lacking) / (1.0 + np.abs(self.known.totals))
        return found

    def _lack(self, point: _Point) -> float:
        with np.errstate(over="ignore"):  # more than any number is lacking then
            return float(np.linalg.norm(point.lacking / self.scale))

    def _require_possible(self, lengths: Floats) -> None:
        """Totals of columns that others imply must be what the others imply. Raises CannotEstimate `contradictory_margins`."""
        scaled = self.matrix / self.scale
        sizes, directions = np.linalg.eigh(scaled.T @ (self.weights[:, None] * scaled))
        null = directions[:, sizes < 1e-12 * max(sizes.max(), 1e-300)]
        self.redundant = null.shape[1]
        wanted = self.known.totals / self.scale
        for direction in null.T:
            if abs(direction @ wanted) > CONTRADICTION * max(float(np.abs(direction * wanted).max()), 1e-300):
                place = int(np.abs(direction).argmax())
                raise CannotEstimate(
                    "contradictory_margins" if lengths[place] > 0 else "empty_cell",
                    f"{self.known.names[place]}: its total of {self.known.totals[place]:.12g} "
                    + ("contradicts the other totals" if lengths[place] > 0 else "has nobody in the sample"),
                )


def _rescaling(achieved: Floats, wanted: Floats, distance: Distance) -> float:
    """The factor that brings weights near the totals first, 1 where they are near or where the solution does not depend on it."""
    free = distance.name == "linear" and np.all(np.isneginf(distance.lower)) and np.all(np.isposinf(distance.upper))
    if free or (achieved == 0).any():
        return 1.0
    ratios = wanted / achieved
    return float(ratios.mean()) if ratios.min() > FAR_OFF else 1.0


def _factor_bounds(bounds: Bounds | None, weight_bounds: Bounds | None, weights: Floats) -> tuple[Floats | float, Floats | float]:
    """Bounds of factors: numbers, or (n,) each."""
    if bounds is not None and weight_bounds is not None:
        raise CannotEstimate("bad_bounds", "bounds are on factors or on weights, not on both")
    lower, upper = bounds or weight_bounds or (-np.inf, np.inf)
    scale = np.where(weights > 0, weights, 1.0) if weight_bounds is not None else 1.0
    low, high = np.asarray(lower, dtype=float) / scale, np.asarray(upper, dtype=float) / scale
    return (float(low) if low.ndim == 0 else low), (float(high) if high.ndim == 0 else high)


def _spread(variance: ArrayLike | None, matrix: Floats) -> Floats:
    """The variance of each row's residual up to a factor, (n,)."""
    if variance is None:
        return np.ones(len(matrix))
    given = np.asarray(variance, dtype=float)
    if given.shape not in ((len(matrix),), (matrix.shape[1],)):
        raise CannotEstimate("bad_variance", f"a variance of shape {given.shape} for a matrix of shape {matrix.shape}")
    found: Floats = given if len(given) == len(matrix) else matrix @ given
    if not (np.isfinite(found).all() and (found > 0).all()):
        raise CannotEstimate("bad_variance", "the variance of some row is not a positive number")
    return found


def _average(values: Floats, clusters: NDArray[np.int64]) -> Floats:
    """Each row's mean within its cluster, (n,)."""
    cluster = np.unique(clusters, return_inverse=True)[1]
    means: Floats = (np.bincount(cluster, weights=values) / np.bincount(cluster))[cluster]
    return means


def _averages(matrix: Floats, clusters: NDArray[np.int64]) -> Floats:
    return np.column_stack([_average(column, clusters) for column in matrix.T])
