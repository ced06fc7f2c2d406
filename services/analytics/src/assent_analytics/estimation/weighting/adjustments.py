"""What fitting weights to known totals does to a variance: only what the totals do not explain of an estimate still varies.

Two conventions, which agree as the sample grows and differ by half a per cent in samples of a thousand:

- the regression residual (GREG; Deville and Särndal 1992, §3; Särndal, Swensson and Wretman 1992, §6.6), with the weights from
  before the fit. It is our default after every method, and R's after `calibrate()` (`MarginResidual` where the totals are those
  of margins, `RegressionResidual` in general) and after `postStratify()`, where it is the deviation from the means of the cells;
- R's after `rake()` (`AlternatingResidual`): margin by margin, ten times over, less unweighted means within levels.

An influence value holds the weight already. Not here: how weights are fitted, and covariances (design).
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from assent_analytics.estimation.arrays import Floats
from assent_analytics.estimation.of_totals import over
from assent_analytics.estimation.weighting.cells import Cells

SWEEPS = 10
"""How often R's `svyrecvar` goes through the margins."""


@dataclass(frozen=True)
class MarginResidual:
    """The regression residual on the levels of margins: `before` and `after` (n,) are the weights around the fit."""

    cells: Cells
    before: Floats
    after: Floats

    def residual(self, influence: Floats) -> Floats:
        """Influence (n, k) less the part that the margins explain."""
        unfitted = over(self.before, self.after, empty=0.0)
        sums = self.cells.sums(influence * unfitted[:, None])
        share = over(np.ones(self.cells.count), self._root, empty=0.0)[:, None]
        explained = share * (self._basis @ (self._basis.T @ (share * sums)))
        found: Floats = influence - self.after[:, None] * explained[self.cells.cell]
        return found

    @cached_property
    def _root(self) -> Floats:
        found: Floats = np.sqrt(self.cells.sums(self.before))
        return found

    @cached_property
    def _basis(self) -> Floats:
        return orthonormal(self.cells.dummies() * self._root[:, None])


@dataclass(frozen=True)
class AlternatingResidual:
    """R's residual after `rake()`: weights `before` (n,), and `factors` (margins, cells) on them after each step of the last sweep."""

    cells: Cells
    before: Floats
    factors: Floats

    def residual(self, influence: Floats) -> Floats:
        """Influence (n, k) less its means within the levels of each margin in turn, per unit of weight."""
        sums = self.cells.sums(influence * over(np.ones_like(self.before), self.before, empty=0.0)[:, None])
        explained = np.zeros_like(sums)
        for _ in range(SWEEPS):
            for place, factor in enumerate(self.factors):
                taken = self._means(place, sums * over(np.ones_like(factor), factor, empty=0.0)[:, None]) * factor[:, None]
                explained += taken
                sums = sums - self._heads[:, None] * taken
        found: Floats = influence - self.before[:, None] * explained[self.cells.cell]
        return found

    def _means(self, place: int, sums: Floats) -> Floats:
        """Each cell's mean over the rows of its level of one margin: sums (cells, k) -> (cells, k)."""
        heads = self.cells.totals(place, self._heads)
        means = np.column_stack([over(self.cells.totals(place, column), heads, empty=0.0) for column in sums.T])
        found: Floats = means[self.cells.levels[place]]
        return found

    @cached_property
    def _heads(self) -> Floats:
        return self.cells.sums((self.before > 0).astype(float))


@dataclass(frozen=True)
class RegressionResidual:
    """The regression residual on a matrix (n, p): weights `before` and `after` (n,) the fit, `spread` (n,) of what it leaves."""

    matrix: Floats
    before: Floats
    after: Floats
    spread: Floats

    def residual(self, influence: Floats) -> Floats:
        """Influence (n, k) less the part that the auxiliary variables explain."""
        scale = over(self.after, self._root, empty=0.0) * np.sqrt(self.spread)
        standard = influence * over(np.ones_like(scale), scale, empty=0.0)[:, None]
        found: Floats = (standard - self._basis @ (self._basis.T @ standard)) * scale[:, None]
        return found

    @cached_property
    def _root(self) -> Floats:
        found: Floats = np.sqrt(np.maximum(self.before, 0.0))
        return found

    @cached_property
    def _basis(self) -> Floats:
        return orthonormal(self.matrix * (self._root / np.sqrt(self.spread))[:, None])


def orthonormal(columns: Floats) -> Floats:
    """An orthonormal basis of the space that columns (n, p) span, (n, rank); redundant columns add nothing."""
    lengths = np.sqrt((columns**2).sum(axis=0))
    q, r = np.linalg.qr(columns[:, lengths > 0] / lengths[lengths > 0])
    directions, sizes, _ = np.linalg.svd(r)
    rank = int((sizes > 1e-10 * sizes.max(initial=0.0)).sum())
    found: Floats = q @ directions[:, :rank]
    return found
