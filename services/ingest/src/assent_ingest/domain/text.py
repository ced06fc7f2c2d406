"""The canonical text of a document: blocks in reading order, joined by one newline each.

A passage is a span of this text, so it must never change once stored: characters are normalised here, in one place, before any
offset is counted. Offsets are Unicode code points. Not here: how a format is read (formats).
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from assent_ingest.domain.queries import indexed

BlockKind = Literal["heading", "paragraph", "list_item", "table_cell", "text_box", "header", "footer", "footnote", "comment"]

SEPARATOR = "\n"
# A longer stretch becomes several blocks, cut between words: a block is what is searched and located as one.
LONGEST_BLOCK = 20_000

# Controls, the soft hyphen and zero-width marks say nothing a reader sees, and hide words from a search.
_INVISIBLE = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u200b\ufeff]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text as a format's reader found it, before it is cleaned. `page` counts from 1 where the format has pages."""

    text: str
    kind: BlockKind = "paragraph"
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """One block of the canonical text: `text[start:end]` of the document, without the separator.

    `paragraph` counts from 1 within the page, or within the document where there are no pages. `words` is the text as it is searched.
    """

    start: int
    end: int
    kind: BlockKind
    page: int | None
    paragraph: int
    text: str
    words: str


def clean(text: str) -> str:
    """One line of normalised text (NFC): no controls, no invisible marks, no lone surrogates, single spaces."""
    visible = _SURROGATE.sub("\ufffd", _INVISIBLE.sub("", text))
    return _SPACE.sub(" ", unicodedata.normalize("NFC", visible)).strip()


def compose(pieces: Iterable[Piece]) -> tuple[Block, ...]:
    """Clean the pieces, drop those with nothing in them, and give the rest their places."""
    blocks: list[Block] = []
    start, page, paragraph = 0, None, 0
    for piece in pieces:
        for text in _lengths(clean(piece.text)):
            paragraph = paragraph + 1 if piece.page == page else 1
            page = piece.page
            blocks.append(Block(start, start + len(text), piece.kind, page, paragraph, text, indexed(text)))
            start += len(text) + len(SEPARATOR)
    return tuple(blocks)


def _lengths(text: str) -> Iterator[str]:
    """The text in lengths that a block may have; nothing of an empty text."""
    while len(text) > LONGEST_BLOCK:
        cut = text.rfind(" ", 0, LONGEST_BLOCK)
        cut = cut if cut > 0 else LONGEST_BLOCK
        yield text[:cut]
        text = text[cut:].lstrip()
    if text:
        yield text


def join(texts: Iterable[str]) -> str:
    """The canonical text of consecutive blocks."""
    return SEPARATOR.join(texts)
