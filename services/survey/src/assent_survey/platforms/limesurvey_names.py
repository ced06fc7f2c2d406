"""The two names that LimeSurvey has for one answer: a heading of its exports, `Q1[SQ001]`, and a plugin's column, `Q1_SQ001`.

Its interface for plugins gives a row by question code and part. The second scale of a dual-scale array has the code of the first, so
that it keeps a name that ends in `#1`, such as `123456X12X34SQ001#1`; it comes after the first. Codes hold no underscore.
Source: LimeSurvey 6, LimesurveyApi::getResponse and createFieldMap; its export, headings as codes.
"""

import re
from collections.abc import Iterable, Iterator

_COLUMN = re.compile(r"([A-Za-z][A-Za-z0-9]*)_([A-Za-z0-9_-]+)")
_HEADING = re.compile(r"([A-Za-z][A-Za-z0-9]*)\[([A-Za-z0-9_-]+)\](?:\[1\])?")
_SECOND = "#1"


def other_names(columns: Iterable[str]) -> dict[str, str]:
    """By what else each column can be called, {other name: column}; no other name is a column. The columns are in the row's order."""
    given = list(columns)
    return {other: column for other, column in _pairs(given) if other not in set(given)}


def _pairs(columns: list[str]) -> Iterator[tuple[str, str]]:
    before: re.Match[str] | None = None
    for column in columns:
        if column.endswith(_SECOND) and before is not None:
            yield f"{before[1]}[{before[2]}][2]", column
            continue
        before = _COLUMN.fullmatch(column)
        if before is not None:
            yield f"{before[1]}[{before[2]}]", column
            yield f"{before[1]}[{before[2]}][1]", column
        elif heading := _HEADING.fullmatch(column):
            yield f"{heading[1]}_{heading[2]}", column
