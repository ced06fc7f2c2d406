"""Raking: iterative proportional fitting of weights to several margins (Deming and Stephan 1940).

Margin by margin, the weights of a level are multiplied so that they sum to its total, until all margins hold at once. The factors
depend on a row's levels alone, so all sweeps run over the combinations of levels that occur.

It ends where `calibrate(distance="raking")` ends too, by another way. Not here: bounds (calibration), and trimming.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.arrays import Floats
from assent_analytics.estimation.designs.design import Adjustment, usable_weights
from assent_analytics.estimation.weighting.adjustments import AlternatingResidual, MarginResidual
from assent_analytics.estimation.weighting.cells import Cells
from assent_analytics.estimation.weighting.diagnostics import diagnose, worst
from assent_analytics.estimation.weighting.margins import Margin, require_agreement, require_members
from assent_analytics.estimation.weighting.reweighted import Reweighted

Residual = Literal["regression", "alternating"]

ONE_PERSON = 1.0
"""R's default epsilon."""


@dataclass(frozen=True, slots=True)
class _Fitted:
    """Factors on the weights of cells after each step of the last sweep, (margins, cells), and how it went."""

    factors: Floats
    sweeps: int
    done: bool


class Raking:
    """Raking to margins, made ready once and then done to any weights: those of a design, or each set of replicate weights.

    It goes on until every level of every margin is met to `tolerance`, relative to 1 + its total. With an `epsilon` it follows R's
    rule instead, `rake(..., control = list(epsilon))`: stop as soon as a sweep moves no cell of the full table by so many people,
    or, when it is below 1, by such a share of all. R's default is `ONE_PERSON`, which leaves the margins unmet by parts in a
    million. `residual` says which convention the variance follows, see `adjustments`: R's after `rake()` is "alternating".
    """

    def __init__(
        self,
        margins: Sequence[Margin],
        *,
        tolerance: float = 1e-10,
        epsilon: float | None = None,
        most_sweeps: int = 1000,
        residual: Residual = "regression",
    ) -> None:
        require_agreement(margins)
        self.cells = Cells(margins)
        self.tolerance, self.epsilon, self.most_sweeps, self.residual = tolerance, epsilon, most_sweeps, residual

    def __call__(self, weights: Floats) -> Floats:
        """The raked weights alone, (n,) -> (n,). Raises as `fit`."""
        return self.fit(weights).weights

    def fit(self, weights: Floats) -> Reweighted:
        """Rake weights (n,). R: `rake(design, sample.margins, population.margins, control)`.

        Raises CannotEstimate: `empty_cell` and `no_target` naming the level, `no_convergence` naming the worst level, and what is
        said of bad weights by `usable_weights`.
        """
        before = usable_weights(weights, len(self.cells.cell))
        sums = self.cells.sums(before)
        for place, one in enumerate(self.cells.margins):
            require_members(one, self.cells.totals(place, sums))
        fitted = self._sweep(sums)
        last = fitted.factors[-1]
        misfit, at = self._misfit(sums * last)
        if not fitted.done:
            raise CannotEstimate(
                "no_convergence",
                f"after {fitted.sweeps} sweeps {at} is off by {misfit:.2g} of its total: the margins cannot all be met",
            )
        after = before * last[self.cells.cell]
        facts = diagnose(before, after, iterations=fitted.sweeps, largest_misfit=misfit, at=at)
        return Reweighted(after, self._adjustment(before, after, fitted.factors), facts)

    def _sweep(self, sums: Floats) -> _Fitted:
        """Go through the margins until the rule says stop: sums of weights in cells (cells,)."""
        now = sums.copy()
        factors = np.ones((len(self.cells.margins), len(sums)))
        sweeps, done = 0, False
        while sweeps < self.most_sweeps and not done:
            start, largest = now, 0.0
            for place, one in enumerate(self.cells.margins):
                achieved = self.cells.totals(place, now)
                largest = max(largest, worst(achieved, one.targets)[0])
                ratio = np.divide(one.targets, achieved, out=np.ones_like(achieved), where=achieved > 0)
                step = ratio[self.cells.levels[place]]
                factors[place] = factors[place - 1] * step
                now = now * step
            sweeps += 1
            done = self._is_done(largest, float(np.abs(now - start).max()), float(sums.sum()))
        return _Fitted(factors, sweeps, done)

    def _is_done(self, misfit: float, moved: float, everybody: float) -> bool:
        if self.epsilon is None:
            return misfit <= self.tolerance
        return moved < (self.epsilon if self.epsilon >= 1.0 else self.epsilon * everybody)

    def _misfit(self, sums: Floats) -> tuple[float, str]:
        """The largest misfit of a level at these sums of cells, relative to 1 + its total, and the level's name."""
        found = []
        for place, one in enumerate(self.cells.margins):
            misfit, level = worst(self.cells.totals(place, sums), one.targets)
            found.append((misfit, one.name(level)))
        return max(found, key=lambda each: each[0])

    def _adjustment(self, before: Floats, after: Floats, factors: Floats) -> Adjustment:
        if self.residual == "alternating":
            return AlternatingResidual(self.cells, before, factors)
        return MarginResidual(self.cells, before, after)


def rake(
    weights: Floats,
    margins: Sequence[Margin],
    *,
    tolerance: float = 1e-10,
    epsilon: float | None = None,
    most_sweeps: int = 1000,
    residual: Residual = "regression",
) -> Reweighted:
    """Rake weights (n,) to margins at once; see `Raking`, which also says what is raised."""
    return Raking(margins, tolerance=tolerance, epsilon=epsilon, most_sweeps=most_sweeps, residual=residual).fit(weights)
