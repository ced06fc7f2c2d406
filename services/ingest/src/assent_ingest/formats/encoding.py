"""From bytes to characters, for the formats that do not say how to do it.

The order is measured (ten of ten right, documents.md section 0): byte-order mark, strict UTF-8, what the page declares, chardet.
"""

import codecs
import re

import chardet

from assent_ingest.domain.reading import Unreadable, is_garbled

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARED = re.compile(rb"""<(?:meta|\?xml)[^>]{0,200}?(?:charset|encoding)\s*=\s*["']?\s*([A-Za-z0-9_:.-]{1,40})""", re.IGNORECASE)
# Browsers read what calls itself Latin-1 or ASCII as its superset.
_SUPERSETS = {"iso8859-1": "cp1252", "ascii": "cp1252", "iso8859-9": "cp1254", "gb2312": "gb18030"}
# chardet is linear but slow; a sample this long decides as well as the whole.
_SAMPLE = 200_000


def decode(data: bytes, *, declares: bool = False) -> str:
    """The text of `data`; with `declares` a charset named in its first kilobytes is believed where it fits.

    Raises Unreadable (`unsupported`) when the bytes are no text in any encoding.
    """
    for mark, marked in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(marked, errors="replace")
    believed = _declared(data) if declares else None
    for encoding in ("utf-8", believed, _guessed(data)):
        text = _strictly(data, encoding)
        if text is not None and not is_garbled(text):
            return text
    raise Unreadable("unsupported", "The file is not text in any encoding that could be recognised.")


def _strictly(data: bytes, encoding: str | None) -> str | None:
    if encoding is None:
        return None
    try:
        return data.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        return None


def _declared(data: bytes) -> str | None:
    found = _DECLARED.search(data[:4096])
    if not found:
        return None
    try:
        name = codecs.lookup(found.group(1).decode("ascii")).name
    except LookupError:
        return None
    return _SUPERSETS.get(name, name)


def _guessed(data: bytes) -> str | None:
    return chardet.detect(data[:_SAMPLE])["encoding"]
