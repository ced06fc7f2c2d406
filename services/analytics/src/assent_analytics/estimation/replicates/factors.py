"""What replicate weights multiply the weights by: one factor for each sampling unit and replicate.

A factor belongs to a sampling unit, not to a row, and so a design of 100,000 rows keeps a table of its few hundred units. Columns
are expanded to rows only when a statistic asks for them, one by one. The jackknife needs no table at all: a replicate leaves one
unit out and weights up those that it is pooled with.

Not here: scales, which say how the spread of replicates becomes a variance (design).
"""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from scipy.linalg import qr

from assent_analytics.estimation.arrays import Bools, Codes, Floats
from assent_analytics.estimation.designs.stages import membership

# Below this part of its length a column counts as a combination of the others; R's `degf` uses the same.
DEPENDENT = 1e-5


@runtime_checkable
class Factors(Protocol):
    """The factors of every unit in every replicate."""

    @property
    def count(self) -> int:
        """How many replicates there are, R."""

    def of(self, replicate: int) -> Floats:
        """The factors of all units in one replicate, (units,)."""

    def totals(self, of_units: Floats) -> Floats:
        """Totals under every replicate, (R, m), from the weighted totals of units, (units, m)."""

    def rank(self, present: Bools) -> int:
        """How many replicates are linearly independent over these units, (units,)."""


@dataclass(frozen=True, slots=True)
class Table:
    """Factors as a table, (units, R)."""

    values: Floats

    @property
    def count(self) -> int:
        """How many replicates there are."""
        return int(self.values.shape[1])

    def of(self, replicate: int) -> Floats:
        """A column of the table."""
        found: Floats = self.values[:, replicate]
        return found

    def totals(self, of_units: Floats) -> Floats:
        """A product of the table and the units' totals."""
        return self.values.T @ of_units

    def rank(self, present: Bools) -> int:
        """Of the rows present, by pivoted QR of columns of length one."""
        rows = self.values[present]
        triangle = np.asarray(np.linalg.qr(rows, mode="r")) if len(rows) > rows.shape[1] else rows
        lengths = np.sqrt((triangle**2).sum(axis=0))
        columns = triangle[:, lengths > 0] / lengths[lengths > 0]
        if columns.size == 0:
            return 0
        diagonal = np.abs(np.diag(qr(columns, mode="r", pivoting=True)[0]))
        return int((diagonal > DEPENDENT).sum())


@dataclass(frozen=True, slots=True)
class LeaveOneOut:
    """Each replicate leaves one unit out and multiplies the others of its pool so that they stand for it too.

    `pool` (units,) says which units stand for one another, a negative one that a unit is never left out; `rise` (units,) is by how
    much the others are multiplied when it is. Where `for_all` (units,) is true the whole sample is the pool.
    """

    pool: Codes
    rise: Floats
    for_all: Bools

    @property
    def left_out(self) -> Codes:
        """The unit that each replicate leaves out, (R,)."""
        return np.flatnonzero(self.pool >= 0)

    @property
    def count(self) -> int:
        """One replicate for each unit that is left out once."""
        return int((self.pool >= 0).sum())

    def of(self, replicate: int) -> Floats:
        """Nought for the unit left out, its rise for its pool, one for the rest."""
        unit = self.left_out[replicate]
        pooled = np.ones(len(self.pool), dtype=bool) if self.for_all[unit] else self.pool == self.pool[unit]
        factors = np.where(pooled, self.rise[unit], 1.0)
        factors[unit] = 0.0
        return factors

    def totals(self, of_units: Floats) -> Floats:
        """The whole, and its change: the pool rises and the unit goes."""
        whole = of_units.sum(axis=0)
        units = self.left_out
        pools = membership(self.pool[units]) @ of_units[units]
        pooled = np.where(self.for_all[units, None], whole, pools[self.pool[units]])
        rise = self.rise[units, None]
        found: Floats = whole + (rise - 1.0) * pooled - rise * of_units[units]
        return found

    def rank(self, present: Bools) -> int:
        """Without a table: units are independent but for one relation between every two pools that are present whole.

        The factors of a unit are those of everybody plus a change that sums to nought over a whole pool; a unit that is never left
        out has no change at all, and so is a whole pool of its own. Units whose pool is the sample have changes that nothing else
        makes up for, as long as there are as many replicates.
        """
        stays = self.pool < 0
        own = ~stays & ~self.for_all
        sizes = np.bincount(self.pool[own], minlength=1)
        here = np.bincount(self.pool[own & present], minlength=len(sizes))
        whole = int(((sizes > 0) & (here == sizes)).sum()) + int((stays & present).sum())
        return min(int(present.sum()) - max(whole - 1, 0), self.count)
