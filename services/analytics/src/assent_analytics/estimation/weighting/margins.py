"""What is known of a population, said of the rows of a sample: each row's level of a variable, and the total of every level.

A margin of one variable and a table of several are the same thing here: the cells of a table are the levels of a crossed margin.
Codes and not columns of noughts and ones, so that a million rows cost a pass each.

Not here: fitting weights to margins (raking, post_stratification, calibration), and which margins a study declares.
"""

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.arrays import Codes, Floats, Labels

Targets = Mapping[str, Mapping[str, float]]
"""Totals by variable and level."""

AGREEMENT = 1e-6
"""How far the totals of two margins may differ, as a share of them, and still be those of one population."""

ROUNDING = 0.01
"""How far published shares of one variable may sum beside 1."""


@dataclass(frozen=True, slots=True)
class Margin:
    """A variable, its levels, which of them each row has, codes (n,) from 0, and their totals, targets (levels,)."""

    variable: str
    levels: tuple[str, ...]
    codes: Codes
    targets: Floats

    @property
    def total(self) -> float:
        """How many people the margin says there are."""
        return float(self.targets.sum())

    def name(self, level: int) -> str:
        """A level with its variable, as an error names it."""
        return f"{self.variable} = {self.levels[level]}"


def margin(variable: str, labels: Labels, targets: Mapping[str, float]) -> Margin:
    """A margin of one variable: labels (n,) and the total of each level.

    Raises CannotEstimate: `missing_margin` when a row has no label, `unknown_level` when it has one that the targets do not name,
    `bad_margin` when a target is negative or not a number.
    """
    return crossed([variable], [labels], {(level,): target for level, target in targets.items()})


def crossed(variables: Sequence[str], labels: Sequence[Labels], targets: Mapping[tuple[str, ...], float]) -> Margin:
    """A table of several variables as one margin whose levels are its cells: R's `postStratify(design, ~a + b, table)`.

    A cell that the targets do not name has nobody in it. Raises CannotEstimate as `margin` does.
    """
    table = tuple(variables)
    if not targets or any(len(cell) != len(table) for cell in targets) or len(labels) != len(table):
        raise CannotEstimate("bad_margin", f"the targets are not cells of {' × '.join(table)}")
    values = np.array(list(targets.values()), dtype=float)
    if not np.isfinite(values).all() or (values < 0).any() or values.sum() <= 0:
        raise CannotEstimate("bad_margin", f"the totals of {' × '.join(table)} are not all counts, or are all nought")
    place: dict[Hashable, int] = {cell: number for number, cell in enumerate(targets)}
    words, codes = _cells_of(labels)
    missing = [cell for cell in words if any(_is_missing(word) for word in cell)]
    if missing:
        rows = sum(int((codes == words.index(cell)).sum()) for cell in missing)
        raise CannotEstimate(
            "missing_margin", f"{rows} rows have no {' × '.join(table)}: give them a level of their own, or impute"
        )
    known = [place.get(tuple(str(word) for word in cell), -1) for cell in words]
    if -1 in known:
        strange = " × ".join(str(word) for word in words[known.index(-1)])
        raise CannotEstimate("unknown_level", f"{' × '.join(table)} = {strange}: rows have it, and the margin does not name it")
    names = tuple(" × ".join(cell) for cell in targets)
    return Margin(" × ".join(table), names, np.array(known, dtype=np.int64)[codes], values)


def margins_from_table(
    variables: Labels,
    levels: Labels,
    values: ArrayLike,
    *,
    labels: Mapping[str, Labels],
    kind: Literal["count", "share"] = "count",
    total: float | None = None,
) -> list[Margin]:
    """Margins from a long table, a row for each level of each variable, and the labels (n,) of the sample's rows by variable.

    Counts give the total themselves. Shares are of `total`, by default as many as there are rows (weights that average to 1); they
    may sum to 1 give or take rounding, and are made to sum to it. Raises CannotEstimate as `margin` and `require_agreement` do, and
    `bad_margin` for a level given twice, a variable without labels, or shares that do not sum to 1.
    """
    table: dict[str, dict[str, float]] = {}
    for variable, level, value in zip(variables, levels, np.asarray(values, dtype=float).tolist(), strict=True):
        of_variable = table.setdefault(str(variable), {})
        if str(level) in of_variable:
            raise CannotEstimate("bad_margin", f"{variable} = {level} is given twice")
        of_variable[str(level)] = value
    if strange := table.keys() - labels.keys():
        raise CannotEstimate("bad_margin", f"the rows have no {sorted(strange)[0]}")
    if kind == "share":
        rows = len(next(iter(labels.values())))
        table = {variable: counts_from_shares(variable, shares, total or rows) for variable, shares in table.items()}
    made = [margin(variable, labels[variable], targets) for variable, targets in table.items()]
    require_agreement(made)
    return made


def counts_from_shares(variable: str, shares: Mapping[str, float], total: float) -> dict[str, float]:
    """Shares of one variable as counts that sum to `total`. Raises CannotEstimate `bad_margin` when they do not sum to 1."""
    whole = math.fsum(shares.values())
    if not abs(whole - 1.0) <= ROUNDING:
        raise CannotEstimate("bad_margin", f"the shares of {variable} sum to {whole:.6g}, not to 1")
    return {level: share / whole * total for level, share in shares.items()}


def require_agreement(margins: Sequence[Margin]) -> None:
    """Margins of one population have one total. Raises CannotEstimate `contradictory_margins`, or `bad_margin` when there are none."""
    if not margins:
        raise CannotEstimate("bad_margin", "there is no margin")
    first = margins[0]
    for other in margins[1:]:
        if abs(other.total - first.total) > AGREEMENT * abs(first.total):
            raise CannotEstimate(
                "contradictory_margins",
                f"the totals of {first.variable} sum to {first.total:.12g}, those of {other.variable} to {other.total:.12g}",
            )


def require_members(margin: Margin, sums: Floats) -> None:
    """Every level that has people in the population has some in the sample, and the other way round: `sums` (levels,) of weights.

    Raises CannotEstimate `empty_cell` or `no_target`, naming the level.
    """
    for level in np.flatnonzero((sums == 0) != (margin.targets == 0)).tolist():
        if sums[level] == 0:
            raise CannotEstimate(
                "empty_cell", f"{margin.name(level)}: {margin.targets[level]:.6g} people, and nobody in the sample"
            )
        raise CannotEstimate("no_target", f"{margin.name(level)}: nobody in the population, and rows in the sample")


def summed(codes: Codes, values: Floats, levels: int) -> Floats:
    """Sums of values (n,) by code (n,), (levels,)."""
    return np.asarray(np.bincount(codes, weights=values, minlength=levels), dtype=float)


def _cells_of(labels: Sequence[Labels]) -> tuple[list[tuple[Any, ...]], Codes]:
    """The different combinations of labels, and which of them each row has."""
    rows = len(labels[0])
    if any(len(column) != rows for column in labels):
        raise CannotEstimate("bad_shape", "the variables of a table have different numbers of rows")
    words: list[tuple[Any, ...]] = [()]
    codes = np.zeros(rows, dtype=np.int64)
    for column in labels:
        found, code = _distinct(column)
        used, codes = np.unique(codes * len(found) + code, return_inverse=True)
        words = [(*words[both // len(found)], found[both % len(found)]) for both in used.tolist()]
    return words, np.asarray(codes, dtype=np.int64)


def _distinct(column: Labels) -> tuple[list[Any], Codes]:
    array = column if isinstance(column, np.ndarray) else np.array(column, dtype=object)
    if array.dtype != object:
        found, code = np.unique(array, return_inverse=True)
        return found.tolist(), np.asarray(code, dtype=np.int64)
    places: dict[Any, int] = {}
    coded = np.array(
        [places.setdefault(None if _is_missing(word) else word, len(places)) for word in array.tolist()], dtype=np.int64
    )
    return list(places), coded


def _is_missing(word: Any) -> bool:
    return word is None or word == "" or (isinstance(word, float) and math.isnan(word))
