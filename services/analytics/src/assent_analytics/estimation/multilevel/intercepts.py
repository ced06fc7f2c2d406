"""Random intercepts of one or several crossed groupings, and the linear algebra that mixed models need of them.

With Z the membership of rows in levels and L the standard deviations, the work is to factor A = L Z'WZ L + I (Bates, Mächler, Bolker and
Walker, Fitting linear mixed-effects models using lme4, 2015, §3). The grouping with most levels makes a diagonal block, which is
eliminated first, so that only the levels of the others meet in a dense matrix: a million respondents are fine, two such groupings not.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.sparse import csr_array, hstack

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.arrays import Floats

MOST_DENSE = 3000


@dataclass(frozen=True, slots=True)
class Grouping:
    """A grouping by name: its levels in order, and the level of each row from 0, (n,)."""

    name: str
    levels: tuple[str, ...]
    codes: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Products:
    """Z'WZ in blocks: the diagonal of the largest grouping (a,), its crossings with the others (a, b), and the others (b, b)."""

    diagonal: Floats
    crossed: csr_array
    rest: Floats


@dataclass(frozen=True, slots=True)
class Intercepts:
    """Groupings, the one with most levels first, and the membership of rows in all levels side by side, (n, a + b)."""

    groupings: tuple[Grouping, ...]
    membership: csr_array
    grouping_of_level: NDArray[np.int64]

    def products(self, weights: Floats) -> Products:
        """Z'WZ for weights (n,) of rows."""
        first = len(self.groupings[0].levels)
        largest, others = self.membership[:, :first], self.membership[:, first:]
        heavy = csr_array(others.multiply(weights[:, None]))
        return Products(
            largest.T @ weights, csr_array(largest.T @ heavy), np.asarray((others.T @ heavy).toarray(), dtype=np.float64)
        )

    def scales(self, deviations: Floats) -> Floats:
        """The standard deviation that each level has: one a grouping (g,) -> one a level (a + b,)."""
        found: Floats = deviations[self.grouping_of_level]
        return found


class Penalised:
    """A = L Z'WZ L + I, factored: its log determinant, and solutions of A x = b."""

    def __init__(self, products: Products, scales: Floats) -> None:
        first = len(products.diagonal)
        self._crossed = products.crossed
        self._of_first, self._of_rest = scales[:first], scales[first:]
        self._pivots = products.diagonal * self._of_first**2 + 1.0
        self.log_determinant = float(np.log(self._pivots).sum())
        if len(self._of_rest):
            heavy = csr_array(products.crossed.multiply((self._of_first**2 / self._pivots)[:, None]))
            left = products.rest - (products.crossed.T @ heavy).toarray()
            self._factor = cho_factor(left * np.outer(self._of_rest, self._of_rest) + np.eye(len(left)), lower=True)
            self.log_determinant += 2.0 * float(np.log(np.diag(self._factor[0])).sum())

    def solve(self, right: Floats) -> Floats:
        """x of A x = b for b (a + b,) or (a + b, m)."""
        first = len(self._pivots)
        columns = right.reshape(len(right), -1)
        above, below = columns[:first] / self._pivots[:, None], columns[first:]
        if len(self._of_rest):
            below = cho_solve(self._factor, below - self._of_rest[:, None] * (self._crossed.T @ (self._of_first[:, None] * above)))
            back = self._of_first[:, None] * (self._crossed @ (self._of_rest[:, None] * below))
            above = above - back / self._pivots[:, None]
        found: Floats = np.vstack([above, below]).reshape(right.shape)
        return found


def intercepts(labels: Mapping[str, Sequence[Any] | NDArray[Any]], *, rows: int) -> Intercepts:
    """Intercepts for groupings given as labels (n,) by name.

    Raises CannotEstimate: `bad_shape`; `bad_setting` without a grouping; `one_level` for a grouping of a single level; `too_many_levels`
    when groupings other than the largest have more than 3,000 levels together.
    """
    if not labels:
        raise CannotEstimate("bad_setting", "a mixed model needs at least one grouping")
    found = sorted((_grouping(name, given, rows) for name, given in labels.items()), key=lambda one: -len(one.levels))
    if sum(len(one.levels) for one in found[1:]) > MOST_DENSE:
        raise CannotEstimate("too_many_levels", f"the groupings beside {found[0].name} have more than {MOST_DENSE} levels")
    marks = [csr_array((np.ones(rows), (np.arange(rows), one.codes)), shape=(rows, len(one.levels))) for one in found]
    of_level = np.repeat(np.arange(len(found)), [len(one.levels) for one in found])
    return Intercepts(tuple(found), csr_array(hstack(marks, format="csr")), of_level)


def _grouping(name: str, labels: Sequence[Any] | NDArray[Any], rows: int) -> Grouping:
    given = np.asarray(labels).astype(str)
    if given.shape != (rows,):
        raise CannotEstimate("bad_shape", f"{given.size} labels of {name} for {rows} rows")
    levels, codes = np.unique(given, return_inverse=True)
    if len(levels) < 2:
        raise CannotEstimate("one_level", f"everybody has the same {name}: there is nothing to differ by")
    return Grouping(name, tuple(levels.tolist()), np.asarray(codes, dtype=np.int64))
