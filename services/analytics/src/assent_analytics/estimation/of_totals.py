"""Statistics that are a function of weighted totals, such as ratios, shares and indices of a distribution.

Written so, a statistic is found for all replicates at once: replicate totals are a product of small matrices, and the rows are
summed only once. Its linearised variance follows from the slopes of the function at the totals (the delta method: Särndal, Swensson
and Wretman, Model Assisted Survey Sampling, 1992, §5.5). Not here: which function, and the design.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeAlias, runtime_checkable

import numpy as np
from scipy.sparse import csr_array

from assent_analytics.estimation.arrays import Floats
from assent_analytics.estimation.estimate import Linearised

# The step of numerical slopes, relative to the largest total: the cube root of the precision, as central differences want it.
STEP = 6e-6

Columns: TypeAlias = Floats | csr_array
"""What is summed, (n, m)."""


@runtime_checkable
class AllAtOnce(Protocol):
    """A statistic that can be found for many sets of weights together, because it needs only totals."""

    def under(self, totals: Callable[[Columns], Floats]) -> Floats:
        """The estimates (b, k) for b sets of weights, of which `totals` gives the weighted totals of columns, (n, m) -> (b, m).

        Not a number where a set allows no estimate: it never raises for one set among many.
        """


@dataclass(frozen=True, slots=True)
class OfTotals:
    """A statistic: `columns` (n, m), whose weighted totals the `function` turns into estimates, (b, m) -> (b, k) for b sets of
    weights.

    The function gives not-a-number where totals allow no estimate; it never raises for a single set of weights among many.
    """

    columns: Columns
    function: Callable[[Floats], Floats]

    def __call__(self, weights: Floats) -> Linearised:
        """The estimates at these weights, and their influence values by numerical slopes."""
        totals = np.asarray(weights @ self.columns)

        def influence() -> Floats:
            found: Floats = weights[:, None] * np.asarray(self.columns @ self.slopes(totals).T)
            return found

        return Linearised(self.function(totals[None, :])[0], influence)

    def under(self, totals: Callable[[Columns], Floats]) -> Floats:
        """The estimates for many sets of weights at once; see `AllAtOnce`."""
        return self.function(totals(self.columns))

    def slopes(self, totals: Floats) -> Floats:
        """How each estimate moves with each total, (k, m), by central differences."""
        step = STEP * max(float(np.abs(totals).max()), 1e-300)
        steps = step * np.eye(len(totals))
        found: Floats = ((self.function(totals + steps) - self.function(totals - steps)) / (2.0 * step)).T
        return found


def over(above: Floats, below: Floats, empty: float = np.nan) -> Floats:
    """Totals over totals, of shapes that go together; `empty` where there is nothing to divide by."""
    shape = np.broadcast_shapes(above.shape, below.shape)
    ratios: Floats = np.divide(above, below, out=np.full(shape, empty), where=np.broadcast_to(below != 0.0, shape))
    return ratios
