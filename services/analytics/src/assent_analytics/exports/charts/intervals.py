"""Dots with their intervals, a row for each group: what was estimated and how sure it is.

A group whose figure is suppressed keeps its row, with the mark and, where that may be said, on which side of one half it stands: an
empty place would look as if nobody had been there.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from assent_analytics.exports.charts.style import DOT, IN_LINES, INK, LINE, LINE_HEIGHT, QUIET, Spec, in_lines, row_height, titled

LEANS = {"below_half": "below half", "above_half": "above half", "unclear": "unclear on which side of half"}
ROW = 26

HEADER = {
    "labelAngle": 0,
    "labelAlign": "left",
    "labelOrient": "top",
    "labelAnchor": "start",
    "labelFontWeight": 600,
    "labelFontSize": 12,
    "labelPadding": 0,
    "labelExpr": IN_LINES,
    "labelLineHeight": LINE_HEIGHT,
    "labelLimit": 0,
}

WHISKER = {"type": "rule", "strokeWidth": 2.2, "color": DOT, "opacity": 0.55}
POINT = {"type": "point", "filled": True, "size": 75, "color": DOT, "opacity": 1}

Figure = Mapping[str, Any]


def dots(
    result: Mapping[str, Any], *, number: str, axis: str, caption: str, notes: Sequence[str], reference: float | None
) -> Spec | None:
    """The chart of one number over the groups (or terms, or items) of an analysis; None when there is nothing to draw."""
    wanted = [figure for figure in result["figures"] if figure.get("suppressed") or figure.get(number) is not None]
    if not wanted:
        return None
    items = list(dict.fromkeys(figure.get("item", "") for figure in wanted))
    alone = result["items"].get(items[0], {}).get("wording") if len(items) == 1 else None
    rows = [_row(result, figure, number, items) for figure in wanted]
    rows.sort(key=lambda row: row["place"])
    height = row_height([row["label"] for row in rows], ROW)
    sections = list(dict.fromkeys(row["section"] for row in rows))
    title = alone or caption
    shares = number == "share"
    return titled(
        {
            "data": {"values": rows},
            "facet": {"row": {"field": "section", "type": "nominal", "title": None, "sort": sections, "header": HEADER}},
            "spacing": 4,
            "spec": _panel(number, axis, height, shares=shares, reference=reference),
            "resolve": {"scale": {"y": "independent"}},
        },
        title=title,
        subtitle=notes,
        description=_description(title, rows, shares=shares),
    )  # fmt: skip


def _row(result: Mapping[str, Any], figure: Figure, number: str, items: Sequence[str]) -> dict[str, Any]:
    variable = figure.get("variable", "")
    what = figure.get("label") or figure.get("term") or ""
    group = figure.get("group_label", "") or ("" if figure.get("term") else "All")
    wording = result["items"].get(figure.get("item", ""), {}).get("wording", "")
    section = result["variables"].get(variable, variable) or ("" if figure.get("term") else "Everyone")
    row: dict[str, Any] = {
        "label": in_lines(group or what),
        "section": in_lines(f"{wording} — {section}", 84) if len(items) > 1 else section,
        "place": (items.index(figure.get("item", "")), bool(variable)),
        "what": what,
    }
    if figure.get("suppressed"):
        lean = LEANS.get(figure.get("direction", ""))
        return {**row, "note": f"suppressed [c]{f'; {lean}' if lean else ''}"}
    return {**row, "value": figure[number], "low": figure.get("low"), "high": figure.get("high"), "base": figure.get("base")}


def _panel(number: str, axis: str, height: int, *, shares: bool, reference: float | None) -> Spec:
    y = {"field": "label", "type": "nominal", "sort": None, "title": None}
    form = ".0%" if shares else ".3~g"
    scale: dict[str, Any] = {"domain": [0, 1]} if shares else {"zero": False}
    x = {"field": "value", "type": "quantitative", "title": axis, "scale": scale, "axis": {"format": form, "tickCount": 6}}
    layers: list[Spec] = [
        {"transform": [{"filter": "isValid(datum.low)"}], "mark": WHISKER,
         "encoding": {"y": y, "x": {**x, "field": "low"}, "x2": {"field": "high"}}},
        {"transform": [{"filter": "isValid(datum.value)"}], "mark": POINT,
         "encoding": {"y": y, "x": x, "tooltip": [
             {"field": "label", "title": "Group"}, {"field": "value", "title": number, "format": ".3f"},
             {"field": "low", "format": ".3f"}, {"field": "high", "format": ".3f"}, {"field": "base", "title": "Base"}]}},
        {"transform": [{"filter": "isValid(datum.base)"}],
         "mark": {"type": "text", "align": "left", "dx": 8, "fontSize": 11, "color": QUIET},
         "encoding": {"y": y, "x": {"value": 480}, "text": {"field": "base", "format": ","}}},
        {"transform": [{"filter": "isValid(datum.note)"}],
         "mark": {"type": "text", "align": "left", "fontSize": 11, "fontStyle": "italic", "color": QUIET, "dx": 4},
         "encoding": {"y": y, "x": {"value": 0}, "text": {"field": "note"}}},
    ]  # fmt: skip
    if reference is not None:
        dashes = {"type": "rule", "color": INK, "strokeDash": [3, 3], "opacity": 0.5}
        layers.insert(0, {"mark": dashes, "encoding": {"x": {"datum": reference, "type": "quantitative"}}})
    return {"width": 480, "height": {"step": height}, "view": {"stroke": LINE}, "layer": layers}


def _description(title: str, rows: Sequence[Mapping[str, Any]], *, shares: bool) -> str:
    told = []
    for row in rows:
        if "note" in row:
            told.append(f"{row['label']}: {row['note']}")
            continue
        value = f"{100 * row['value']:.0f}%" if shares else f"{row['value']:.3g}"
        told.append(f"{row['label']}: {value}")
    return f"Dots with intervals. {title} {'; '.join(told)}.".replace("\n", " ")
