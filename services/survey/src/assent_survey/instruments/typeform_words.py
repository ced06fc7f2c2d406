"""Typeform's titles as words: without its Markdown, and with a name in the place of what is filled in for each respondent."""

import re
from collections.abc import Mapping

from assent_survey.instruments.plain_text import without_emphasis

_FILLED_IN = re.compile(r"\{\{\s*\w+[:_]([^{}]+?)\s*\}\}")
_LINK = re.compile(r"\[([^\[\]\n]+)\]\([^()\s]+\)")
_LOOSE = re.compile(r"(?<![\w*])(\*\*?)(?=[^\s*])([^*\n]*[^\s*]) +\1(?![\w*])")
"""Emphasis that its editor ends after a space, as it writes it where somebody emphasises a whole line."""
_UNDERLINED = re.compile(r"(?<!\w)_(?=\S)([^_\n]+)(?<=\S)_(?!\w)")


def plain_words(source: str, names: Mapping[str, str]) -> str:
    """`*Thanks*, {{field:a1}}!` as `Thanks, {first_name}!`. `names` are those of fields, by their references."""
    named = _FILLED_IN.sub(lambda found: "{" + names.get(found[1], found[1]) + "}", source)
    inner = without_emphasis(_UNDERLINED.sub(r"\1", _LINK.sub(r"\1", named)))
    return without_emphasis(_LOOSE.sub(r"\2", inner))  # again, for one emphasis inside another


def own_words(source: str) -> str:
    """The words that every respondent reads, out of which a name can be made."""
    return plain_words(_FILLED_IN.sub("", source), {})
