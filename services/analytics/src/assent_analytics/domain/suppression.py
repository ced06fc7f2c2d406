"""Which cells of a table of counts may be shown with their margins, so that no small count can be read or worked out.

Low is a count of people under the threshold, nought included, and one whose complement within a margin is low, so that a percentage or
"all of them" tells no more than a count. Low cells are hidden (primary). Others are hidden with them (secondary), as few people's worth
as possible, until the audit proves that no low cell can be placed within a range narrower than the threshold, and no hidden cell can be
worked out exactly. Totals are never recomputed from what is left, for the difference to the true total would tell.

A cell is hidden with its whole row of facts: share, interval, base, weighted total; a standard error gives the count back. Not here:
tables of support by group with directions (disclosure); differences between releases (differencing).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from assent_analytics.domain.audit import Knowledge
from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.domain.withholding import Bools, Choice, Fact, Guarded, cheapest

Floats = NDArray[np.float64]
Parents = Mapping[int, Sequence[Sequence[int]]]
"""Of an axis, groups of its categories that have subtotals of their own."""

THRESHOLD = 10


@dataclass(frozen=True, slots=True)
class Suppressed:
    """What may be shown of a table, arrays over its cells and margins: each axis has its categories, its parents, and last the total.

    `low` and `high` are what a reader can deduce of each cell; for a cell that is shown both are its count.
    """

    counts: Floats
    shown: Bools
    primary: Bools
    low: Floats
    high: Floats
    method: Literal["none_needed", "optimal", "greedy", "withheld"]

    @property
    def secondary(self) -> Bools:
        """The cells that are hidden for the sake of others."""
        found: Bools = ~self.shown & ~self.primary
        return found

    @property
    def recoverable(self) -> int:
        """How many hidden cells could be worked out exactly: none, or the table must not leave."""
        return int((~self.shown & (self.high - self.low < 1.0 - 1e-6)).sum()) if self.shown.any() else 0


def suppress(counts: NDArray[Any], *, threshold: int = THRESHOLD, parents: Parents | None = None) -> Suppressed:
    """Judge a table of unweighted counts of one to three ways, (a,), (a, b) or (a, b, c), with all its margins.

    `parents` adds subtotals of an axis. Raises CannotEstimate `bad_shape` for anything that is no table of counts.
    """
    table = _Table(np.asarray(counts, dtype=float), threshold, parents or {})
    if table.total < threshold:
        return table.judged(np.zeros(len(table.values), dtype=bool), "withheld")
    thrown = cheapest(table.choice())
    if thrown is not None:
        found = table.judged(~thrown, "optimal" if (thrown & ~table.primary).any() else "none_needed")
        if not table.leaks(found):
            return found
    return table.judged(_greedily(table), "greedy")


def given_away(counts: NDArray[Any], shown: Bools, *, parents: Parents | None = None) -> Bools:
    """Which hidden cells a reader could work out exactly from the cells and margins shown: the audit of somebody else's table."""
    table = _Table(np.asarray(counts, dtype=float), THRESHOLD, parents or {})
    hidden = ~np.asarray(shown, dtype=bool).ravel()
    exact = np.zeros(hidden.shape, dtype=bool)
    exact[hidden] = table.knowledge(~hidden).widths(list(table.rows[hidden])) < 1.0 - 1e-6
    return exact.reshape(table.shape)


def facts_or_mark(facts: Mapping[str, Any], *, shown: bool) -> dict[str, Any]:
    """All that is said of a cell, or only that it is suppressed: an interval or a base would give the count back."""
    return dict(facts) if shown else {"suppressed": True}


def _greedily(table: "_Table") -> Bools:
    """One cell more at a time, the smallest that helps, and at worst all but the total: when the programme finds no answer in time."""
    shown = ~table.primary
    leaking = table.leaking(shown)
    while leaking and shown.any():
        trials = []
        for at in sorted(np.flatnonzero(shown & ~table.is_total), key=lambda cell: table.values[cell]):
            trial = shown.copy()
            trial[at] = False
            trials.append((trial, table.leaking(trial)))
            if trials[-1][1] < leaking:
                break
        if not trials:
            return np.zeros(len(shown), dtype=bool)
        shown, leaking = trials[-1] if trials[-1][1] < leaking else trials[0]
    return shown


class _Table:
    """The cells of a table and its margins as sums of its inner counts: `rows` (cells, inner), `values` (cells,)."""

    def __init__(self, counts: Floats, threshold: int, parents: Parents) -> None:
        if counts.ndim not in (1, 2, 3) or not counts.size or (counts < 0).any() or (counts % 1).any():
            raise CannotEstimate("bad_shape", "a table of counts has one to three ways and holds whole numbers, none negative")
        self.threshold = threshold
        axes = [_positions(size, parents.get(axis, ())) for axis, size in enumerate(counts.shape)]
        self.shape = tuple(len(axis) for axis in axes)
        self.rows = reduce(_crossed, axes)
        self.values: Floats = self.rows @ counts.ravel()
        self.total = float(counts.sum())
        self.is_total = self.rows.all(axis=1)
        self.margins = _margins_of(axes)
        self.primary = self._low() & ~self.is_total

    def choice(self) -> Choice:
        """Every cell but the total may be hidden, at the cost of the people it tells of."""
        hidden = range(len(self.values))
        facts = [Fact(row, float(value), switch=at) for at, (row, value) in enumerate(zip(self.rows, self.values, strict=True))]
        total = int(np.flatnonzero(self.is_total)[0])
        return Choice(
            facts=facts,
            guarded=[Guarded(self.rows[at], self._needed(at), None if self.primary[at] else at) for at in hidden],
            costs=[float(value) + 1.0 for value in self.values],
            people=self.total,
            forced=frozenset(np.flatnonzero(self.primary).tolist()),
            barred=frozenset({total}),
        )

    def knowledge(self, shown: Bools) -> Knowledge:
        """What a reader of these cells knows."""
        rows = np.flatnonzero(shown)
        return Knowledge(self.rows.shape[1], equal=[(self.rows[at], float(self.values[at])) for at in rows])

    def leaking(self, shown: Bools) -> int:
        """How many hidden cells a reader could place too closely."""
        hidden = np.flatnonzero(~shown)
        widths = self.knowledge(shown).widths([self.rows[at] for at in hidden])
        return sum(width < self._needed(int(at)) - 1e-6 for at, width in zip(hidden, widths, strict=True))

    def leaks(self, found: Suppressed) -> bool:
        """Whether some hidden cell lies within too close a range."""
        needed = np.where(self.primary, float(self.threshold), 1.0).reshape(self.shape)
        return bool((~found.shown & (found.high - found.low < needed - 1e-6)).any())

    def judged(self, shown: Bools, method: Literal["none_needed", "optimal", "greedy", "withheld"]) -> Suppressed:
        """The verdict with the audit's ranges."""
        low, high = self.values.copy(), self.values.copy()
        hidden = np.flatnonzero(~shown)
        if shown.any():
            low[hidden], high[hidden] = self.knowledge(shown).ranges([self.rows[at] for at in hidden]).T
        else:
            low[hidden], high[hidden] = 0.0, np.inf
        return Suppressed(
            counts=self.values.reshape(self.shape),
            shown=shown.reshape(self.shape),
            primary=self.primary.reshape(self.shape),
            low=low.reshape(self.shape),
            high=high.reshape(self.shape),
            method=method,
        )

    def _needed(self, at: int) -> float:
        return float(self.threshold) if self.primary[at] else 1.0

    def _low(self) -> Bools:
        """Counts under the threshold, and those whose complement in some margin is; a row or a column of nobody is no secret."""
        low = self.values < self.threshold
        for inner, margin in self.margins:
            low[inner] |= self.values[margin] - self.values[inner] < self.threshold
        found: Bools = low & ~self._of_nobody()
        return found

    def _of_nobody(self) -> Bools:
        """The cells of a category to which nobody belongs; in a table of one way that is what the table tells."""
        nobody = np.zeros(self.shape, dtype=bool)
        if len(self.shape) > 1:
            for axis in range(len(self.shape)):
                alone = tuple(slice(None) if other == axis else -1 for other in range(len(self.shape)))
                empty = self.values.reshape(self.shape)[alone] == 0
                nobody |= empty.reshape([-1 if other == axis else 1 for other in range(len(self.shape))])
        return nobody.ravel()


def _positions(size: int, parents: Sequence[Sequence[int]]) -> Floats:
    """An axis as rows over its categories: each by itself, each parent, and the total."""
    groups = np.zeros((len(parents), size))
    for at, members in enumerate(parents):
        groups[at, list(members)] = 1.0
    return np.vstack([np.eye(size), groups, np.ones(size)])


def _crossed(outer: Floats, inner: Floats) -> Floats:
    """The cells of two ways as rows over the pairs of their categories."""
    return np.kron(outer, inner).astype(float)


def _margins_of(axes: Sequence[Floats]) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """For each axis the cells that are not its total, and the cells that are their margins over it; flat indices."""
    shape = tuple(len(axis) for axis in axes)
    numbered = np.arange(int(np.prod(shape))).reshape(shape)
    pairs = []
    for axis in range(len(axes)):
        inner = np.delete(numbered, -1, axis=axis)
        margin = np.broadcast_to(np.take(numbered, [-1], axis=axis), inner.shape)
        pairs.append((inner.ravel(), margin.ravel()))
    return pairs
