"""Which format a file is in, and reading it."""

from collections.abc import Callable
from typing import Literal

from assent_qual.domain.turns import Transcript, UnreadableTranscript
from assent_qual.formats import docx, text, vtt

Format = Literal["vtt", "docx", "text"]

READERS: dict[Format, Callable[[bytes], Transcript]] = {"vtt": vtt.read, "docx": docx.read, "text": text.read}

_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_OTHERS = {b"%PDF-": "PDF", b"{\\rtf": "RTF", b"\x1f\x8b": "gzip", b"ID3": "audio", b"RIFF": "audio"}


def read_transcript(data: bytes, stated: Format | None = None) -> tuple[Format, Transcript]:
    """The format and the turns of a file; the format is guessed from the bytes when it is not stated. Raises UnreadableTranscript."""
    file_format = stated or guess(data)
    return file_format, READERS[file_format](data)


def guess(data: bytes) -> Format:
    """The format that the first bytes speak for. Raises UnreadableTranscript for one that is not read here."""
    for signature, name in _OTHERS.items():
        if data.startswith(signature):
            raise UnreadableTranscript("unsupported", f"the file is {name}, which is not a transcript format that is read here")
    if data.startswith((b"PK\x03\x04", docx.OLE_SIGNATURE)):
        return "docx"
    for mark in _MARKS:
        data = data.removeprefix(mark)
    opening = data[:400].replace(b"\x00", b"").lstrip()
    return "vtt" if opening.startswith(b"WEBVTT") or b" --> " in opening else "text"
