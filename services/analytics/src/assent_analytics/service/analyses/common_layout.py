"""The layout that most methods share: a section for each item, a row for each figure, its numbers in columns that read well."""

from collections.abc import Callable, Iterable, Mapping, Sequence
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

SHARES = ("share", "difference")
"""Numbers that are shares, with whatever bounds they have."""


class Shown:
    """A column of the common layout: the number it shows, its heading, and how it is written; `bounds` make it an interval."""

    def __init__(self, name: str, label: str, write: Callable[[float], str], bounds: tuple[str, str] | None = None) -> None:
        self.name, self.label, self.write, self.bounds = name, label, write, bounds

    def cell(self, figure: Figure) -> Cell:
        """What stands in the column for a figure."""
        if figure.get("suppressed"):
            return HIDDEN
        names = self.bounds or (self.name,)
        numbers = [(name, figure[name]) for name in names if figure.get(name) is not None]
        if len(numbers) < len(names):
            return ABSENT
        texts = [self.write(number) for _, number in numbers]
        return Cell(interval(*texts) if self.bounds else texts[0], numbers=tuple(numbers))

    def is_in(self, figures: Iterable[Figure]) -> bool:
        """Whether some figure has it."""
        return any(figure.get((self.bounds or (self.name,))[0]) is not None for figure in figures)


def _columns(result: Mapping[str, Any], level: float) -> list[Shown]:
    """Every column there can be, in the order in which they stand."""
    main = next((name for name in MAIN if any(name in figure for figure in result["figures"])), "estimate")
    is_share = main in ("share", "earlier")
    write = percent if main == "share" else decimal
    label = f"{100 * level:g}% interval"
    return [
        *(Shown(name, heading, percent if name in ("share", "earlier", "later") else decimal) for name, heading in MAIN.items()),
        Shown("low", label, write, ("low", "high")),
        Shown("standard_error", "Standard error", decimal if main != "share" else lambda error: f"{error:.4f}"),
        Shown("difference", "Change" if main == "earlier" else "Difference from the rest", _points if is_share else decimal),
        Shown(
            "difference_low",
            f"{label} of the difference",
            _points if is_share else decimal,
            ("difference_low", "difference_high"),
        ),
        *(Shown(name, heading, decimal) for name, heading in STATISTICS.items()),
        Shown("p", "p", p_value),
        Shown("p_holm", "p (Holm)", p_value),
        Shown("p_corrected", "p (corrected)", p_value),
        *(Shown(name, heading, write) for name, (heading, write) in SIZES.items()),
    ]


def _points(share: float) -> str:
    return f"{100 * share:+.1f} points"


MAIN = {
    "share": "Share",
    "earlier": "Earlier",
    "later": "Later",
    "mean": "Mean",
    "total": "Total",
    "ratio": "Ratio",
    "quantile": "Quantile",
    "estimate": "Estimate",
    "odds_ratio": "Odds ratio",
    "agreement": "Agreement (Van der Eijk)",
    "net_agreement": "Net agreement",
    "polarization": "Potential for conflict (PCI2)",
}
STATISTICS = {
    "statistic": "Statistic",
    "f": "F",
    "t": "t",
    "chi_square": "Chi-square",
    "numerator_df": "df 1",
    "denominator_df": "df 2",
}
SIZES: dict[str, tuple[str, Callable[[float], str]]] = {
    "base": ("Base (unweighted)", whole),
    "n_effective": ("Effective n", whole),
    "design_effect": ("Design effect", decimal),
}


def common(method: str, request: Mapping[str, Any], result: Mapping[str, Any]) -> Table:
    """A section for each item, a row for each figure; tests in sections after them."""
    figures: Sequence[Figure] = result["figures"] or result["tests"]
    shown = [column for column in _columns(result, request["level"]) if column.is_in(figures)]
    rows: list[Row] = []
    section: tuple[str, ...] | None = None
    for figure in figures:
        here = (figure.get("item", ""), figure.get("variable", ""))
        if here != section:
            section = here
            rows.append(Row(_heading(result, *here)))
        rows.append(Row(_label(figure), 1, _cells(figure, shown)))
    return Table(
        caption=caption(method, result),
        stub="Group and answer",
        columns=tuple(Column(column.label) for column in shown),
        rows=tuple(rows),
        footnotes=tuple(footnotes(request, result)),
    )


def _cells(figure: Figure, shown: Sequence[Shown]) -> tuple[Cell, ...]:
    """A figure without its own number, such as a group of nobody, has what it has and blanks beside it."""
    if figure.get("suppressed"):
        lean = LEANINGS.get(figure.get("direction", ""), "")
        return tuple(Cell(f"{HIDDEN.text} {lean}", "suppressed") if lean and place == 0 else HIDDEN for place in range(len(shown)))
    return tuple(
        cell if (cell := column.cell(figure)).mark != "missing" else EMPTY if _optional(column) else cell for column in shown
    )


LEANINGS = {"below_half": "below half", "above_half": "above half", "unclear": "unclear on which side of half"}


def _optional(column: Shown) -> bool:
    """Whether a column does not concern every row."""
    return column.name in ("difference", "difference_low", "p", "p_holm", "p_corrected", "design_effect", *STATISTICS)


def _heading(result: Mapping[str, Any], item: str, variable: str) -> str:
    wording = result["items"].get(item, {}).get("wording", item)
    label = result["variables"].get(variable, variable)
    return f"{wording} — by {label.lower()}" if variable and wording else wording or label or "Whole"


def _label(figure: Figure) -> str:
    group = figure.get("group_label", "")
    what = figure.get("label") or figure.get("outcome") or figure.get("term") or figure.get("test") or ""
    return f"{group}: {what}" if group and what else group or what or "All"
