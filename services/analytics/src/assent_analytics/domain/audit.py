"""What a reader can work out about counts that are not shown: their range, by linear programming.

The reader knows sums of counts (totals, shown cells) and some inequalities, and that no count is negative. The least and the greatest
value of any other sum under these is what they can deduce, whatever their arithmetic. Not here: which sums need protection.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import csr_array, eye_array, kron

Row = NDArray[np.float64]

AT_A_TIME = 20
"""Sums whose range is sought in one programme: one for each takes longer to set up, and one for all longer to solve."""


@dataclass(slots=True)
class Knowledge:
    """Linear facts about `size` non-negative counts: rows of coefficients with what they equal, or are at most."""

    size: int
    equal: list[tuple[Row, float]] = field(default_factory=list)
    at_most: list[tuple[Row, float]] = field(default_factory=list)

    def ranges(self, wanted: Sequence[Row]) -> NDArray[np.float64]:
        """The least and the greatest possible value of each of the sums `wanted` (k, size), -> (k, 2).

        Raises ArithmeticError when the facts leave a sum without bound or contradict each other: the total must be among them.
        """
        some = [self._ranges(wanted[first : first + AT_A_TIME]) for first in range(0, len(wanted), AT_A_TIME)]
        return np.concatenate(some) if some else np.zeros((0, 2))

    def widths(self, wanted: Sequence[Row]) -> NDArray[np.float64]:
        """How far apart the least and the greatest possible value of each sum are, (k, size) -> (k,). Raises as `ranges` does."""
        found: NDArray[np.float64] = np.diff(self.ranges(wanted), axis=1)[:, 0]
        return found

    def _ranges(self, wanted: Sequence[Row]) -> NDArray[np.float64]:
        """Every sum is made least in one copy of the table and greatest in another; the copies are solved as one programme."""
        aims = np.concatenate([np.asarray(wanted), -np.asarray(wanted)])
        solved = linprog(
            aims.ravel(),
            **self._copies("eq", self.equal, len(aims)),
            **self._copies("ub", self.at_most, len(aims)),
            bounds=(0, None),
            method="highs",
        )
        if not solved.success:
            raise ArithmeticError(f"the audit of a table failed: {solved.message}")
        reached = (aims * solved.x.reshape(aims.shape)).sum(axis=1).reshape(2, -1)
        return np.column_stack([reached[0], -reached[1]])

    def _copies(self, kind: str, facts: list[tuple[Row, float]], copies: int) -> dict[str, object]:
        if not facts:
            return {}
        rows = csr_array(np.array([row for row, _ in facts]))
        values = np.array([value for _, value in facts])
        return {f"A_{kind}": kron(eye_array(copies), rows, format="csr"), f"b_{kind}": np.tile(values, copies)}
