"""Plain text: paragraphs are what blank lines part; in a text without blank lines each line stands alone."""

import re

import chardet

from assent_ingest.domain.reading import Reading, read_whole
from assent_ingest.domain.text import Piece, compose
from assent_ingest.formats.encoding import decode

READER = f"txt 1, chardet {chardet.__version__}"

_BLANK_LINES = re.compile(r"\n[ \t\f\v]*\n\s*")


def read(data: bytes) -> Reading:
    """Read a text file. Raises Unreadable when it is empty or not text."""
    text = re.sub(r"\r\n?|\u2028|\u2029|\x85", "\n", decode(data)).strip()
    paragraphs = _BLANK_LINES.split(text)
    pieces = paragraphs if len(paragraphs) > 1 else text.split("\n")
    return read_whole("txt", compose(Piece(piece) for piece in pieces), READER)
