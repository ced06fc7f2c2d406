"""PDF, through PDFium: page by page, lines joined into paragraphs.

PDFium gives lines, not paragraphs, and no layout is guessed beyond where a paragraph ends: its reading order on columns is the best
measured (documents.md 1.2). Not here: recognising the letters of a scan; its pages are named as unread.
"""

import re
from collections.abc import Iterator
from itertools import islice

import pypdfium2
from pypdfium2 import raw

from assent_ingest.domain.reading import MAXIMUM_CHARACTERS, MAXIMUM_PAGES, Reading, Status, Unreadable, is_garbled, within_limit
from assent_ingest.domain.text import Piece, compose

READER = f"pdf 1, pypdfium2 {pypdfium2.PYPDFIUM_INFO}"

# Below this a page that also carries a picture is taken for a scan with a stamp on it.
SCANT_CHARACTERS = 20
# The end marker stands in the last kilobyte; some servers append a few bytes of their own.
_TAIL = 4096
_HYPHEN_AT_LINE_END = re.compile("[\x02\ufffe](?:\r?\n)?")
_SENTENCE_END = re.compile(r"""[.!?:;]["'”’)\]]*$""")
_NEW_ITEM = re.compile(r"(?:[•‣◦▪–*·\uf0b7]|\(?(?:\d{1,3}|[a-z]|[ivx]{1,5})[.)])\s")
_LOOKED_AT = 2_000


def read(data: bytes) -> Reading:
    """Read a PDF file. Raises Unreadable when it is encrypted, damaged, cut short, empty or beyond a limit."""
    document = _open(data)
    pieces: list[Piece] = []
    unread: list[int] = []
    garbled = characters = 0
    for number in range(1, len(document) + 1):
        text, shows_more = _page(document, number - 1)
        characters += len(text)
        if characters > MAXIMUM_CHARACTERS:
            raise Unreadable("limit_hit", f"The text is longer than {MAXIMUM_CHARACTERS:,} characters.")
        if is_garbled(text):
            garbled += 1
            unread.append(number)
            continue
        if shows_more:
            unread.append(number)
        pieces.extend(Piece(paragraph, page=number) for paragraph in paragraphs(text))
    return _reading(pieces, len(document), unread, garbled)


def _reading(pieces: list[Piece], pages: int, unread: list[int], garbled: int) -> Reading:
    blocks = within_limit(compose(pieces))
    if not blocks and not unread:
        raise Unreadable("empty", "The pages are blank.")
    if not blocks or len(unread) > pages / 2:
        status: Status = "garbled" if garbled > len(unread) / 2 else "needs_ocr"
        return Reading("pdf", status, (), READER, pages, tuple(unread))
    return Reading("pdf", "partial" if unread else "ready", blocks, READER, pages, tuple(unread))


def _open(data: bytes) -> pypdfium2.PdfDocument:
    if b"%%EOF" not in data[-_TAIL:]:
        # PDFium rebuilds some of these in part and says nothing; half a document must not pass for the whole.
        raise Unreadable("damaged", "The PDF has no end marker: it was cut short.")
    try:
        document = pypdfium2.PdfDocument(data)
        pages = len(document)
    except pypdfium2.PdfiumError as error:
        if error.err_code == raw.FPDF_ERR_PASSWORD:
            raise Unreadable("encrypted", "The PDF asks for a password.") from error
        if error.err_code == raw.FPDF_ERR_SECURITY:
            raise Unreadable("encrypted", "The PDF is protected in a way that cannot be opened.") from error
        raise Unreadable("damaged", "The PDF's structure is broken.") from error
    if pages > MAXIMUM_PAGES:
        raise Unreadable("limit_hit", f"The PDF has more than {MAXIMUM_PAGES:,} pages.")
    if pages == 0:
        raise Unreadable("damaged", "The PDF has no pages.")
    return document


def _page(document: pypdfium2.PdfDocument, index: int) -> tuple[str, bool]:
    """A page's text, and whether it shows more than that text says."""
    try:
        page = document[index]
    except pypdfium2.PdfiumError:
        return "", True
    try:
        layer = page.get_textpage()
        text = _HYPHEN_AT_LINE_END.sub("", layer.get_text_range())
        layer.close()
        return text, _shows_more(page, len(text.strip()))
    except pypdfium2.PdfiumError:
        return "", True
    finally:
        page.close()


def _shows_more(page: pypdfium2.PdfPage, characters: int) -> bool:
    """Whether a page with next to no text has a picture on it, or one without any has anything at all."""
    if characters >= SCANT_CHARACTERS:
        return False
    shown = islice(page.get_objects(max_depth=2), _LOOKED_AT)
    return any(characters == 0 or item.type == raw.FPDF_PAGEOBJ_IMAGE for item in shown)


def paragraphs(text: str) -> Iterator[str]:
    """Join the lines of a page into paragraphs.

    A paragraph ends at a blank line, before the next item of a list, and after a line that ends a sentence well short of the margin.
    A line much shorter than its page's, without a full stop, is a heading of its own.
    """
    lines = [line.strip() for line in text.splitlines()]
    margin = _margin(lines)
    paragraph: list[str] = []
    for line in lines:
        if paragraph and (not line or _NEW_ITEM.match(line) or _ends(paragraph[-1], margin)):
            yield " ".join(paragraph)
            paragraph = []
        if line:
            paragraph.append(line)
    if paragraph:
        yield " ".join(paragraph)


def _margin(lines: list[str]) -> int:
    """How long a full line is on this page: the upper quartile, so that headings and last lines do not count."""
    lengths = sorted(len(line) for line in lines if line)
    return lengths[len(lengths) * 3 // 4] if lengths else 0


def _ends(line: str, margin: int) -> bool:
    if _SENTENCE_END.search(line):
        return len(line) < 0.85 * margin
    return len(line) < 0.6 * margin
