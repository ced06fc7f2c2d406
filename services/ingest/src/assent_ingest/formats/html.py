"""Web pages: the main text and its comments through trafilatura, or all visible text where that finds next to nothing.

Trafilatura gives nothing, without an error, on pages nested very deep or laid out in an unusual way; then selectolax reads every
visible word. Not here: running scripts or fetching anything that the page points to.
"""

import logging
import re
from collections.abc import Iterator

import selectolax
import trafilatura
from lxml import etree
from selectolax.lexbor import LexborHTMLParser
from trafilatura.settings import Document

from assent_ingest.domain.reading import Reading, read_whole
from assent_ingest.domain.text import Block, BlockKind, Piece, compose
from assent_ingest.formats.encoding import decode

READER = f"html 1, trafilatura {trafilatura.__version__}, selectolax {selectolax.__version__}"

# Less main text than this, and the whole page is read instead.
SCANT_CHARACTERS = 200

# Trafilatura's own element names.
_MAIN_KINDS: dict[str, BlockKind] = {
    "head": "heading",
    "p": "paragraph",
    "quote": "paragraph",
    "item": "list_item",
    "cell": "table_cell",
}
_MAIN_BREAKS = frozenset({"body", "div", "list", "table", "row", "code", "graphic", *_MAIN_KINDS})

_PAGE_KINDS: dict[str, BlockKind] = {
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6", "title"), "heading"),
    **dict.fromkeys(("li", "dt", "dd"), "list_item"),
    **dict.fromkeys(("td", "th"), "table_cell"),
}
_INLINE = re.compile(
    "a|abbr|acronym|b|bdi|bdo|big|cite|code|data|del|dfn|em|font|i|ins|kbd|label|mark|q|s|samp|small|span|strong|sub|sup|time|tt|u|var|wbr"
)
_UNSEEN = ["script", "style", "noscript", "template", "head", "iframe", "object", "svg", "select", "button"]


def read(data: bytes) -> Reading:
    """Read a web page. Raises Unreadable when there is no text in it."""
    page = decode(data, declares=True).replace("\0", "")
    blocks = _main_text(page)
    if not blocks or blocks[-1].end < SCANT_CHARACTERS:
        everything = _all_text(page)
        if everything and (not blocks or everything[-1].end >= blocks[-1].end):
            blocks = everything
    return read_whole("html", blocks, READER)


def _main_text(page: str) -> tuple[Block, ...]:
    logging.getLogger("trafilatura").disabled = True
    try:
        found = trafilatura.bare_extraction(page, include_comments=True, include_tables=True, with_metadata=False)
    except (ValueError, TypeError, AttributeError, RecursionError):
        return ()
    if not isinstance(found, Document):
        return ()
    roots = (found.body, found.commentsbody)
    return compose(piece for root in roots if root is not None for piece in _elements(root))


def _elements(root: etree._Element) -> Iterator[Piece]:
    """Trafilatura's elements as pieces: a block begins and ends where a block element does."""
    kinds: list[BlockKind] = ["paragraph"]
    said: list[str] = []
    for event, element in etree.iterwalk(root, events=("start", "end")):
        name = str(element.tag)
        if name in _MAIN_BREAKS:
            yield Piece("".join(said), kinds[-1])
            said = []
        if event == "start":
            kinds.append(_MAIN_KINDS.get(name, kinds[-1]))
            said.append(" " if name == "lb" else element.text or "")
        else:
            kinds.pop()
            said.append(element.tail or "")
    yield Piece("".join(said), kinds[-1])


def _all_text(page: str) -> tuple[Block, ...]:
    tree = LexborHTMLParser(page)
    tree.strip_tags(_UNSEEN, recursive=True)
    return compose(_visible(tree))


def _visible(tree: LexborHTMLParser) -> Iterator[Piece]:
    """Every visible text, in blocks that begin where an element begins that is not part of a line."""
    if tree.root is None:
        return
    kind: BlockKind = "paragraph"
    said: list[str] = []
    for node in tree.root.traverse(include_text=True):
        if node.tag == "-text":
            said.append(node.text_content or "")
        elif node.tag == "br":
            said.append(" ")
        elif not _INLINE.fullmatch(node.tag or ""):
            yield Piece("".join(said), kind)
            kind, said = _PAGE_KINDS.get(node.tag or "", "paragraph"), []
    yield Piece("".join(said), kind)
