"""What an analysis finds: figures, tests, and the counts of people behind them, before and after disclosure control.

One shape fits all methods: a figure says what it is about in words (`about`: item, group, outcome, term, …) and what was found in numbers
(`numbers`: share, mean, standard error, bounds, …). Not here: which figures may be shown (output_rules), and how they look (table).
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Cell = tuple[str, str, str]
"""A count of people: of which table, in which group, with which outcome; an empty word stands for everyone."""

Direction = Literal["below_half", "above_half", "unclear"]


@dataclass(frozen=True, slots=True)
class CountTable:
    """Everyone of a table counted once, unweighted: `counts` (groups, outcomes), both with names. Its margins are shown too."""

    name: str
    groups: tuple[str, ...]
    outcomes: tuple[str, ...]
    counts: NDArray[np.int64]

    def cell(self, group: str = "", outcome: str = "") -> Cell:
        """The name of a count; of a margin where a word is left out."""
        return self.name, group, outcome


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure or a test, with what would give people away.

    `people` are counts that must each reach the threshold; `cells` are the counts of a table that it tells, directly or in sum.
    """

    about: Mapping[str, str]
    numbers: Mapping[str, float | int | None]
    people: tuple[int, ...] = ()
    cells: tuple[Cell, ...] = ()
    hidden: bool = False
    direction: Direction | None = None

    def suppressed(self) -> "Figure":
        """The same without a single number."""
        return replace(self, numbers={}, hidden=True)

    def told(self) -> dict[str, Any]:
        """As it goes out: what it is about, and its numbers or that they are hidden. The counts behind it stay inside."""
        if not self.hidden:
            return {**self.about, **{name: number for name, number in self.numbers.items() if number is not None}}
        told: dict[str, Any] = {**self.about, "suppressed": True}
        return told if self.direction is None else {**told, "direction": self.direction}


@dataclass(frozen=True, slots=True)
class Numbers:
    """Everything that an analysis found. `facts` are numbers and words about the whole of it, such as its base."""

    figures: tuple[Figure, ...]
    tests: tuple[Figure, ...] = ()
    tables: tuple[CountTable, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def finite(number: float | None) -> float | None:
    """The number, or None where there is none that could be written down."""
    return None if number is None or not math.isfinite(number) else float(number)
