"""LimeSurvey's question types: which answers of each arrive by themselves, and on what scale.

Source: https://manual.limesurvey.org/Question_types and the letters of the column `type` in exports.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

from assent_survey.instruments.limesurvey_tables import Asked, Texts

LISTED = ("L", "!", "O")
BOXES = ("M", "P")
NUMBERS = ("N", "K")
TEXTS = ("S", "T", "U", "Q", "D")
_FIVE = tuple((str(number), str(number)) for number in range(1, 6))
FIXED: dict[str, Sequence[tuple[str, str]]] = {
    "5": _FIVE,
    "A": _FIVE,
    "B": tuple((str(number), str(number)) for number in range(1, 11)),
    "C": (("Y", "Yes"), ("U", "Uncertain"), ("N", "No")),
    "E": (("I", "Increase"), ("S", "Same"), ("D", "Decrease")),
    "G": (("F", "Female"), ("M", "Male")),
    "Y": (("Y", "Yes"), ("N", "No")),
}
WORDED = ("C", "E", "G", "Y")
"""Those of them whose answers are words."""
LOST = {
    "X": "words that ask nothing",
    "*": "a value that the survey computes",
    "|": "a file upload",
    "I": "a choice of the survey's language",
}
_OF_ROWS = ("A", "B", "C", "E", "F", "H", "K", "M", "P", "Q")
_MOST_RANKS = 100


@dataclass(frozen=True, slots=True)
class Cell:
    """One answer that arrives by itself: `suffix` after the question's code, the subquestions it is of, and its scale of answers."""

    suffix: str = ""
    parts: tuple[Asked, ...] = ()
    scale: str = "0"
    headings: tuple[Texts, ...] = ()


def cells_of(asked: Asked) -> list[Cell]:
    """The answers of a question: one, or one for each row, or for each row and column, or for each rank."""
    rows = [each for each in asked.on_scale("0") if each.code]
    if asked.kind in _OF_ROWS:
        return [Cell(f"[{row.code}]", (row,)) for row in rows]
    if asked.kind == "1":
        headings = [
            asked.attributes.get(f"dualscale_header{each}") or {"": f"Scale {place}"} for place, each in ((1, "A"), (2, "B"))
        ]
        return [Cell(f"[{row.code}][{scale + 1}]", (row,), str(scale), (headings[scale],)) for row in rows for scale in (0, 1)]
    if asked.kind in (";", ":"):
        columns = [each for each in asked.on_scale("1") if each.code]
        return [Cell(f"[{row.code}_{column.code}]", (row, column)) for row, column in product(rows, columns)]
    if asked.kind == "R":
        given = asked.attribute("max_subquestions") or asked.attribute("max_answers")
        most = max(len(asked.options()), len(rows))
        ranks = min(int(given), most) if given.isascii() and given.isdigit() and len(given) < 5 else most
        return [Cell(f"[{rank}]", headings=({"": f"Rank {rank}"},)) for rank in range(1, min(ranks, _MOST_RANKS) + 1)]
    return [Cell()]


def is_array_of_boxes(asked: Asked) -> bool:
    """Whether a table of numbers is shown as boxes to tick."""
    return asked.kind == ":" and asked.attribute("multiflexible_checkbox") == "1"


def bounds(asked: Asked) -> tuple[float | None, float | None]:
    """The least and the greatest number, where they are plain numbers and no expressions."""
    lows = ("multiflexible_min",) if asked.kind == ":" else ("min_num_value_n", "slider_min")
    highs = ("multiflexible_max",) if asked.kind == ":" else ("max_num_value_n", "slider_max")
    found = [next(filter(None, map(asked.attribute, names)), "") for names in (lows, highs)]
    low, high = (_plain_number(each) for each in found)
    return low, high


def _plain_number(written: str) -> float | None:
    digits = written.strip().replace(",", ".")
    return (
        float(digits)
        if len(digits) < 20 and digits.removeprefix("-").replace(".", "", 1).isdecimal() and digits.isascii()
        else None
    )
