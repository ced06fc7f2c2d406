"""Weighted tables: how many people of the population each combination of categories stands for. R: `svytable`.

Not here: tests of a table (`hypothesis_tests.tables`), and hiding small cells, which comes after.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.arrays import Bools, Floats, Labels
from assent_analytics.estimation.columns import one_domain
from assent_analytics.estimation.estimate import Plan


@dataclass(frozen=True, slots=True)
class WeightedTable:
    """Weighted `counts` and unweighted `bases`, one axis a variable; `levels` names the categories of each axis."""

    counts: Floats
    bases: NDArray[np.int64]
    levels: tuple[tuple[Any, ...], ...]

    @property
    def shares(self) -> Floats:
        """The share of each cell of everybody in the table."""
        found: Floats = self.counts / self.counts.sum()
        return found


def weighted_table(plan: Plan, *variables: Labels, within: Bools | None = None) -> WeightedTable:
    """The weighted table of one or more variables (n,) over the rows of `within` (n,).

    Raises CannotEstimate `bad_shape`, and `all_missing` when the weights in the table sum to nought.
    """
    arrays = [np.asarray(variable) for variable in variables]
    known = one_domain(within, plan.rows)
    if not arrays or any(array.shape != (plan.rows,) for array in arrays):
        raise CannotEstimate("bad_shape", f"a table needs variables of {plan.rows} rows")
    levels, codes = zip(*(np.unique(array[known], return_inverse=True) for array in arrays), strict=True)
    shape = tuple(len(level) for level in levels)
    if plan.weights[known].sum() <= 0.0:
        raise CannotEstimate("all_missing", "nobody is in the table")
    cell = np.ravel_multi_index(tuple(codes), shape)
    counts = np.asarray(np.bincount(cell, plan.weights[known], int(np.prod(shape))).reshape(shape), dtype=float)
    bases = np.bincount(cell[plan.weights[known] != 0], minlength=int(np.prod(shape))).reshape(shape)
    return WeightedTable(counts, bases, tuple(tuple(level.tolist()) for level in levels))
