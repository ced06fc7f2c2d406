"""Bytes as text: what WebVTT and plain text files have in common."""

import re

from assent_qual.domain.turns import UnreadableTranscript

_LINE_ENDINGS = re.compile(r"\r\n?")
_BYTE_ORDER_MARKS = (("utf-8-sig", b"\xef\xbb\xbf"), ("utf-16", b"\xff\xfe"), ("utf-16", b"\xfe\xff"))


def decode(data: bytes) -> str:
    """The text of a file, with line feeds as line endings and without a byte order mark.

    A mark decides; without one the text is UTF-8, or else Windows-1252, in which older transcription programs write.
    Raises UnreadableTranscript when the file is empty or is no text.
    """
    if not data.strip():
        raise UnreadableTranscript("empty", "the file is empty")
    marked = [encoding for encoding, mark in _BYTE_ORDER_MARKS if data.startswith(mark)]
    for encoding in marked[:1] or ("utf-8", "cp1252"):
        try:
            text = _LINE_ENDINGS.sub("\n", data.decode(encoding))
        except UnicodeDecodeError:
            continue
        if "\x00" in text:
            break
        return text
    raise UnreadableTranscript("damaged", "the file is not text")
