"""From columns and terms to the matrix of a regression, with the names and the coding that R gives.

Factors get treatment contrasts: one column a level but the reference. In an interaction a factor keeps all its levels where the
term without it is not in the model, so that the model spans the same space as in R (Chambers and Hastie, Statistical Models in S,
1992, §2.4.1). A row with a missing value in any column is incomplete: its numbers are noughts, and fits leave it out as they leave
out a domain.

Not here: a parser of formulas. Terms are names of columns, joined by `:` for interactions.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.arrays import Bools, Floats, too_large
from assent_analytics.estimation.models.factors import Factor

Columns = Mapping[str, ArrayLike | Factor]

INTERCEPT = "(Intercept)"


@dataclass(frozen=True, slots=True)
class DesignMatrix:
    """Values (n, p), names of the columns, each one's term (-1 is the intercept), and which rows are complete (n,)."""

    values: Floats
    names: tuple[str, ...]
    terms: tuple[str, ...]
    term_of_column: tuple[int, ...]
    complete: Bools

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(self.complete)

    @property
    def has_intercept(self) -> bool:
        """Whether the first column is the intercept."""
        return bool(self.term_of_column) and self.term_of_column[0] == -1

    def columns_of(self, *terms: str) -> list[int]:
        """The places of the columns of some terms; the parts of an interaction may come in any order.

        Raises CannotEstimate `bad_setting` for a term that is not in the model.
        """
        places = {frozenset(term.split(":")): place for place, term in enumerate(self.terms)}
        unknown = [term for term in terms if frozenset(term.split(":")) not in places]
        if unknown:
            raise CannotEstimate("bad_setting", f"no term {', '.join(unknown)} in the model; there are: {', '.join(self.terms)}")
        wanted = {places[frozenset(term.split(":"))] for term in terms}
        return [column for column, term in enumerate(self.term_of_column) if term in wanted]

    def keep(self, columns: Sequence[int]) -> "DesignMatrix":
        """Only some of the columns, in that order; the terms stay known even when all their columns go."""
        if list(columns) == list(range(len(self.names))):
            return self
        return replace(
            self,
            values=self.values[:, list(columns)],
            names=tuple(self.names[column] for column in columns),
            term_of_column=tuple(self.term_of_column[column] for column in columns),
        )


def design_matrix(terms: Sequence[str], columns: Columns, *, intercept: bool = True) -> DesignMatrix:
    """The matrix of `1 + terms`, as R's `model.matrix(~ terms)`.

    A column is a `Factor`, labels, truth values (levels FALSE and TRUE) or numbers (n,), where what is not a number is missing.
    Raises CannotEstimate: `bad_setting` for a term of unknown columns or no term at all, `bad_shape` for columns of different
    lengths, `bad_value` for an infinite number.
    """
    parts = _in_order(terms)
    used = {name: _column(name, columns) for part in parts for name in part}
    if not used and not intercept:
        raise CannotEstimate("bad_setting", "a model without terms and without an intercept")
    lengths = {len(_missing(column)) for column in used.values()} or {len(_missing(_column(name, columns))) for name in columns}
    if len(lengths) != 1:
        raise CannotEstimate("bad_shape", f"columns of {sorted(lengths)} rows")
    rows = lengths.pop()
    complete = np.ones(rows, dtype=bool)
    for column in used.values():
        complete &= ~_missing(column)
    blocks = [_block(part, used, parts, intercept=intercept) for part in parts]
    names = ([INTERCEPT] if intercept else []) + [name for block in blocks for name, _ in block]
    owners = ([-1] if intercept else []) + [place for place, block in enumerate(blocks) for _ in block]
    values = np.empty((rows, len(names)), order="F")  # filled and read by column
    if intercept:
        values[:, 0] = 1.0
    for place, recipe in enumerate((recipe for block in blocks for _, recipe in block), start=int(intercept)):
        values[:, place] = _numbers(used[recipe[0][0]], recipe[0][1])
        for name, level in recipe[1:]:
            values[:, place] *= _numbers(used[name], level)
    if not complete.all():
        values[~complete] = 0.0
    return DesignMatrix(values, tuple(names), tuple(":".join(part) for part in parts), tuple(owners), complete)


def _in_order(terms: Sequence[str]) -> list[tuple[str, ...]]:
    """The parts of the terms, main effects first and the parts of an interaction as their columns first occur, as R orders them."""
    first: dict[str, int] = {}
    for term in terms:
        for name in term.split(":"):
            first.setdefault(name, len(first))
    return [tuple(sorted(term.split(":"), key=first.__getitem__)) for term in sorted(terms, key=lambda term: term.count(":"))]


Recipe = tuple[tuple[str, int | None], ...]
"""A column of the matrix as a product: of (factor, level) indicators and of (number, None)."""


def _block(
    part: tuple[str, ...], used: Mapping[str, Floats | Factor], parts: Sequence[tuple[str, ...]], *, intercept: bool
) -> list[tuple[str, Recipe]]:
    """The names and recipes of one term's columns; the first factor of an interaction varies fastest."""
    spanned = {frozenset(other) for other in parts}
    if intercept or any(len(other) == 1 and isinstance(used[other[0]], Factor) for other in parts[: parts.index(part)]):
        spanned.add(frozenset())  # a factor with all its levels holds the constant too
    made: list[tuple[str, Recipe]] = [("", ())]
    for name in part:
        column = used[name]
        choices: list[tuple[str, int | None]] = [(name, None)]
        if isinstance(column, Factor):
            first = 1 if frozenset(part) - {name} in spanned else 0
            choices = [(name + column.levels[level], level) for level in range(first, len(column.levels))]
        made = [
            (f"{label}:{choice}" if label else choice, (*recipe, (name, level)))
            for choice, level in choices
            for label, recipe in made
        ]
    return made


def _column(name: str, columns: Columns) -> Floats | Factor:
    if name not in columns:
        raise CannotEstimate("bad_setting", f"no column {name!r}; there are: {', '.join(columns)}")
    column = columns[name]
    if isinstance(column, Factor):
        return column
    found = np.asarray(column)
    if found.ndim != 1:
        raise CannotEstimate("bad_shape", f"column {name!r} has {found.ndim} dimensions")
    if found.dtype == bool:
        return Factor(found.astype(np.int64), ("FALSE", "TRUE"))
    if found.dtype.kind in "OUS":
        return Factor.of(found)
    numbers = found.astype(float)
    if too_large(numbers).any():
        raise CannotEstimate("bad_value", f"column {name!r} has values that are infinite or too large to reckon with")
    return numbers


def _missing(column: Floats | Factor) -> Bools:
    found: Bools = column.codes < 0 if isinstance(column, Factor) else np.isnan(column)
    return found


def _numbers(column: Floats | Factor, level: int | None) -> Bools | Floats:
    if isinstance(column, Factor):
        chosen: Bools = column.codes == level
        return chosen
    return np.asarray(np.nan_to_num(column, nan=0.0), dtype=float)
