"""Diverging stacked bars: opposition to the left of nought, support to the right, a neutral answer half on either side.

Those who do not know, refused or broke off stand in a panel of their own: they are on no side, and stacking them in the middle
would hide them. A row of which some answer is suppressed is not drawn, because the lengths of the rest would tell it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from assent_analytics.exports.charts.diverging_panels import BESIDE, beside, sides
from assent_analytics.exports.charts.style import AGAINST, BETWEEN, FOR, Spec, in_lines, titled

Figure = Mapping[str, Any]
HIDDEN = "suppressed [c]"


@dataclass(frozen=True, slots=True)
class Scale:
    """The options of an item from against to for, and where on it the middle lies."""

    against: tuple[str, ...]
    between: tuple[str, ...]
    favour: tuple[str, ...]

    @classmethod
    def of(cls, options: Sequence[Mapping[str, Any]]) -> "Scale":
        """By what the options mean for support; by their places where they say nothing of it."""
        stances: dict[str, list[str]] = {"opposes": [], "conditional": [], "supports": [], "": []}
        for option in options:
            stances[option["stance"] or ""].append(option["option"])
        if stances["opposes"] or stances["supports"]:
            return cls(tuple(stances["opposes"]), tuple(stances[""]), (*stances["conditional"], *stances["supports"]))
        names = [option["option"] for option in options]
        half = len(names) // 2
        return cls(tuple(names[:half]), tuple(names[half : len(names) - half]), tuple(names[len(names) - half :]))

    def colours(self) -> dict[str, str]:
        """A colour for each option; beyond three on a side the palest repeats."""
        against, favour = AGAINST[min(max(len(self.against), 1), 3)], FOR[min(max(len(self.favour), 1), 3)]
        found = {option: against[min(place, len(against) - 1)] for place, option in enumerate(self.against)}
        found |= dict.fromkeys(self.between, BETWEEN)
        extra = len(self.favour) - len(favour)
        return found | {option: favour[max(place - extra, 0)] for place, option in enumerate(self.favour)}


def diverging_bars(result: Mapping[str, Any], *, caption: str, notes: Sequence[str]) -> Spec | None:
    """The chart of a distribution's first item by group, or of several items with the same options; None when there is nothing to
    draw.
    """
    items = list(dict.fromkeys(figure["item"] for figure in result["figures"]))
    options = result["items"][items[0]]["options"]
    alike = [item for item in items if result["items"][item]["options"] == options]
    scale = Scale.of(options)
    labels = {option["option"]: option["label"] for option in options}
    rows = _rows(result, alike, several=len(alike) > 1)
    bars = [bar for label, figures in rows for bar in _bars(label, figures, scale, labels)]
    if not any("share" in bar for bar in bars):
        return None
    title = result["items"][items[0]]["wording"] if len(alike) == 1 else caption
    order = [label for label, _ in rows]
    colours = {labels[option]: colour for option, colour in scale.colours().items()}
    return titled(
        {
            "data": {"values": bars},
            "spacing": 24,
            "hconcat": [sides(bars, colours, order), beside(bars, order)],
            "resolve": {"scale": {"color": "independent"}},
        },
        title=title,
        subtitle=notes,
        description=_description(title, rows, scale),
    )


def _rows(result: Mapping[str, Any], items: Sequence[str], *, several: bool) -> list[tuple[str, list[Figure]]]:
    """Bars with their labels: everyone first, then the groups; or an item each."""
    rows = []
    wanted = [figure for figure in result["figures"] if figure["item"] in items and "outcome" in figure]
    wanted.sort(key=lambda figure: (items.index(figure["item"]), bool(figure.get("variable"))))
    for (item, variable, group), figures in groupby(
        wanted, key=lambda figure: (figure["item"], figure.get("variable", ""), figure.get("group_label", ""))
    ):
        of_row = list(figures)
        name = f"{result['variables'].get(variable, variable)}: {group}" if variable else "All"
        wording = result["items"][item]["wording"]
        label = name if not several else wording if not variable else f"{wording} — {name}"
        base = next((figure["base"] for figure in of_row if figure.get("base") is not None), None)
        rows.append((in_lines(f"{label} (n\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}{base:,})" if base is not None else label), of_row))
    return rows


def _bars(label: str, figures: Sequence[Figure], scale: Scale, labels: Mapping[str, str]) -> list[dict[str, Any]]:
    """The pieces of one bar with their ends, and what stands beside it."""
    shares = {figure["outcome"]: figure.get("share") for figure in figures}
    base = next((figure["base"] for figure in figures if figure.get("base") is not None), None)
    told = {"row": label, "base": base}
    apart = [
        {**told, "panel": "beside", "answer": name, "share": shares[outcome]}
        for outcome, name in BESIDE
        if shares.get(outcome) is not None
    ]
    if any(outcome in shares and shares[outcome] is None for outcome, _ in BESIDE):
        apart = [{**told, "panel": "beside hidden", "note": HIDDEN}]
    options = (*scale.against, *scale.between, *scale.favour)
    known = {option: share for option in options if (share := shares.get(option)) is not None}
    if len(known) < len(options):
        return [{**told, "panel": "hidden", "note": HIDDEN}, *apart]
    start = -sum(known[option] for option in scale.against) - sum(known[option] for option in scale.between) / 2
    pieces = []
    for option in options:
        end = start + known[option]
        text = f"{100 * known[option]:.0f}" if known[option] >= 0.04 else ""
        pieces.append(
            {**told, "panel": "sides", "answer": labels[option], "from": start, "to": end, "share": known[option], "text": text}
        )
        start = end
    return [*pieces, *apart]


def _description(title: str, rows: Sequence[tuple[str, Sequence[Figure]]], scale: Scale) -> str:
    """The chart in words, for those who do not see it."""
    told = []
    for label, figures in rows:
        shares = {figure["outcome"]: figure["share"] for figure in figures if figure.get("share") is not None}
        if not {*scale.favour, *scale.against} <= shares.keys():
            told.append(f"{label}: {HIDDEN}")
            continue
        favour, against = (sum(shares[option] for option in side) for side in (scale.favour, scale.against))
        told.append(f"{label}: {100 * favour:.0f}% for, {100 * against:.0f}% against")
    return f"Diverging stacked bars. {title} {'; '.join(told)}.".replace("\n", " ")
