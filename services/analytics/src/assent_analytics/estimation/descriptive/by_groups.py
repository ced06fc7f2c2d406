"""Any statistic for each of several groups at once, with the covariance between the groups. R: `svyby(..., covmat = TRUE)`.

Groups are not independent where a cluster or a stratum holds people of several, so the statistics of all groups are stacked and
handed to the design together. For plain means of many items in large collections see `grouped`, which does the same without a
matrix of n rows.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.arrays import Bools, Floats, Labels
from assent_analytics.estimation.estimate import Estimate, Linearised, Plan, Statistic
from assent_analytics.estimation.of_totals import AllAtOnce, Columns


@dataclass(frozen=True, slots=True)
class Groups:
    """Groups that occur: the labels of each, one for every grouping variable, and each row's group (n,), -1 for none."""

    labels: tuple[tuple[Any, ...], ...]
    codes: NDArray[np.int64]

    @property
    def members(self) -> Bools:
        """Who belongs to each group, (n, groups)."""
        found: Bools = self.codes[:, None] == np.arange(len(self.labels))
        return found

    @property
    def names(self) -> tuple[str, ...]:
        """The labels of each group with a dot between them, as R has it."""
        return tuple(".".join(str(label) for label in labels) for labels in self.labels)


def groups_of(*variables: Labels, within: Bools | None = None) -> Groups:
    """The groups that the values (n,) of one or more variables make together, the first variable varying fastest.

    Rows outside `within` (n,), and those where a variable is None or not a number, are of no group. Raises CannotEstimate
    `bad_shape` and, when nobody is left, `all_missing`.
    """
    arrays = [np.asarray(variable) for variable in variables]
    rows = len(arrays[0]) if arrays else 0
    if rows == 0 or any(array.shape != (rows,) for array in arrays):
        raise CannotEstimate("bad_shape", "grouping needs one or more variables with one value a row")
    known = np.ones(rows, dtype=bool) if within is None else np.asarray(within, dtype=bool)
    for array in arrays:
        known = known & ~_missing(array)
    if not known.any():
        raise CannotEstimate("all_missing", "nobody belongs to any group")
    levels, codes = zip(*(np.unique(array[known], return_inverse=True) for array in arrays), strict=True)
    combined = np.ravel_multi_index(tuple(codes)[::-1], tuple(len(level) for level in levels)[::-1])
    occurring, code = np.unique(combined, return_inverse=True)
    places = np.unravel_index(occurring, tuple(len(level) for level in levels)[::-1])[::-1]
    names = [level[place].tolist() for level, place in zip(levels, places, strict=True)]
    labels = tuple(zip(*names, strict=True))
    found = np.full(rows, -1, dtype=np.int64)
    found[known] = code
    return Groups(labels, found)


def by(plan: Plan, statistic: Callable[[Bools], Statistic], groups: Groups, *, names: Sequence[str] = ()) -> Estimate:
    """A statistic of each group: `statistic` makes it from the group's members (n,).

    Estimates come statistic by statistic, and within these group by group, named `group:statistic` as in R. Raises CannotEstimate
    as the statistic does, for instance `all_missing` for a group in which nobody answered.
    """
    members = groups.members
    made = [statistic(members[:, place]) for place in range(members.shape[1])]
    at_once = _needing_totals(made)
    stacked = _StackedTotals(made, at_once) if len(at_once) == len(made) else _Stacked(made)
    labels = [f"{group}:{name}" for name in names for group in groups.names] if names else groups.names
    return plan.estimate(stacked, labels)


@dataclass(frozen=True, slots=True)
class _Stacked:
    """The statistics of all groups as one."""

    made: Sequence[Statistic]

    def __call__(self, weights: Floats) -> Linearised:
        found = [one(weights) for one in self.made]
        estimates = np.column_stack([one.estimates for one in found]).ravel()
        parts = [one.influence for one in found]
        known = [part for part in parts if part is not None]
        if len(known) < len(parts):
            return Linearised(estimates)
        return Linearised(estimates, lambda: _beside([part() for part in known]), _of_all(found))


@dataclass(frozen=True, slots=True)
class _StackedTotals(_Stacked):
    """The same where all of them need only totals."""

    at_once: Sequence[AllAtOnce]

    def under(self, totals: Callable[[Columns], Floats]) -> Floats:
        """For many sets of weights; see `of_totals.AllAtOnce`."""
        found = np.stack([one.under(totals) for one in self.at_once], axis=2)
        return found.reshape(len(found), -1)


def _beside(parts: Sequence[NDArray[Any]]) -> NDArray[Any]:
    """Columns (n, k) of each group, group by group within each column."""
    return np.stack(parts, axis=2).reshape(len(parts[0]), -1)


def _of_all(found: Sequence[Linearised]) -> Bools | None:
    """The domains of all groups, where all of them say theirs."""
    size = len(found[0].estimates)
    said = [one.within for one in found if one.within is not None]
    if len(said) < len(found):
        return None
    columns = [within[:, None] if within.ndim == 1 else within for within in said]
    return _beside([np.broadcast_to(within, (len(within), size)) for within in columns])


def _needing_totals(statistics: Sequence[object]) -> list[AllAtOnce]:
    return [one for one in statistics if isinstance(one, AllAtOnce)]


def _missing(array: NDArray[Any]) -> Bools:
    found = np.zeros(len(array), dtype=bool)
    if array.dtype.kind in "fO":
        found |= array != array  # of all values only not-a-number differs from itself
    if array.dtype.kind == "O":
        found |= np.array([value is None for value in array])
    return found
