"""Texts as cells that no spreadsheet takes for a formula, and back.

A spreadsheet takes a cell that begins with = + - or @, a tab or a carriage return for a formula, full-width forms too. Such a cell gets an
apostrophe in front, unless it is a number; so does one that begins with an apostrophe, so that the text can be told from the guard.
"""

import re

_UNSEEN = r"\0-\x1f\x7f\u200b-\u200f\u2060\ufeff"  # what a spreadsheet may drop: NUL, as LibreOffice does, and what has no width
_FORMULA = re.compile(rf"^[\s'{_UNSEEN}]*[=+\-@＝＋－＠\t\r\n]|^'")
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")


def safe_cell(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if _FORMULA.search(text) and not _NUMBER.fullmatch(text) else text


def plain_cell(text: str) -> str:
    """The text that `safe_cell` was given. An apostrophe that guards nothing stays."""
    rest = text[1:]
    return rest if text.startswith("'") and safe_cell(rest) == text else text
