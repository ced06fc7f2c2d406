"""What a reader of files gives: blocks of rows, each column as its different values and the place of each row's among them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from assent_survey.domain.submission import Value

BLOCK_ROWS = 8_000
"""Rows that are coded at once, where the format does not decide it."""


class Unreadable(Exception):
    """The file is not what its name says. The message quotes nothing of it."""


@dataclass(frozen=True, slots=True)
class Cells:
    """A column of a block: `values` are its different values, None for an empty cell; `places` says which of them each row has."""

    places: npt.NDArray[np.int64]
    values: Sequence[Value]


@dataclass(frozen=True, slots=True)
class Block:
    """Some rows of a file, by column. `numbers` are the rows' numbers as a spreadsheet counts them: the first line is 1."""

    numbers: npt.NDArray[np.int64]
    columns: dict[str, Cells]


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that is not read, and why; never what it holds."""

    row: int
    why: str


class ResponseFile(Protocol):
    """An open file of responses."""

    header: list[str]
    """The names of its columns."""

    rows: int
    """About how many rows it has; always the same for the same file."""

    rejected: list[Rejected]
    """Rows that could not be read, so far."""

    def blocks(self, wanted: Sequence[str]) -> Iterator[Block]:
        """Its rows in their order, with these columns. Raises Unreadable."""
        ...
