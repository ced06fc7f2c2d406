"""Texts as cells that no spreadsheet takes for a formula, and back.

A spreadsheet takes a cell that begins with = + - or @, a tab or a carriage return for a formula, full-width forms too. Such a cell gets an
apostrophe in front, unless it is a number; so does one that begins with an apostrophe, so that the text can be told from the guard.

Where a semicolon divides cells, as in half of Europe, a file divided by commas is read as if its quotes were none: whatever is behind a
semicolon, a tab or a line break in a text begins a cell. So each such part is guarded like a cell.
"""

import re

_UNSEEN = r"\0-\x08\x0b\x0c\x0e-\x1f\x7f\u200b-\u200f\u2060\ufeff"
"""What a spreadsheet may drop: NUL, as LibreOffice does, and what has no width."""
_SIGNS = "=+\\-@＝＋－＠"
_FORMULA = re.compile(rf"[\s'{_UNSEEN}]*[{_SIGNS}\t\r\n]|'")
_BEHIND, _BEGINS = r"(?<=[;\t\r\n])", rf"(?=(?:[^\S\t\r\n]|['{_UNSEEN}])*[{_SIGNS}]|')"
_PART, _GUARDED_PART = re.compile(_BEHIND + _BEGINS), re.compile(f"{_BEHIND}'{_BEGINS}")
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")


def safe_cell(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    if _NUMBER.fullmatch(text):
        return text
    return ("'" if _FORMULA.match(text) else "") + _PART.sub("'", text)


def plain_cell(text: str) -> str:
    """The text that `safe_cell` was given. An apostrophe that guards nothing stays."""
    plain = _GUARDED_PART.sub("", text.removeprefix("'"))
    return plain if safe_cell(plain) == text else text
