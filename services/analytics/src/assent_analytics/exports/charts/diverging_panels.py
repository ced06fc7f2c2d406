"""The two panels of diverging bars as Vega-Lite: the sides of nought, and those who are on no side."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from assent_analytics.exports.charts.style import APART, INK, QUIET, Spec, row_height

BESIDE = (("dont_know", "Don't know"), ("refused", "Refused"), ("break_off", "Broke off"))
ROW = 30
UNIT = 420
"""Pixels of a share of 1, the same in both panels, so that their bars can be compared."""

BAR = {"type": "bar", "height": 22, "stroke": "white", "strokeWidth": 0.8}
DARK = ("#b35806", "#7f3b08", "#542788", "#8073ac")
"""Colours on which a number is written in white."""

Bar = Mapping[str, Any]


def sides(bars: Sequence[Bar], colours: Mapping[str, str], order: Sequence[str]) -> Spec:
    """Against and for, by `colours` of the answers' labels; rows in this order."""
    reach = _reach(bars)
    y = {"field": "row", "type": "nominal", "sort": list(order), "title": None, "axis": {"labelFontSize": 12}}
    nought = {"mark": {"type": "rule", "color": QUIET}, "encoding": {"x": {"datum": 0, "type": "quantitative"}}}
    return {
        "width": round(UNIT * (reach[1] - reach[0])),
        "height": {"step": row_height(order, ROW)},
        "layer": [_pieces(y, colours, reach), _shares(y, colours), note("hidden", y), {"data": {"values": [{}]}, **nought}],
    }


def _reach(bars: Sequence[Bar]) -> tuple[float, float]:
    """How far the longest bars reach on either side, in whole tenths and a little further."""
    ends = [bar for bar in bars if bar["panel"] == "sides"]
    left, right = max((-bar["from"] for bar in ends), default=0.0), max((bar["to"] for bar in ends), default=0.0)
    return -(math.ceil(10 * max(left, 0.1) + 0.2) / 10), math.ceil(10 * max(right, 0.1) + 0.2) / 10


def _pieces(y: Spec, colours: Mapping[str, str], reach: tuple[float, float]) -> Spec:
    ends = {
        "field": "from",
        "type": "quantitative",
        "title": "against  ←   share of everyone asked   →  for",
        "axis": {"labelExpr": "format(abs(datum.value), '.0%')", "tickCount": 6},
        "scale": {"domain": list(reach), "nice": False},
    }
    colour = {
        "field": "answer",
        "type": "nominal",
        "sort": list(colours),
        "scale": {"domain": list(colours), "range": list(colours.values())},
        "legend": {"title": None, "orient": "bottom", "direction": "horizontal", "columns": 3},
    }
    tooltip = [
        {"field": "row", "title": "Group"},
        {"field": "answer", "title": "Answer"},
        {"field": "share", "title": "Share", "format": ".1%"},
        {"field": "base", "title": "Base"},
    ]
    encoding = {"y": y, "x": ends, "x2": {"field": "to"}, "color": colour, "tooltip": tooltip}
    return {"transform": [{"filter": "datum.panel == 'sides'"}], "mark": BAR, "encoding": encoding}


def _shares(y: Spec, colours: Mapping[str, str]) -> Spec:
    """The shares in the middle of the pieces, in a colour that can be read there."""
    dark = [answer for answer, shade in colours.items() if shade in DARK]
    white = {"condition": {"test": {"field": "answer", "oneOf": dark}, "value": "white"}, "value": INK}
    return {
        "transform": [{"filter": "datum.panel == 'sides'"}, {"calculate": "(datum.from + datum.to) / 2", "as": "middle"}],
        "mark": {"type": "text", "fontSize": 11, "baseline": "middle"},
        "encoding": {"y": y, "x": {"field": "middle", "type": "quantitative"}, "text": {"field": "text"}, "color": white},
    }


def beside(bars: Sequence[Bar], order: Sequence[str]) -> Spec:
    """Those who are on no side, stacked from nought."""
    y = {"field": "row", "type": "nominal", "sort": list(order), "title": None, "axis": None}
    mine = [bar for bar in bars if bar["panel"] == "beside"]
    used = {bar["answer"] for bar in mine if bar["share"] > 0}
    names = [name for _, name in BESIDE if name in used or name == BESIDE[0][1]]
    longest = max((sum(bar["share"] for bar in mine if bar["row"] == row) for row in order), default=0.0)
    reach = max(math.ceil(10 * longest + 0.2) / 10, 0.2)
    x = {
        "field": "share",
        "type": "quantitative",
        "stack": "zero",
        "title": "on no side",
        "axis": {"format": ".0%", "values": [0, reach]},
        "scale": {"domain": [0, reach], "nice": False},
    }
    colour = {
        "field": "answer",
        "scale": {"domain": names, "range": list(APART[: len(names)])},
        "legend": {"title": None, "orient": "bottom", "direction": "vertical"},
    }
    encoding = {"y": y, "x": x, "order": {"field": "answer", "sort": "ascending"}, "color": colour}
    stacked = {"transform": [{"filter": "datum.panel == 'beside'"}], "mark": BAR, "encoding": encoding}
    return {"width": round(UNIT * reach), "height": {"step": row_height(order, ROW)}, "layer": [stacked, note("beside hidden", y)]}


def note(panel: str, y: Spec) -> Spec:
    """Words where a bar would be."""
    return {
        "transform": [{"filter": f"datum.panel == '{panel}'"}],
        "mark": {"type": "text", "fontSize": 11, "fontStyle": "italic", "color": QUIET, "align": "left", "dx": 4},
        "encoding": {"y": y, "x": {"datum": 0, "type": "quantitative"}, "text": {"field": "note"}},
    }
