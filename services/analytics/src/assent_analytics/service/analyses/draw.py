"""From an analysis's result to a chart, where its method has one."""

from collections.abc import Mapping
from typing import Any

from assent_analytics.exports.charts.diverging import diverging_bars
from assent_analytics.exports.charts.intervals import dots
from assent_analytics.service.analyses.wording import footnotes, title, whom

NUMBERS = {
    "support": ("share", "share of everyone asked who find it acceptable, with or without conditions", 0.5),
    "proportion": ("share", "share", None),
    "mean": ("mean", "mean", None),
    "ratio": ("ratio", "ratio", None),
    "total": ("total", "total", None),
    "quantile": ("quantile", "quantile", None),
    "consensus": ("agreement", "agreement (Van der Eijk), -1 to 1", 0.0),
    "regression": ("estimate", "coefficient", 0.0),
    "vignettes": ("estimate", "change in the judgement, against the first level", 0.0),
    "mrp": ("share", "modelled share", 0.5),
}


def draw(method: str, request: Mapping[str, Any], result: Mapping[str, Any]) -> dict[str, Any] | None:
    """The Vega-Lite specification of an analysis; None for a method that has no chart."""
    notes = [whom(result), *footnotes(request, result)]
    if method == "distribution":
        return diverging_bars(result, caption=title(method), notes=notes)
    if method not in NUMBERS:
        return None
    number, axis, reference = NUMBERS[method]
    figures = [figure for figure in result["figures"] if _is_drawn(method, figure)]
    bases = "; on the right: unweighted bases" if any(figure.get("base") is not None for figure in figures) else ""
    notes[0] += f" Lines: {100 * request['level']:g}% intervals{bases}."
    return dots({**result, "figures": figures}, number=number, axis=axis, caption=title(method), notes=notes, reference=reference)


def _is_drawn(method: str, figure: Mapping[str, Any]) -> bool:
    """Which figures belong in one picture: those of one kind, on one scale."""
    if method == "support":
        return figure.get("outcome") == "support"
    if method == "vignettes":
        return figure.get("term") == "effect"
    return figure.get("term") != "(Intercept)" and "|" not in str(figure.get("term"))
