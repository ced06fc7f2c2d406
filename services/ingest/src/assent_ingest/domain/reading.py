"""What became of a file when it was read: a status, and text only where there is some.

A file that cannot be read at all raises `Unreadable` and is not kept. A scan and a file with broken fonts are kept without text,
because their originals are worth recognising later.
"""

import re
from dataclasses import dataclass
from typing import Literal, get_args

from assent_ingest.domain.text import Block

Format = Literal["pdf", "docx", "html", "txt"]
Status = Literal["ready", "partial", "needs_ocr", "garbled"]
Refusal = Literal["encrypted", "damaged", "empty", "unsupported", "too_large", "limit_hit", "timed_out"]

FORMATS: tuple[Format, ...] = get_args(Format)
STATUSES: tuple[Status, ...] = get_args(Status)
REFUSALS: tuple[Refusal, ...] = get_args(Refusal)
MEDIA_TYPES: dict[Format, str] = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "html": "text/html",
    "txt": "text/plain",
}

MAXIMUM_BYTES = 50 * 1024 * 1024
MAXIMUM_CHARACTERS = 20_000_000
MAXIMUM_PAGES = 5_000

# A font without a map to Unicode yields controls, private-use characters and U+FFFD. Good files stay under 4 % (documents.md 1.2).
_NOT_LANGUAGE = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ue000-\uf8ff\ufffd]")
GARBLED_SHARE = 0.05


class Unreadable(Exception):
    """The file gives no text and never will: why in one word, and in a sentence for the person who sent it."""

    def __init__(self, refusal: Refusal, why: str) -> None:
        super().__init__(why)
        self.refusal: Refusal = refusal
        self.why = why


@dataclass(frozen=True, slots=True)
class Reading:
    """A file as read. `blocks` is empty exactly when the status is `needs_ocr` or `garbled`.

    `pages` is None where the format has none; `unread_pages` are the numbers of those that gave no usable text. `reader` names what
    read it, with versions: another reader makes another text.
    """

    format: Format
    status: Status
    blocks: tuple[Block, ...]
    reader: str
    pages: int | None = None
    unread_pages: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        has_text, should = bool(self.blocks), self.status in ("ready", "partial")
        if has_text != should:
            raise ValueError(f"a document that is {self.status} must {'have' if should else 'not have'} text")

    @property
    def characters(self) -> int:
        """The length of the canonical text in code points."""
        return self.blocks[-1].end if self.blocks else 0


def read_whole(document_format: Format, blocks: tuple[Block, ...], reader: str) -> Reading:
    """The reading of a format without pages: ready, or refused because nothing was in it or too much."""
    if not blocks:
        raise Unreadable("empty", "There is no text in the file.")
    return Reading(document_format, "ready", within_limit(blocks), reader)


def within_limit(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """The blocks, unless they are longer than a document may be."""
    if blocks and blocks[-1].end > MAXIMUM_CHARACTERS:
        raise Unreadable("limit_hit", f"The text is longer than {MAXIMUM_CHARACTERS:,} characters.")
    return blocks


def is_garbled(text: str) -> bool:
    """Whether more than one character in twenty is none of any language. An empty text is not garbled."""
    return len(_NOT_LANGUAGE.findall(text)) > GARBLED_SHARE * len(text)
