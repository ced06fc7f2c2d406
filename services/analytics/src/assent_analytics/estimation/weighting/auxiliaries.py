"""The known totals of a calibration: columns of numbers for the rows of a sample, and what each sums to in the population."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.arrays import Floats, too_large
from assent_analytics.estimation.weighting.margins import Margin, require_agreement, require_members, summed


@dataclass(frozen=True, slots=True)
class Auxiliaries:
    """A matrix (n, p), its columns' totals in the population (p,), and their names."""

    matrix: Floats
    totals: Floats
    names: tuple[str, ...]

    def __post_init__(self) -> None:
        """Raises CannotEstimate: `bad_shape`; `bad_value`; `bad_margin` for a number that is none."""
        if self.matrix.ndim != 2 or self.matrix.shape[1] != len(self.totals) or len(self.names) != len(self.totals):
            raise CannotEstimate("bad_shape", f"{len(self.totals)} totals for a matrix of shape {self.matrix.shape}")
        if too_large(self.matrix).any():
            raise CannotEstimate("bad_value", "a column to calibrate to has values that are infinite or too large to reckon with")
        if not np.isfinite(self.totals).all():
            raise CannotEstimate(
                "bad_margin", f"the total of {self.names[int(np.argmin(np.isfinite(self.totals)))]} is not a number"
            )
        unknown = np.flatnonzero(~np.isfinite(self.matrix).all(axis=0))
        if len(unknown):
            raise CannotEstimate("missing_margin", f"some rows have no {self.names[int(unknown[0])]}: impute, or leave it out")


def auxiliaries(matrix: ArrayLike, totals: Mapping[str, float]) -> Auxiliaries:
    """A matrix (n, p) whose columns have these totals, in their order: as R's `model.matrix` and its totals."""
    columns = np.asarray(matrix, dtype=float)
    return Auxiliaries(columns, np.array(list(totals.values()), dtype=float), tuple(totals))


def auxiliaries_of(
    margins: Sequence[Margin],
    columns: Mapping[str, ArrayLike] | None = None,
    totals: Mapping[str, float] | None = None,
    *,
    weights: Floats | None = None,
) -> Auxiliaries:
    """Everybody, every level of each margin but its first, and columns of numbers (n,) with their totals.

    R's `~a + b + x` with treatment contrasts, which are here only a shorter way of saying all levels. Given the weights, levels
    without members are named as raking names them. Raises CannotEstimate as `margins.require_agreement` and `require_members` do.
    """
    require_agreement(margins)
    rows = len(margins[0].codes)
    matrix: list[Floats] = [np.ones(rows)]
    known: dict[str, float] = {"everybody": margins[0].total}
    for one in margins:
        counted = np.ones(rows) if weights is None else weights
        require_members(one, summed(one.codes, counted, len(one.levels)))
        for level in range(1, len(one.levels)):
            if one.targets[level] > 0:
                matrix.append((one.codes == level).astype(float))
                known[one.name(level)] = float(one.targets[level])
    for name, values in (columns or {}).items():
        matrix.append(np.asarray(values, dtype=float))
        if totals is None or name not in totals:
            raise CannotEstimate("bad_margin", f"{name} has no total")
        known[name] = float(totals[name])
    return auxiliaries(np.column_stack(matrix), known)
