"""How all charts look: a quiet page, type that can be read, and colours that everybody can tell apart.

Opposition is brown and support purple (ColorBrewer's PuOr, safe for every kind of colour blindness); what is on neither side is
grey.
"""

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
WIDEST_LABEL = 230

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
    "axisY": {"grid": False, "labelLimit": WIDEST_LABEL},
    "legend": {"labelFontSize": 12, "titleFontSize": 12, "symbolType": "square", "symbolSize": 140, "labelLimit": 320},
    "view": {"stroke": None},
    "text": {"font": FONT},
}


def wrapped(text: str, width: int) -> list[str]:
    """Lines of words of at most so many characters."""
    lines: list[str] = []
    for word in text.split():
        if lines and len(lines[-1]) + 1 + len(word) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines or [""]
