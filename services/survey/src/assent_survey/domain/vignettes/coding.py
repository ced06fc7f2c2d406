"""Levels as numbers: the model whose effects a design is made for, in orthonormal and in reference coding.

In orthonormal coding the columns of a factor sum to nought over its levels, are at right angles and have mean square 1. A design in
which all levels, and all pairs of levels, are equally often has then an information matrix that is the identity, and efficiency 1
(Kuhfeld, Marketing Research Methods in SAS, 2010, chapter on experimental design). Reference coding compares each level with the
first, which is how effects are told.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from assent_survey.domain.vignettes.draws import Places

Floats = NDArray[np.float64]


class Term(NamedTuple):
    """A part of the model: one factor or two that interact, by place, and the columns that are its."""

    factors: tuple[int, ...]
    columns: slice


@dataclass(frozen=True)
class Model:
    """Main effects of factors with so many levels (`sizes`), and interactions of some pairs of them."""

    sizes: tuple[int, ...]
    pairs: tuple[tuple[int, int], ...] = ()

    @property
    def terms(self) -> list[Term]:
        """The parts in the order of their columns; column 0 is the mean."""
        found, first = [], 1
        for factors in (*((place,) for place in range(len(self.sizes))), *self.pairs):
            width = int(np.prod([self.sizes[place] - 1 for place in factors]))
            found.append(Term(factors, slice(first, first + width)))
            first += width
        return found

    @property
    def parameters(self) -> int:
        """How many columns there are, the mean included."""
        return self.terms[-1].columns.stop if self.terms else 1

    def matrix(self, levels: Places, coding: Literal["orthonormal", "reference"] = "orthonormal") -> Floats:
        """The columns (n, parameters) of vignettes that are given by the places of their levels (n, factors)."""
        code: Callable[[int], Floats] = orthonormal if coding == "orthonormal" else reference
        main = [code(size)[levels[:, place]] for place, size in enumerate(self.sizes)]
        joint = [(main[one][:, :, None] * main[other][:, None, :]).reshape(len(levels), -1) for one, other in self.pairs]
        return np.hstack([np.ones((len(levels), 1)), *main, *joint])


def orthonormal(size: int) -> Floats:
    """Helmert's contrasts of `size` levels (size, size - 1), scaled to mean square 1."""
    contrasts = np.zeros((size, size - 1))
    for column in range(size - 1):
        contrasts[: column + 1, column] = 1.0
        contrasts[column + 1, column] = -(column + 1.0)
        contrasts[:, column] *= np.sqrt(size / ((column + 1.0) * (column + 2.0)))
    return contrasts


def reference(size: int) -> Floats:
    """Each level but the first against the first (size, size - 1)."""
    return np.eye(size)[:, 1:]


def d_efficiency(information: Floats, vignettes: int) -> float:
    """The p-th root of the determinant of the information of one vignette (p, p), from 0 to 1; 0 when some effect cannot be told."""
    if not len(information):
        return 1.0
    found = np.linalg.eigvalsh(information / vignettes)
    if found[0] < SINGULAR:
        return 0.0
    return float(min(1.0, np.exp(np.log(found).mean())))


def untold(matrix: Floats, terms: Sequence[Term]) -> list[Term]:
    """Terms whose effects cannot be told apart from the others' with these rows, however many there are of each."""
    whole = _rank(matrix)
    if whole == matrix.shape[1]:
        return []
    width = np.arange(matrix.shape[1])
    return [
        term
        for term in terms
        if whole - _rank(matrix[:, (width < term.columns.start) | (width >= term.columns.stop)])
        < term.columns.stop - term.columns.start
    ]


SINGULAR = 1e-9
"""The share of a mean square below which a direction counts as nought."""


def _rank(matrix: Floats) -> int:
    return int((np.linalg.eigvalsh(matrix.T @ matrix / len(matrix)) > SINGULAR).sum())
