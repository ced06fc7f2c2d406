"""Intraclass correlations of units (rows) rated by the same raters (columns): one- and two-way, single ratings and their mean.

Shrout and Fleiss (1979) name them ICC(1,1) to ICC(3,k); McGraw and Wong (1996) by model and by whether raters' levels must agree.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import f as f_distribution

from assent_analytics.domain.errors import CannotEstimate
from assent_analytics.estimation.raters.ratings import complete_units

Model = Literal["oneway", "twoway"]
Kind = Literal["consistency", "agreement"]


@dataclass(frozen=True, slots=True)
class MeanSquares:
    """Of units, raters, the residual of both, and within units; how many units and raters."""

    units: float
    raters: float
    residual: float
    within: float
    rows: int
    columns: int


@dataclass(frozen=True, slots=True)
class Intraclass:
    """An intraclass correlation with its interval, and F of no difference between units."""

    correlation: float
    lower: float
    upper: float
    f: float


def intraclass(
    ratings: ArrayLike, *, model: Model, kind: Kind = "consistency", averaged: bool = False, level: float = 0.95
) -> Intraclass:
    """An intraclass correlation of (units, raters) over the units that everybody rated.

    R: `irr::icc(x, model, type, unit)`; `psych::ICC(x, lmer = FALSE)`: ICC1 is oneway, ICC2 twoway agreement, ICC3 twoway consistency,
    with k for `averaged`. One-way raters have no levels to agree on, so `kind` says nothing there. Raises CannotEstimate: those of
    `complete_units`; `bad_setting`; `constant_column` when the ratings of each unit are the same.
    """
    if model not in ("oneway", "twoway") or kind not in ("consistency", "agreement"):
        raise CannotEstimate("bad_setting", f"no intraclass correlation is {model} {kind}")
    squares = mean_squares(ratings)
    error = squares.within if model == "oneway" else squares.residual
    if not error > 0:
        raise CannotEstimate("constant_column", "raters differ by a constant, or not at all: there is no error to compare with")
    if model == "twoway" and kind == "agreement":
        found = _absolute(squares, level)
    else:
        freedom = squares.rows * (squares.columns - 1) if model == "oneway" else (squares.rows - 1) * (squares.columns - 1)
        found = _relative(squares, error, freedom, level)
    return _of_mean(found, squares.columns) if averaged else found


def mean_squares(ratings: ArrayLike) -> MeanSquares:
    """The analysis of variance of (units, raters) without replication."""
    found = complete_units(ratings)
    rows, columns = found.shape
    centre, of_rows, of_columns = found.mean(), found.mean(axis=1), found.mean(axis=0)
    rest = found - of_rows[:, None] - of_columns + centre
    return MeanSquares(
        units=float(columns * ((of_rows - centre) ** 2).sum() / (rows - 1)),
        raters=float(rows * ((of_columns - centre) ** 2).sum() / (columns - 1)),
        residual=float((rest**2).sum() / ((rows - 1) * (columns - 1))),
        within=float(((found - of_rows[:, None]) ** 2).sum() / (rows * (columns - 1))),
        rows=rows,
        columns=columns,
    )


def _relative(squares: MeanSquares, error: float, freedom: int, level: float) -> Intraclass:
    """One-way, or two-way without raters' levels: a function of F = units / error, whose distribution is known."""
    tail, first, extra = (1 - level) / 2, squares.rows - 1, squares.columns - 1
    ratio = squares.units / error
    low = ratio / f_distribution.isf(tail, first, freedom)
    high = ratio * f_distribution.isf(tail, freedom, first)
    found, lower, upper = ((value - 1) / (value + extra) for value in (ratio, low, high))
    return Intraclass(float(found), float(lower), float(upper), float(ratio))


def _absolute(squares: MeanSquares, level: float) -> Intraclass:
    """Two-way with raters' levels; the interval takes Satterthwaite's degrees of freedom (Shrout and Fleiss 1979, p. 428)."""
    rows, columns, tail = squares.rows, squares.columns, (1 - level) / 2
    units, raters, error = squares.units, squares.raters, squares.residual
    found = (units - error) / (units + (columns - 1) * error + columns * (raters - error) / rows)
    of_raters, of_error = columns * found * raters, (rows * (1 + (columns - 1) * found) - columns * found) * error
    freedom = (of_raters + of_error) ** 2 / (of_raters**2 / (columns - 1) + of_error**2 / ((rows - 1) * (columns - 1)))
    below, above = f_distribution.isf(tail, rows - 1, freedom), f_distribution.isf(tail, freedom, rows - 1)
    spread = columns * raters + (columns * rows - columns - rows) * error
    lower = rows * (units - below * error) / (below * spread + rows * units)
    upper = rows * (above * units - error) / (spread + rows * above * units)
    return Intraclass(float(found), float(lower), float(upper), float(units / error))


def _of_mean(single: Intraclass, raters: int) -> Intraclass:
    """Spearman-Brown: the correlation of the mean of all raters."""
    found, lower, upper = (raters * one / (1 + (raters - 1) * one) for one in (single.correlation, single.lower, single.upper))
    return Intraclass(float(np.asarray(found)), lower, upper, single.f)
