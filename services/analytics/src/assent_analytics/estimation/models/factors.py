"""A categorical column: codes and the names of their levels, the first of which is the reference.

Not here: how a factor becomes numbers (design_matrix).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from assent_analytics.domain.errors import CannotEstimate


@dataclass(frozen=True, slots=True)
class Factor:
    """Codes (n,) from 0 into `levels`; a negative one is a missing answer. Raises CannotEstimate `bad_value` for a code beyond."""

    codes: NDArray[np.int64]
    levels: tuple[str, ...]

    def __post_init__(self) -> None:
        if len(self.codes) and int(np.max(self.codes)) >= len(self.levels):
            raise CannotEstimate("bad_value", f"code {int(np.max(self.codes))} in a factor of {len(self.levels)} levels")

    @classmethod
    def of(cls, labels: ArrayLike, levels: Sequence[str] | None = None, *, reference: str | None = None) -> "Factor":
        """Labels (n,) as a factor: levels sorted as R's `factor` does unless given, with `reference` moved to the front.

        None, an empty label and one that is not among `levels` are missing. Raises CannotEstimate `bad_setting` for a reference
        that is no level.
        """
        column = np.asarray(labels)
        missing = np.array([label is None for label in column]) if column.dtype == object else np.zeros(len(column), dtype=bool)
        found, codes = np.unique(np.where(missing, "", column).astype(str), return_inverse=True)
        names = [str(name) for name in found]
        order = [name for name in names if name] if levels is None else list(levels)
        if reference is not None:
            if reference not in order:
                raise CannotEstimate("bad_setting", f"the reference {reference!r} is no level: {', '.join(order)}")
            order = [reference, *(name for name in order if name != reference)]
        place = {name: position for position, name in enumerate(order)}
        recode = np.array([place.get(name, -1) if name else -1 for name in names], dtype=np.int64)
        return cls(recode[codes], tuple(order))

    @property
    def rows(self) -> int:
        """How many rows the column has."""
        return len(self.codes)

    def held_at(self, level: str) -> "Factor":
        """The factor with every row set to one level: for predictions. Raises CannotEstimate `bad_setting` for an unknown one."""
        if level not in self.levels:
            raise CannotEstimate("bad_setting", f"{level!r} is no level: {', '.join(self.levels)}")
        return Factor(np.full(self.rows, self.levels.index(level), dtype=np.int64), self.levels)
