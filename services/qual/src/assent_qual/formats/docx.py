"""Word documents: the paragraphs of the body, read like plain text.

Only the main part is opened, under limits that stop a decompression bomb, with a parser that resolves no entity and fetches nothing.
Not read: headers, footers, comments, footnotes, and words deleted under tracked changes.
"""

import io
import posixpath
import zipfile
import zlib
from collections.abc import Iterator

from lxml import etree

from assent_qual.domain.turns import Transcript, UnreadableTranscript
from assent_qual.formats.text import read_paragraphs

LARGEST_PART = 20 * 1024 * 1024
MOST_ENTRIES = 2_000
OLE_SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_STRICT_WORD = "{http://purl.oclc.org/ooxml/wordprocessingml/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_RELATIONSHIP = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_BREAKS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}


def read(data: bytes) -> Transcript:
    """The turns of a Word document. Raises UnreadableTranscript."""
    if data.startswith(OLE_SIGNATURE):
        raise UnreadableTranscript("encrypted", "the document is protected by a password, or is in the format of Word before 2007")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if len(archive.infolist()) > MOST_ENTRIES:
                raise UnreadableTranscript("too_large", f"the document has more than {MOST_ENTRIES:,} parts")
            body = _parse(_part(archive, _main_part(archive)))
    except (zipfile.BadZipFile, zlib.error, KeyError, EOFError, NotImplementedError, ValueError, OSError) as error:
        raise UnreadableTranscript("damaged", "the file is not a whole Word document") from error
    return read_paragraphs("\n\n".join(_paragraphs(body)))


def _main_part(archive: zipfile.ZipFile) -> str:
    """The name of the part that holds the text; most programs call it word/document.xml, but the package says."""
    for relationship in _parse(_part(archive, "_rels/.rels")).iter(_RELATIONSHIP):
        if relationship.get("Type", "").endswith("/officeDocument"):
            return posixpath.normpath(relationship.get("Target", "")).lstrip("/")
    raise KeyError("officeDocument")


def _part(archive: zipfile.ZipFile, name: str) -> bytes:
    """One part, unpacked; what it declares as its size is not believed."""
    entry = archive.getinfo(name)
    if entry.flag_bits & 0x1:
        raise UnreadableTranscript("encrypted", "the document is protected by a password")
    with archive.open(entry) as part:
        content = part.read(LARGEST_PART + 1)
    if len(content) > LARGEST_PART:
        raise UnreadableTranscript("too_large", f"the document unpacks to more than {LARGEST_PART // 1024 // 1024} MB")
    return content


def _parse(content: bytes) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise ValueError("not well-formed") from error
    if getattr(root.getroottree().docinfo, "doctype", ""):
        raise ValueError("a document type declaration")
    return root


def _paragraphs(body: etree._Element) -> Iterator[str]:
    """The paragraphs in the order of the text, those of tables and text boxes too; each once, though files hold boxes twice."""
    for fallback in list(body.iter(_FALLBACK)):
        parent = fallback.getparent()
        if parent is not None:
            parent.remove(fallback)
    for paragraph in body.iter(f"{_WORD}p", f"{_STRICT_WORD}p"):
        text = "".join(_words(paragraph))
        if text.strip():
            yield text


def _words(element: etree._Element) -> Iterator[str]:
    """The words below an element, not counting paragraphs nested in it, which come on their own."""
    for child in element:
        if not isinstance(child.tag, str):
            continue
        name = etree.QName(child).localname
        if name == "t":
            yield child.text or ""
        elif name in _BREAKS:
            yield _BREAKS[name]
        elif name not in ("p", "pPr", "tabs"):
            yield from _words(child)
