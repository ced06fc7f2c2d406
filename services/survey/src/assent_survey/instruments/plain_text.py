"""Labels as plain text: without the HTML that survey platforms write into them, without what no database keeps.

Not a sanitiser of HTML to be shown: what comes out has no tags at all. A comparison such as `age < 18` stays as it is, and so does a
placeholder such as `<PLACE NAME>`.
"""

import html
import re
import unicodedata

LONGEST_SOURCE = 50_000
"""Characters of a label that are looked at; what follows is never a label."""

_BLOCKS = (
    "p|div|br|li|ul|ol|tr|table|h[1-6]|hr|section|article|blockquote|pre|dl|dt|dd"
    "|(?-i:header|footer|main|nav|aside|caption|figcaption|legend|details)"
)
_INLINE = (
    "a|abbr|b|big|body|button|center|cite|code|del|dfn|em|fieldset|figure|font|form|head|html|i|iframe|img|input|ins|kbd|label|link|math"
    "|meta|nobr|option|q|s|samp|select|small|span|strike|strong|sub|sup|svg|tbody|tfoot|thead|tt|u|var|video|audio|wbr"
    "|(?-i:canvas|col|colgroup|embed|mark|noscript|object|param|picture|textarea)|[a-z][a-z0-9]*:[a-z][a-z0-9]*"
)
_CELLS = "td|th"
_HIDDEN = "script|style"
_ATTRIBUTES = r"(?:\s+[\w:.-]+\s*=[^<>]*|\s*/?)"
_TAG = re.compile(
    rf"<(/?)(?:(?P<block>{_BLOCKS})|(?P<cell>{_CELLS})|(?P<hidden>{_HIDDEN})|{_INLINE}){_ATTRIBUTES}>|<[!?][^<>]*>", re.IGNORECASE
)
_EMBEDDED = re.compile(r"data:[\w/+.-]{1,100};base64,[A-Za-z0-9+/=%\s]*")
_CHARACTER = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_EMPHASIS = re.compile(r"(\*\*|\*|(?<!\w)__)(?=[^\s*_])([^*\n]*?[^\s*_])\1(?!(?<=_)\w)")
_NO_TEXT = {"Cc", "Cs", "Cn"}
_WITHOUT_WIDTH = str.maketrans("", "", "\u200b\ufeff")
"""What editors leave behind; joiners are not among them, for some scripts need them."""


def plain_text(source: str) -> str:
    """The words of a label, in lines where its blocks were. Empty where there are none.

    **Usage**: `plain_text("<p>Do you&nbsp;<b>agree</b>?</p>")  # "Do you agree?"`.
    """
    if source.isprintable() and "<" not in source and "&" not in source:
        return " ".join(source[:LONGEST_SOURCE].split())
    shown = _without_comments(_EMBEDDED.sub("", source))[:LONGEST_SOURCE]
    words = _CHARACTER.sub(lambda found: html.unescape(found[0]), _without_tags(shown))
    lines = (" ".join(line.split()) for line in _printable(words).split("\n"))
    return "\n".join(line for line in lines if line)


def without_emphasis(source: str) -> str:
    """A label without the asterisks and double underscores that Markdown emphasises words by; others stay, and so do `*` and `__` alone."""
    return _EMPHASIS.sub(r"\2", source)


def plain_line(source: str) -> str:
    """The words of a label in one line."""
    return " ".join(plain_text(source).split())


def _without_comments(source: str) -> str:
    """Without what word processors hide in comments, which has tags of its own."""
    kept: list[str] = []
    at = 0
    while (start := source.find("<!--", at)) >= 0 and (end := source.find("-->", start + 4)) >= 0:
        kept.append(source[at:start])
        at = end + 3
    return "".join(kept) + source[at:]


def _without_tags(source: str) -> str:
    kept: list[str] = []
    at, hidden = 0, False
    for tag in _TAG.finditer(source):
        if not hidden:
            kept.append(source[at : tag.start()])
            kept.append("\n" if tag["block"] else " " if tag["cell"] else "")
        if tag["hidden"]:
            hidden = not tag[1]
        at = tag.end()
    return "".join(kept) + ("" if hidden else source[at:])


def _printable(text: str) -> str:
    """Line ends as one character; no control characters, which PostgreSQL refuses, and no halves of characters."""
    text = text.translate(_WITHOUT_WIDTH).replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    return "".join(each for each in text if each == "\n" or unicodedata.category(each) not in _NO_TEXT)
