"""The statistics that tests are built from: shares and totals of the cells of a table, and means of groups.

A row belongs to one cell or to none (a negative code). The code is what lets a million rows be summed by one pass. Not here: tests.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from assent_analytics.domain.codes import distinct
from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.arrays import Bools, Codes, Floats
from assent_analytics.estimation.estimate import NOISE, Estimate, Linearised, Plan, Statistic

MOST_CELLS = 1_000
"""Beyond this, a table's covariance is neither estimated well nor quickly."""

DEPENDENT = 1e-10
"""An eigenvalue of correlations below this is what rounding leaves of none."""


def cell_shares(cell: Codes, cells: int) -> Statistic:
    """The weighted share of each cell, (cells,), among the rows that have one. R: `svymean(~interaction(...), na.rm = TRUE)`."""
    inside = cell >= 0

    def statistic(weights: Floats) -> Linearised:
        totals = _sums(cell, cells, weights)
        everyone = totals.sum()
        shares: Floats = np.divide(totals, everyone, out=np.full(cells, np.nan), where=everyone > 0)

        def influence() -> Floats:
            found = np.where(inside, weights / everyone, 0.0)[:, None] * -shares
            found[inside, cell[inside]] += weights[inside] / everyone
            return found

        return Linearised(shares, influence, inside)

    return statistic


def cell_totals(cell: Codes, cells: int) -> Statistic:
    """The estimated number of people in each cell, (cells,). R: `svytotal(~interaction(...), na.rm = TRUE)`."""

    def statistic(weights: Floats) -> Linearised:
        return Linearised(_sums(cell, cells, weights), lambda: _spread(cell, cells, weights), cell >= 0)

    return statistic


def group_means(values: ArrayLike, group: Codes, groups: int) -> Statistic:
    """The weighted mean of values (n,) in each group, (groups,). R: `svyby(~y, ~group, design, svymean, covmat = TRUE)`."""
    known = np.where(group >= 0, np.asarray(values, dtype=float), 0.0)  # a value that nobody asks for may be missing

    def statistic(weights: Floats) -> Linearised:
        people = _sums(group, groups, weights)
        empty = np.full(groups, np.nan)
        means = np.divide(_sums(group, groups, weights * known), people, out=empty, where=people > 0)

        def influence() -> Floats:
            at = np.maximum(group, 0)
            return _spread(group, groups, weights * (known - means[at]) / people[at])

        return Linearised(means, influence, group >= 0)

    return statistic


def linear(influence: Floats, within: Bools) -> Statistic:
    """The totals of columns (n, k) that hold no weight and are taken as they are, of the people of `within` (n,): for scores found
    once, from the design's own weights.
    """

    def statistic(weights: Floats) -> Linearised:
        totals: Floats = weights @ influence
        return Linearised(totals, lambda: weights[:, None] * influence, within)

    return statistic


def estimated(plan: Plan, statistic: Statistic, names: Sequence[str] = ()) -> Estimate:
    """The plan's estimate. Raises CannotEstimate `empty_group` where a set of replicate weights leaves a group without people."""
    found = plan.estimate(statistic, names)
    if not (np.isfinite(found.estimates).all() and np.isfinite(found.covariance).all()):
        raise CannotEstimate("empty_group", "under some of the weights a group has nobody in it")
    return found


def compressed(codes: Codes, kept: NDArray[np.bool_]) -> tuple[Codes, Codes]:
    """The codes (n,) renumbered from 0 in ascending order, -1 outside `kept`; and the old codes in that order."""
    occurring, numbers = distinct(codes[kept])
    found = np.full(len(codes), -1, dtype=np.int64)
    found[kept] = numbers
    return found, occurring


def require_table(shape: Sequence[int]) -> None:
    """Raises CannotEstimate `one_category` where a code has a single category, and `too_many_cells`."""
    words = " by ".join(map(str, shape))
    if min(shape) < 2:
        raise CannotEstimate("one_category", f"a table of {words} has nothing to compare")
    if np.prod(shape, dtype=float) > MOST_CELLS:
        raise CannotEstimate("too_many_cells", f"a table of {words} has more than {MOST_CELLS} cells: merge categories")


def degrees_of_freedom(plan: Plan, within: NDArray[np.bool_]) -> int:
    """Those of a domain (n,). Raises CannotEstimate `no_degrees_of_freedom`."""
    found = int(plan.domain_degrees_of_freedom(within[:, None])[0])
    if found < 1:
        raise CannotEstimate("no_degrees_of_freedom", "the domain has too few primary sampling units to judge an error by")
    return found


def wald_statistic(values: Floats, covariance: Floats) -> float:
    """values' covariance^-1 values of quantities (k,). Raises CannotEstimate `no_variation`, `singular_covariance`.

    A covariance of a rank below k (fewer sampling units than quantities) is refused: its inverse would be noise.
    """
    scale = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    if not (scale > NOISE * np.abs(values)).all():
        raise CannotEstimate("no_variation", "a quantity to be tested does not vary over the sample")
    correlation = covariance / np.outer(scale, scale)
    if np.linalg.matrix_rank(correlation, tol=DEPENDENT, hermitian=True) < len(values):
        raise CannotEstimate(
            "singular_covariance", f"the {len(values)} quantities to be tested are not estimated independently enough"
        )
    standardised = values / scale
    return float(standardised @ np.linalg.solve(correlation, standardised))


def _sums(code: Codes, codes: int, values: Floats) -> Floats:
    return np.bincount(code + 1, weights=values, minlength=codes + 1)[1:].astype(float)


def _spread(code: Codes, codes: int, values: Floats) -> Floats:
    """Each row's value in the column of its code, (n, codes)."""
    found = np.zeros((len(code), codes))
    inside = np.flatnonzero(code >= 0)
    found[inside, code[inside]] = values[inside]
    return found
