"""Stages of selection: who was drawn from what, and what each stage adds to a variance.

One stage draws units (clusters, or rows) within strata. Its part of the variance is the spread of unit totals about the mean of
their stratum, with the finite population correction 1 - f; a later stage adds the same thing within each unit of the stage before,
times the sampling fractions of the units above it (Särndal, Swensson and Wretman, Model Assisted Survey Sampling, 1992, §4.3;
Bellhouse 1985). R: `svydesign(ids = ~a + b, strata = ~s + t, fpc = ~m + n)`. Not here: weights, and which estimates there are.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array

from assent_analytics.domain.codes import distinct
from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.arrays import Bools, Codes, Floats, Labels

Lonely = Literal["fail", "remove", "adjust", "average", "certainty"]

# A sampling fraction this near to one is a census: such a stratum varies no more (as R has it).
CERTAIN = 1e-7


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of selection, in labels of the rows.

    `clusters` (n,) are the units that were drawn, each row its own when None; `strata` (n,) what they were drawn within, beside the
    unit of the stage before. `population` (n,) is how many units each stratum has, or the fraction of them that was drawn; None or
    infinity is sampling with replacement, after which no later stage counts. `unequal` says that it holds each unit's own chance of
    selection.
    """

    clusters: Labels | None = None
    strata: Labels | None = None
    population: ArrayLike | None = None
    unequal: bool = False


@dataclass(frozen=True, slots=True)
class Parts:
    """Unit totals about their stratum's mean, (units, k), and the number each square counts, (units,) or (units, k)."""

    spread: Floats
    scale: Floats


class Layout:
    """A stage made ready: codes of units and strata, sizes and sampling fractions.

    `unit` (n,) is each row's unit, `stratum` (units,) each unit's stratum, `size` (strata,) how many units a stratum has drawn,
    `fraction` (units,) the sampling fraction, nought when drawn with replacement (`corrected` unless that is so of all), `above`
    (units,) the product of the fractions of the units that hold it, `chance` (n,) each row's probability of selection at this
    stage, None where the stage does not tell.
    """

    def __init__(self, stage: Stage, rows: int, *, number: int, parent: "Layout | None" = None) -> None:
        within = codes(stage.strata, rows, "strata")
        if parent is not None:
            within = _pairs(parent.unit, within)[0]
        self.number = number
        self.unit: Codes
        self.stratum: Codes
        self.unit, self.stratum = _nested(within, stage.clusters, rows)
        self.size = np.bincount(self.stratum)
        self.identity, self.unequal = stage.clusters is None, stage.unequal
        self._first = _first_rows(self.unit, len(self.stratum))
        self.fraction = self._fractions(stage, rows)
        self.corrected = bool((self.fraction > 0.0).any())
        self.above: Floats = (
            np.ones(len(self.stratum)) if parent is None else (parent.above * parent.fraction)[parent.unit[self._first]]
        )
        self._parent = np.zeros(len(self.size), dtype=np.int64)
        if parent is not None:
            self._parent[self.stratum] = parent.unit[self._first]
        self._to_units = None if self.identity else membership(self.unit)
        self._to_strata = membership(self.stratum)

    @property
    def units(self) -> int:
        """How many units were drawn."""
        return len(self.stratum)

    @property
    def alone(self) -> NDArray[np.bool_]:
        """Strata with a single unit that is not there with certainty, and that add to the variance, (strata,)."""
        certain = np.zeros(len(self.size), dtype=bool)
        certain[self.stratum] = (self.fraction >= 1.0) | (self.above <= 0.0)
        found: NDArray[np.bool_] = (self.size == 1) & ~certain
        return found

    @property
    def chance(self) -> Floats | None:
        """Each row's probability of selection at this stage, (n,); None where its populations are unknown or without bound."""
        if not self.corrected or (self.fraction <= 0).any():
            return None
        found: Floats = self.fraction[self.unit]
        return found

    def totals(self, influence: Floats) -> Floats:
        """Influence values (n, k) summed within units, (units, k)."""
        if self._to_units is None:
            return influence
        summed: Floats = self._to_units @ influence
        return summed

    def sums_of_strata(self, of_units: Floats) -> Floats:
        """Numbers of the units (units, k) summed within strata, (strata, k)."""
        found: Floats = self._to_strata @ of_units
        return found

    def parts(self, totals: Floats, lonely: Lonely, *, lonely_domains: bool, present: Bools | None = None) -> Parts:
        """What this stage adds to a covariance, from unit totals (units, k).

        A stratum with a single unit adds nothing (`remove`, `certainty`), its square about nought (`adjust`: influence values are
        centred over the whole sample) or the mean of the other strata (`average`). With `lonely_domains` a stratum counts as single
        too where only one of its units has anybody of the domain. `present` (units, k or 1) says which units have, and is taken
        from the totals that are not nought where it is not told.
        """
        present = np.asarray(totals != 0.0) if present is None else present
        means = (self._to_strata @ totals) / self.size[:, None]
        spread = totals - means[self.stratum]
        single = np.broadcast_to((self.size == 1)[:, None], means.shape)
        if lonely_domains:
            single = single | (self._to_strata @ present.astype(float) == 1.0)
        if lonely == "adjust" and single.any():
            spread = np.where(single[self.stratum], totals, spread)
        size = self.size[self.stratum]
        scale = self.above * (1.0 - self.fraction) * np.where(size > 1, size / np.maximum(size - 1, 1), 1.0)
        scale[self.fraction > 1.0 - CERTAIN] = 0.0
        if lonely != "average":
            return Parts(spread, scale)
        certain = np.bincount(self.stratum, scale, len(self.size)) <= 0.0
        return self._averaged(present, spread, scale, single & ~certain[:, None])

    def scales_of_strata(self, lonely: Lonely) -> tuple[Floats, Floats]:
        """How much a sum of squares of units counts in each stratum, and how much the square of their sum is then taken off,
        (strata,).

        For `remove`, `certainty` and `adjust`, and chances that are the same throughout a stratum: an expansion of `parts`.
        """
        first = _first_rows(self.stratum, len(self.size))
        scale = (
            self.above[first]
            * (1.0 - self.fraction[first])
            * np.where(self.size > 1, self.size / np.maximum(self.size - 1, 1), 1.0)
        )
        scale[self.fraction[first] > 1.0 - CERTAIN] = 0.0
        return scale, np.where((self.size == 1) & (lonely == "adjust"), 0.0, scale / self.size)

    def _averaged(self, present: Bools, spread: Floats, scale: Floats, silent: NDArray[np.bool_]) -> Parts:
        """The mean of the strata that can speak, for those that cannot; strata with nobody of the domain are no strata of it."""
        if not silent.any():
            return Parts(spread, scale)
        peopled = np.broadcast_to((self._to_strata @ present.astype(float)) > 0.0, silent.shape)
        to_parents = membership(self._parent)
        strata = to_parents @ peopled.astype(float)
        heard = to_parents @ (peopled & ~silent).astype(float)
        if ((heard == 0.0) & (strata > 0.0)).any():
            raise CannotEstimate(
                "lonely_psu", f"every stratum has a single sampling unit at stage {self.number}: there is nothing to average"
            )
        factor = np.divide(strata, heard, out=np.ones_like(strata), where=heard > 0.0)
        loud = np.where(silent, 0.0, factor[self._parent])
        return Parts(spread * np.sqrt(loud)[self.stratum], scale)

    def _fractions(self, stage: Stage, rows: int) -> Floats:
        """Each unit's sampling fraction. Raises CannotEstimate `bad_population`."""
        if stage.population is None:
            return np.zeros(len(self.stratum))
        given = np.asarray(stage.population, dtype=float)
        if given.shape != (rows,):
            raise CannotEstimate("bad_shape", f"populations of shape {given.shape} for {rows} rows")
        if np.isnan(given).any() or (given <= 0).any():
            raise CannotEstimate("bad_population", f"stage {self.number}: a population is missing, nought or negative")
        of_unit = given[self._first]
        if (of_unit[self.unit] != given).any():
            raise CannotEstimate("bad_population", f"stage {self.number}: the population varies within a sampling unit")
        counted = bool((given > 1.0).any())
        if counted and (given < 1.0).any():
            raise CannotEstimate("bad_population", f"stage {self.number}: populations are either all counts or all fractions")
        if counted and stage.unequal:
            raise CannotEstimate("bad_population", f"stage {self.number}: unequal chances of selection are fractions, not counts")
        self._require_constant(of_unit, unequal=stage.unequal)
        fraction = self.size[self.stratum] / of_unit if counted else of_unit
        if (fraction > 1.0).any():
            worst = int(self.stratum[int(np.argmax(fraction))])
            raise CannotEstimate(
                "bad_population",
                f"stage {self.number}: {self.size[worst]} units were drawn from a population of fewer in some stratum",
            )
        return np.asarray(fraction, dtype=float)

    def _require_constant(self, of_unit: Floats, *, unequal: bool) -> None:
        of_stratum = np.zeros(len(self.size))
        of_stratum[self.stratum] = of_unit
        if not unequal and (of_stratum[self.stratum] != of_unit).any():
            raise CannotEstimate("bad_population", f"stage {self.number}: the population varies within a stratum")


def codes(labels: Labels | None, rows: int, what: str) -> Codes:
    """Labels (n,) as numbers from 0; None means that all rows share one label. Raises CannotEstimate `bad_shape`."""
    if labels is None:
        return np.zeros(rows, dtype=np.int64)
    if len(labels) != rows:
        raise CannotEstimate("bad_shape", f"{len(labels)} {what} for {rows} rows")
    array = np.asarray(labels)
    if array.dtype.kind not in "iub":  # whole numbers sort as they are; all else by its text
        array = array.astype(str)
    return distinct(array)[1]


def membership(code: Codes) -> csr_array:
    """A sparse (groups, members) matrix of ones, so that a product with it sums within groups."""
    members = len(code)
    return csr_array((np.ones(members), (code, np.arange(members))), shape=(int(code.max()) + 1, members))


def _nested(stratum: Codes, clusters: Labels | None, rows: int) -> tuple[Codes, Codes]:
    """Units as clusters within strata (one a row when there are none): each row's unit, and each unit's stratum."""
    if clusters is None:
        return np.arange(rows, dtype=np.int64), stratum
    return _pairs(stratum, codes(clusters, rows, "clusters"))


def _pairs(outer: Codes, inner: Codes) -> tuple[Codes, Codes]:
    """Codes (n,) of the pairs that occur, and the outer code of each pair."""
    width = int(inner.max()) + 1
    found, code = distinct(outer * width + inner)
    return code, np.asarray(found // width, dtype=np.int64)


def _first_rows(unit: Codes, units: int) -> Codes:
    """A row of each unit."""
    first = np.zeros(units, dtype=np.int64)
    first[unit[::-1]] = np.arange(len(unit) - 1, -1, -1)
    return first
