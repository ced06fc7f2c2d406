"""The combinations of levels that occur in a sample, so that what depends on the margins alone is worked out once for each.

A factor that raking puts on a weight, and what margins explain of an influence value, depend on a row's levels only. There are far
fewer combinations than rows: a pass over the rows sums them, and all iterations run over the cells.
"""

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.arrays import Codes, Floats
from assent_analytics.estimation.designs.stages import membership
from assent_analytics.estimation.weighting.margins import Margin, summed

MOST_PER_ROW = 4
"""Combinations are counted in a table of all that could occur, if it has at most so many places for each row; else sorted."""


class Cells:
    """Which cell each row is in, `cell` (n,), and each cell's level of every margin, `levels` (margins, cells)."""

    def __init__(self, margins: Sequence[Margin]) -> None:
        rows = len(margins[0].codes)
        if any(len(one.codes) != rows for one in margins):
            raise CannotEstimate("bad_shape", "the margins have different numbers of rows")
        self.margins = tuple(margins)
        self.cell, self.levels = np.zeros(rows, dtype=np.int64), np.zeros((0, 1), dtype=np.int64)
        for one in margins:
            self._cross(one)

    @property
    def count(self) -> int:
        """How many combinations occur."""
        return self.levels.shape[1]

    def sums(self, values: Floats) -> Floats:
        """Sums of values within cells: (n,) -> (cells,) or (n, k) -> (cells, k)."""
        if values.ndim == 1:
            return summed(self.cell, values, self.count)
        found: Floats = self._to_cells @ values
        return found

    def totals(self, place: int, sums: Floats) -> Floats:
        """Sums within the levels of one margin, from sums within cells (cells,)."""
        return summed(self.levels[place], sums, len(self.margins[place].levels))

    def dummies(self) -> Floats:
        """Noughts and ones of every level of every margin for each cell, (cells, levels of all); redundant on purpose."""
        return np.column_stack([np.eye(len(one.levels))[codes] for one, codes in zip(self.margins, self.levels, strict=True)])

    @cached_property
    def _to_cells(self) -> csr_array:
        return membership(self.cell)

    def _cross(self, one: Margin) -> None:
        width = len(one.levels)
        both = self.cell * width + one.codes
        places = max(self.count, 1) * width
        if places <= MOST_PER_ROW * max(len(both), 1):
            used: Codes = np.flatnonzero(np.bincount(both, minlength=places))
            renumbered: NDArray[np.int64] = np.zeros(places, dtype=np.int64)
            renumbered[used] = np.arange(len(used))
            self.cell = renumbered[both]
        else:
            used, found = np.unique(both, return_inverse=True)
            self.cell = np.asarray(found, dtype=np.int64)
        self.levels = np.vstack([self.levels[:, used // width], used % width])
