"""What a reader can work out about counts that are not shown: their range, by linear programming.

The reader knows sums of counts (totals, shown cells) and some inequalities, and that no count is negative. The least and the greatest
value of any other sum under these is what they can deduce, whatever their arithmetic. Not here: which sums need protection.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

Row = NDArray[np.float64]


@dataclass(slots=True)
class Knowledge:
    """Linear facts about `size` non-negative counts: rows of coefficients with what they equal, or are at most."""

    size: int
    equal: list[tuple[Row, float]] = field(default_factory=list)
    at_most: list[tuple[Row, float]] = field(default_factory=list)

    def width(self, wanted: Row) -> float:
        """How far apart the least and the greatest possible value of the sum `wanted` (size,) are."""
        return self._extreme(-wanted) + self._extreme(wanted)

    def range(self, wanted: Row) -> tuple[float, float]:
        """The least and the greatest possible value of the sum `wanted` (size,)."""
        return -self._extreme(-wanted), self._extreme(wanted)

    def _extreme(self, wanted: Row) -> float:
        """The greatest possible value; infinite when nothing bounds it."""
        solved = linprog(
            -wanted,
            A_eq=np.array([row for row, _ in self.equal]) if self.equal else None,
            b_eq=[value for _, value in self.equal] if self.equal else None,
            A_ub=np.array([row for row, _ in self.at_most]) if self.at_most else None,
            b_ub=[value for _, value in self.at_most] if self.at_most else None,
            bounds=(0, None),
            method="highs",
        )
        if solved.status == 3:
            return float("inf")
        if not solved.success:
            raise ArithmeticError(f"the audit of a table failed: {solved.message}")
        return -float(solved.fun)
