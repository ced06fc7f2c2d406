"""Means and shares of many items by group in large collections, without a matrix of a row per respondent.

Everybody is in one group at most, so all that an item's means need are sums within cells of (sampling unit, group): three passes
over the rows. The figures are those of `mean` with one domain a group; only the order of summing differs. Where a design needs each
row's own influence (later stages that count, calibrated weights, unequal chances, `lonely_domains`) the general way is taken, an
item at a time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.arrays import Floats, too_large
from assent_analytics.estimation.descriptive.means import means
from assent_analytics.estimation.designs.design import Design
from assent_analytics.estimation.of_totals import over

Whole = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class GroupedMeans:
    """Means of one item, (g,), or shares of its categories, (g, c); `bases` (g,) are unweighted, of those who answered.

    `covariance` is (g, g), or (g, c, g, c) for shares. In a group without anybody (`bases` nought) estimates are not numbers and
    covariances nought; `degrees_of_freedom` (g,) are those of each group.
    """

    estimates: Floats
    covariance: Floats
    bases: Whole
    degrees_of_freedom: Whole

    @property
    def standard_errors(self) -> Floats:
        """The square roots of the variances, in the shape of the estimates."""
        size = self.estimates.size
        variances = np.diag(self.covariance.reshape(size, size)).reshape(self.estimates.shape)
        found: Floats = np.sqrt(np.maximum(variances, 0.0))
        return found


class Grouping:
    """A design and the groups of its rows, ready for one item after the other.

    `codes` (n,) are each row's group from 0, negative for none; rows of no weight are of none. Raises CannotEstimate `bad_shape`.
    """

    def __init__(self, design: Design, codes: ArrayLike, groups: int | None = None) -> None:
        found = np.asarray(codes)
        if found.shape != (design.rows,):
            raise CannotEstimate("bad_shape", f"groups of shape {found.shape} for {design.rows} rows")
        self.design = design
        self.groups = int(found.max()) + 1 if groups is None else groups
        self.codes = np.where((found >= 0) & (design.weights != 0.0), found, self.groups).astype(np.intp)
        self._unit = design.layouts[0].unit

    @property
    def direct(self) -> bool:
        """Whether sums within sampling units and groups say all."""
        first = self.design.layouts[0]
        averaged = self.design.lonely == "average" and bool((first.size == 1).any())
        return not (
            len(self.design.contributing) > 1 or self.design.adjustments or self.design.lonely_domains or first.unequal or averaged
        )

    def means(self, values: ArrayLike) -> GroupedMeans:
        """The mean of one item (n,) in each group, over those whose value is a number. Raises CannotEstimate `bad_shape`, `bad_value`."""
        numbers = np.asarray(values, dtype=float)
        if numbers.shape != (self.design.rows,):
            raise CannotEstimate("bad_shape", f"values of shape {numbers.shape} for {self.design.rows} rows")
        if too_large(numbers).any():
            raise CannotEstimate("bad_value", "some values are infinite or too large to reckon with")
        unknown = np.isnan(numbers)
        missing = bool(unknown.any())
        code = np.where(unknown, self.groups, self.codes) if missing else self.codes
        kept = np.where(unknown, 0.0, numbers) if missing else numbers
        bases = np.bincount(code, minlength=self.groups + 1)[: self.groups]
        if not self.direct:
            return self._in_general(kept[:, None], code, bases, shape=())
        if self.design.layouts[0].identity:
            return self._of_rows(kept, code, bases)
        cell = self._unit * (self.groups + 1) + code if missing else self._cell
        people, weights = (self._table(cell, 1, of) for of in (None, self.design.weights))
        return self._of_units(self._table(cell, 1, self.design.weights * kept), weights, people, shape=())

    def shares(self, answers: ArrayLike, categories: int) -> GroupedMeans:
        """The share of each category in each group, for answers (n,) coded from 0 to `categories` - 1; other codes are no answer.

        Raises CannotEstimate `bad_shape`.
        """
        answer = np.asarray(answers)
        if answer.shape != (self.design.rows,):
            raise CannotEstimate("bad_shape", f"answers of shape {answer.shape} for {self.design.rows} rows")
        known = (answer >= 0) & (answer < categories)
        code = self.codes if known.all() else np.where(known, self.codes, self.groups)
        bases = np.bincount(code, minlength=self.groups + 1)[: self.groups]
        if not self.direct:
            return self._in_general((answer[:, None] == np.arange(categories)).astype(float), code, bases, shape=(categories,))
        if self.design.layouts[0].identity:
            return self._shares_of_rows(np.where(known, answer, 0), code, bases, categories)
        cell = (self._unit * (self.groups + 1) + code) * categories + np.where(known, answer, 0)
        people, weights = (self._table(cell, categories, of) for of in (None, self.design.weights))
        return self._of_units(weights, weights.sum(axis=2, keepdims=True), people.sum(axis=2, keepdims=True), shape=(categories,))

    @cached_property
    def _cell(self) -> NDArray[np.intp]:
        """Each row's cell when everybody answered."""
        return self._unit * (self.groups + 1) + self.codes

    def _table(self, cell: NDArray[np.intp], categories: int, weights: Floats | None) -> Floats:
        """Sums within cells, (units, groups, categories), without those of no group."""
        units = self.design.layouts[0].units
        found = _sums(cell, weights, units * (self.groups + 1) * categories)
        return found.reshape(units, self.groups + 1, categories)[:, : self.groups]

    def _of_units(self, sums: Floats, weights: Floats, people: Floats, *, shape: tuple[int, ...]) -> GroupedMeans:
        """From the weighted sums (units, groups, c), the weights and the people (units, groups, 1) of each cell."""
        population = weights.sum(axis=0)
        estimates = over(sums.sum(axis=0), population)
        errors = over(sums - np.nan_to_num(estimates) * weights, population[None], empty=0.0)
        flat = errors.reshape(len(errors), -1)
        part = self.design.layouts[0].parts(flat, self.design.lonely, lonely_domains=False)
        covariance = (part.spread.T * part.scale) @ part.spread
        present = people[:, :, 0] > 0
        strata = self.design.layouts[0].sums_of_strata(present.astype(float)) > 0
        bases = people.sum(axis=(0, 2)).astype(np.int64)
        size = (self.groups, *shape)
        return GroupedMeans(
            estimates.reshape(size), covariance.reshape(size + size), bases, present.sum(axis=0) - strata.sum(axis=0)
        )

    def _of_rows(self, numbers: Floats, code: NDArray[np.intp], bases: Whole) -> GroupedMeans:
        """Where each row is its own sampling unit: squares add up within groups, and groups meet in the means of strata only."""
        first = self.design.layouts[0]
        strata, weights = len(first.size), self.design.weights
        population, sums = (_sums(code, of, self.groups + 1) for of in (weights, weights * numbers))
        estimates = over(sums, population)
        errors = weights * (numbers - np.nan_to_num(estimates)[code])
        cell = first.stratum * (self.groups + 1) + code
        tables = (_sums(cell, of, strata * (self.groups + 1)) for of in (errors, errors**2, None))
        sums, squares, people = (table.reshape(strata, -1)[:, : self.groups] for table in tables)
        inverse = over(np.ones(self.groups), population[: self.groups], empty=0.0)
        scale, centred = first.scales_of_strata(self.design.lonely)
        covariance = np.diag(scale @ squares * inverse**2) - (sums.T * centred) @ sums * np.outer(inverse, inverse)
        return GroupedMeans(estimates[: self.groups], covariance, bases, bases - (people > 0).sum(axis=0))

    def _shares_of_rows(self, answer: NDArray[np.intp], code: NDArray[np.intp], bases: Whole, categories: int) -> GroupedMeans:
        """The same for shares: within a group, the squares of indicators about their shares follow from the sums of squared
        weights.
        """
        first, groups, weights = self.design.layouts[0], self.groups, self.design.weights
        strata = len(first.size)
        cell = (first.stratum * (groups + 1) + code) * categories + answer
        size = strata * (groups + 1) * categories
        tables = (_sums(cell, of, size) for of in (weights, weights**2, None))
        sums, squares, people = (table.reshape(strata, groups + 1, categories)[:, :groups] for table in tables)
        population = sums.sum(axis=(0, 2))
        shares = over(sums.sum(axis=0), population[:, None])
        known, inverse = np.nan_to_num(shares), over(np.ones(groups), population, empty=0.0)
        scale, centred = first.scales_of_strata(self.design.lonely)
        errors = ((sums - known * sums.sum(axis=2, keepdims=True)) * inverse[:, None]).reshape(strata, -1)
        covariance = -((errors.T * centred) @ errors).reshape(groups, categories, groups, categories)
        squared = np.tensordot(scale, squares, axes=1) * (inverse**2)[:, None]
        for group, (share, square) in enumerate(zip(known, squared, strict=True)):
            crossed = np.outer(share, square)
            covariance[group, :, group, :] += np.diag(square) - crossed - crossed.T + np.outer(share, share) * square.sum()
        return GroupedMeans(shares, covariance, bases, bases - (people.sum(axis=2) > 0).sum(axis=0))

    def _in_general(self, table: Floats, code: NDArray[np.intp], bases: Whole, *, shape: tuple[int, ...]) -> GroupedMeans:
        """By influence values, for the groups that have anybody."""
        peopled = np.flatnonzero(bases > 0)
        columns = table.shape[1]
        estimates = np.full((self.groups, columns), np.nan)
        covariance = np.zeros((self.groups, columns, self.groups, columns))
        freedom = np.zeros(self.groups, dtype=np.int64)
        if len(peopled):
            members = code[:, None] == peopled
            found = means(self.design, np.tile(table, (1, len(peopled))), np.repeat(members, columns, axis=1))
            estimates[peopled] = found.estimates.reshape(-1, columns)
            wide = self.design.covariance(found.influence).reshape(len(peopled), columns, len(peopled), columns)
            every = np.arange(columns)
            covariance[np.ix_(peopled, every, peopled, every)] = wide
            freedom[peopled] = self.design.domain_degrees_of_freedom(members)
        size = (self.groups, *shape)
        return GroupedMeans(estimates.reshape(size), covariance.reshape(size + size), bases, freedom)


def grouped_means(design: Design, items: Sequence[ArrayLike], codes: ArrayLike) -> list[GroupedMeans]:
    """The means of several items, each (n,), by the groups (n,). R: `svyby(~item, ~group, design, svymean, covmat = TRUE)` for
    each.
    """
    grouping = Grouping(design, codes)
    return [grouping.means(item) for item in items]


def _sums(cell: NDArray[np.intp], of: Floats | None, cells: int) -> Floats:
    """Sums, or counts, of the rows of each cell, (cells,)."""
    return np.asarray(np.bincount(cell, of, cells), dtype=float)
