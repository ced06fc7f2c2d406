"""The layout of `table`: items down, groups across under one spanning header, then the difference and the p-value of each item."""

from collections.abc import Mapping, Sequence
from typing import Any

from assent_analytics.domain.table import (
    ABSENT,
    EMPTY,
    HIDDEN,
    Cell,
    Column,
    Row,
    Table,
    decimal,
    interval,
    p_value,
    percent,
    whole,
)
from assent_analytics.service.analyses.wording import caption, footnotes

Figure = Mapping[str, Any]
Key = tuple[str, str]
"""Of a column: variable and group, both empty for everyone."""


def summary(method: str, request: Mapping[str, Any], result: Mapping[str, Any]) -> Table:
    """Weighted numbers with shares, means with deviations, medians with quartiles; each column says how many people it is of."""
    figures = result["figures"]
    columns = [figure for figure in figures if figure.get("term") == "column" and (request["overall"] or figure.get("variable"))]
    keys = [_key(figure) for figure in columns]
    tests = {test["item"]: test for test in result["tests"]}
    rows: list[Row] = []
    for item in request["items"]:
        mine = [figure for figure in figures if figure.get("item") == item]
        rows += _rows(request, result, item, mine, keys, tests.get(item))
    headings = [_heading(result, figure) for figure in columns]
    headings += [Column(f"Difference ({100 * request['level']:g}% interval)")] if request["difference"] else []
    headings += [Column("p")] if _has_p(request) else []
    notes = ["Cells: weighted number (share of everyone asked); mean (standard deviation); median (first to third quartile)."]
    notes += _test_notes(result["tests"])
    return Table(caption(method, result), "", tuple(headings), tuple(rows), (*notes, *footnotes(request, result)))


def _key(figure: Figure) -> Key:
    return figure.get("variable", ""), figure.get("group", "")


def _has_p(request: Mapping[str, Any]) -> bool:
    return bool(request["p"] and request["by"])


def _heading(result: Mapping[str, Any], figure: Figure) -> Column:
    variable = figure.get("variable", "")
    size = "[c]" if figure.get("suppressed") else f"{whole(figure.get('weighted', 0))}; n = {whole(figure.get('base', 0))}"
    label = f"{figure['group_label']}, N = {size}" if variable else f"All, N = {size}"
    return Column(label, result["variables"].get(variable, "") if variable else "")


def _rows(
    request: Mapping[str, Any],
    result: Mapping[str, Any],
    item: str,
    mine: Sequence[Figure],
    keys: Sequence[Key],
    test: Figure | None,
) -> list[Row]:
    cells = {(_key(figure), _line(figure)): figure for figure in mine if figure.get("term") != "difference"}
    differences = {figure.get("outcome", ""): figure for figure in mine if figure.get("term") == "difference"}
    lines = list(dict.fromkeys(line for _, line in cells))
    labels = {line: figure.get("label") or figure.get("term", "") for (_, line), figure in cells.items()}
    beside = [EMPTY] * bool(request["difference"])
    heading = Row(result["items"][item]["wording"], 0, (*[EMPTY] * len(keys), *beside, *([_p(test)] if _has_p(request) else [])))
    rows = [heading]
    for place, line in enumerate(lines):
        across = [_cell(cells.get((key, line))) for key in keys]
        if request["difference"]:
            # A number has one difference, which stands beside its mean.
            found = differences.get(line) or (differences.get("") if place == 0 else None)
            across.append(_difference(found))
        rows.append(Row(labels[line], 1, (*across, *([EMPTY] if _has_p(request) else []))))
    return rows


def _line(figure: Figure) -> str:
    return str(figure.get("outcome") or figure.get("term", ""))


def _cell(figure: Figure | None) -> Cell:
    if figure is None:
        return ABSENT
    if figure.get("suppressed"):
        return HIDDEN
    if "share" in figure:
        text = f"{whole(figure['weighted'])} ({percent(figure['share'])})"
        return Cell(text, numbers=(("weighted", figure["weighted"]), ("share", figure["share"])))
    if "mean" in figure:
        text = f"{decimal(figure['mean'])} ({decimal(figure['standard_deviation'])})"
        return Cell(text, numbers=(("mean", figure["mean"]), ("standard_deviation", figure["standard_deviation"])))
    if "median" in figure:
        text = f"{decimal(figure['median'])} ({interval(decimal(figure['quartile_1']), decimal(figure['quartile_3']))})"
        return Cell(text, numbers=tuple((name, figure[name]) for name in ("median", "quartile_1", "quartile_3")))
    return ABSENT


def _difference(figure: Figure | None) -> Cell:
    if figure is None:
        return EMPTY
    if figure.get("suppressed"):
        return HIDDEN
    if figure.get("difference") is None:
        return ABSENT
    names = ("difference", "difference_low", "difference_high")
    write = _points if figure.get("outcome") else decimal
    middle, low, high = (write(figure[name]) for name in names)
    return Cell(f"{middle} ({interval(low, high)})", numbers=tuple((name, figure[name]) for name in names))


def _points(share: float) -> str:
    return f"{100 * share:.1f}"


def _p(test: Figure | None) -> Cell:
    if test is None:
        return ABSENT
    return HIDDEN if test.get("suppressed") else Cell(p_value(test["p"]), numbers=(("p", test["p"]),))


def _test_notes(tests: Sequence[Figure]) -> list[str]:
    names = dict.fromkeys(test["test"] for test in tests)
    return [f"p: {'; '.join(names)} test, under the design."] if names else []
