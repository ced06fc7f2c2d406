"""Records by their keys, the variables by which an intruder might know somebody: how many share them in the sample and the population.

A missing key may be anything, so it matches every value. Not here: risks (individual_risk).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.arrays import Codes, Floats

MISSING = -1
BLOCK = 256


@dataclass(frozen=True, slots=True)
class Keys:
    """Codes (n, k) of the named key variables, -1 where missing."""

    names: tuple[str, ...]
    codes: Codes

    @property
    def rows(self) -> int:
        """How many records there are."""
        return len(self.codes)


@dataclass(frozen=True, slots=True)
class Frequencies:
    """For each record how many in the sample share its keys, itself too (n,), and the sum of their weights (n,)."""

    sample: Floats
    population: Floats

    def fewer_than(self, k: int) -> int:
        """How many records are short of k-anonymity."""
        return int((self.sample < k).sum())


def keys(columns: Mapping[str, Sequence[Any] | NDArray[Any]]) -> Keys:
    """Key variables as codes; None, NaN and empty labels are missing.

    Raises CannotEstimate `bad_setting` without a variable, `no_rows`, `bad_shape` for variables of different lengths.
    """
    if not columns:
        raise CannotEstimate("bad_setting", "no key variable is named")
    coded = [_coded(np.asarray(column, dtype=object)) for column in columns.values()]
    if len({len(codes) for codes in coded}) != 1:
        raise CannotEstimate("bad_shape", "the key variables have different lengths")
    if not len(coded[0]):
        raise CannotEstimate("no_rows", "there is no record")
    return Keys(tuple(columns), np.column_stack(coded))


def frequencies(found: Keys, weights: ArrayLike | None = None) -> Frequencies:
    """Frequencies of keys. R: `sdcMicro::freqCalc(x, keyVars, w)`, whose fk and Fk these are.

    Raises CannotEstimate `bad_shape`, `bad_value` for a weight that is not positive.
    """
    heavy = np.ones(found.rows) if weights is None else np.asarray(weights, dtype=float)
    if heavy.shape != (found.rows,):
        raise CannotEstimate("bad_shape", f"{heavy.size} weights for {found.rows} records")
    if not np.isfinite(heavy).all() or (heavy <= 0).any():
        raise CannotEstimate("bad_value", "every record needs a positive weight")
    combinations, of_row, counts = np.unique(found.codes, axis=0, return_inverse=True, return_counts=True)
    masses = np.column_stack([counts, np.bincount(of_row.ravel(), weights=heavy)])
    totals = masses.astype(np.float64)
    open_ones = np.flatnonzero((combinations == MISSING).any(axis=1))
    whole = np.ones(len(combinations), dtype=bool)
    whole[open_ones] = False
    for start in range(0, len(open_ones), BLOCK):
        some = open_ones[start : start + BLOCK]
        alike = matching(combinations[some], combinations)
        totals[some] = alike @ masses
        totals[whole] += alike[:, whole].T @ masses[some]
    return Frequencies(totals[of_row.ravel(), 0], totals[of_row.ravel(), 1])


def matching(some: Codes, others: Codes) -> NDArray[np.bool_]:
    """Which combinations could be of the same person, (a, k) and (b, k) -> (a, b)."""
    left, right = some[:, None, :], others[None, :, :]
    found: NDArray[np.bool_] = ((left == right) | (left == MISSING) | (right == MISSING)).all(axis=2)
    return found


def _coded(column: NDArray[Any]) -> Codes:
    missing = np.array([value is None or value == "" or value != value for value in column], dtype=bool)
    codes = np.full(len(column), MISSING, dtype=np.int64)
    if not missing.all():
        codes[~missing] = np.unique(column[~missing].astype(str), return_inverse=True)[1]
    return codes
