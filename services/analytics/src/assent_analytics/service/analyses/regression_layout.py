"""The layout of `regression`, in the manner of gtsummary's `tbl_regression`: a line for each group of a variable, the reference
first.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from assent_analytics.domain.table import EMPTY, HIDDEN, Cell, Column, Row, Table, decimal, interval, p_value
from assent_analytics.service.analyses.wording import caption, footnotes

Figure = Mapping[str, Any]

RATIOS = {"odds_ratio": "Odds ratio", "rate_ratio": "Rate ratio"}
REFERENCE = Cell("reference", "empty")


def regression(method: str, request: Mapping[str, Any], result: Mapping[str, Any]) -> Table:
    """Coefficients, or the ratios that they are, with intervals and p-values; the intercept last."""
    figures: Sequence[Figure] = result["figures"]
    ratio = next((name for name in RATIOS if any(name in figure for figure in figures)), None)
    by_term = {figure["term"]: figure for figure in figures}
    rows: list[Row] = []
    for name in request["groups"]:
        rows.append(Row(result["variables"].get(name, name)))
        groups = result["groups"].get(name, [])
        for place, group in enumerate(groups):
            figure = by_term.pop(f"{name}{group['group']}", None)
            cells = (REFERENCE, EMPTY, EMPTY) if place == 0 else _cells(figure, ratio)
            rows.append(Row(group["label"], 1, cells))
    # Where ratios are told, an intercept or a threshold is none.
    others = [figure for figure in by_term.values() if ratio is None or ratio in figure or figure.get("suppressed")]
    rows += [Row(figure["label"], 0, _cells(figure, ratio)) for figure in others]
    columns = (Column(RATIOS[ratio] if ratio else "Coefficient"), Column(f"{100 * request['level']:g}% interval"), Column("p"))
    wording = result["items"][request["outcome"]]["wording"]
    notes = footnotes(request, result)
    return Table(f"{caption(method, result)} Outcome: {wording}", "", columns, tuple(rows), tuple(notes))


def _cells(figure: Figure | None, ratio: str | None) -> tuple[Cell, ...]:
    if figure is None:
        return (EMPTY, EMPTY, EMPTY)
    if figure.get("suppressed"):
        return (HIDDEN, HIDDEN, HIDDEN)
    low, high = figure["low"], figure["high"]
    estimate = figure[ratio] if ratio else figure["estimate"]
    if ratio:
        low, high = _exp(low), _exp(high)
    return (
        Cell(decimal(estimate), numbers=((ratio or "estimate", estimate),)),
        Cell(interval(decimal(low), decimal(high)), numbers=(("low", low), ("high", high))),
        Cell(p_value(figure["p"]), numbers=(("p", figure["p"]),)),
    )


def _exp(value: float) -> float:
    return math.exp(min(value, 700.0))
