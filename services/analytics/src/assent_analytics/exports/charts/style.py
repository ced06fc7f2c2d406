"""How all charts look: a quiet page, type that can be read, and colours that everybody can tell apart.

Opposition is brown and support purple (ColorBrewer's PuOr, safe for every kind of colour blindness); what is on neither side is
grey.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"
FONT = "Liberation Sans, Arial, Helvetica, sans-serif"
INK, QUIET, LINE = "#1a1a1a", "#595959", "#d9d9d9"

AGAINST = {1: ("#b35806",), 2: ("#b35806", "#f1a340"), 3: ("#7f3b08", "#b35806", "#f1a340")}
FOR = {1: ("#542788",), 2: ("#998ec3", "#542788"), 3: ("#b2abd2", "#8073ac", "#542788")}
BETWEEN = "#c9c9c9"
APART = ("#7a7a7a", "#a3a3a3", "#cfcfcf")
DOT = "#542788"
LABEL_LINE = 46
"""Characters of a line of a row's label; longer labels go on."""

LINE_HEIGHT = 15
IN_LINES = "split(datum.label, '\\n')"
"""Draws a label in the lines that `in_lines` made of it."""

MOST_LINES = 20
CENTRED = {
    "condition": [
        {"test": f"length({IN_LINES}) == {lines}", "value": -LINE_HEIGHT * (lines - 1) / 2} for lines in range(2, MOST_LINES)
    ],
    "value": 0,
}
"""Vega hangs lines from the first: moves a label up by half of the others."""

Spec = dict[str, Any]


def titled(spec: Spec, *, title: str, subtitle: Sequence[str], description: str) -> Spec:
    """The specification with its title, what must be said under it, and its description."""
    return {
        "$schema": SCHEMA,
        "description": description,
        "background": "white",
        "padding": 16,
        "title": {
            "text": wrapped(title, 78),
            "subtitle": [line for text in subtitle for line in wrapped(text, 104)],
            "anchor": "start",
            "frame": "group",
            "offset": 14,
        },
        **spec,
        "config": CONFIG,
    }


CONFIG: Mapping[str, Any] = {
    "font": FONT,
    "title": {
        "fontSize": 16,
        "fontWeight": 600,
        "color": INK,
        "subtitleFontSize": 12,
        "subtitleColor": QUIET,
        "subtitlePadding": 6,
    },
    "axis": {
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": 400,
        "labelColor": INK,
        "titleColor": QUIET,
        "domain": False,
        "ticks": False,
        "gridColor": LINE,
        "labelPadding": 6,
    },
    "axisY": {
        "grid": False,
        "labelLimit": 0,
        "labelExpr": IN_LINES,
        "labelLineHeight": LINE_HEIGHT,
        "labelOffset": CENTRED,
    },
    "legend": {"labelFontSize": 12, "titleFontSize": 12, "symbolType": "square", "symbolSize": 140, "labelLimit": 320},
    "view": {"stroke": None},
    "text": {"font": FONT},
}


def wrapped(text: str, width: int) -> list[str]:
    """Lines of words of at most so many characters; words joined by a no-break space stay together."""
    lines: list[str] = []
    for word in re.split(r"\s+", text.strip(), flags=re.ASCII):
        if lines and len(lines[-1]) + 1 + len(word) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines or [""]


def in_lines(text: str, width: int = LABEL_LINE) -> str:
    """A label with line ends in it."""
    return "\n".join(wrapped(text, width))


def row_height(labels: Sequence[str], least: int) -> int:
    """Pixels of a row, so that the label of most lines has room."""
    return max([least, *(LINE_HEIGHT * (label.count("\n") + 1) + 4 for label in labels)])
