"""Word documents, read straight from the zip: headers, body with text boxes and tables, footers, notes, comments.

What was deleted under revision marks is left out. Nothing is expanded before it is measured, and a document type declaration, which
Word never writes, is refused: that is where entity bombs and external entities live.
"""

import posixpath
import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO

from lxml import etree

from assent_ingest.domain.reading import Reading, Unreadable, read_whole
from assent_ingest.domain.text import BlockKind, Piece, compose

READER = f"docx 1, lxml {etree.__version__}"

MAXIMUM_MEMBERS = 5_000
MAXIMUM_UNPACKED = 200 * 1024 * 1024
MAXIMUM_RATIO = 200
_SMALL = 1024 * 1024

_MAIN = "word/document.xml"
# Related parts in reading order; the body stands after the headers.
_RELATED: tuple[tuple[str, BlockKind], ...] = (
    ("header", "header"),
    ("footer", "footer"),
    ("footnotes", "footnote"),
    ("endnotes", "footnote"),
    ("comments", "comment"),
)
_PLACES: dict[str, BlockKind] = {"tc": "table_cell", "txbxContent": "text_box"}
_SPACES = frozenset({"tab", "ptab", "br", "cr"})
# Properties, field codes, deletions, and the older copy of what `Choice` already says.
_SKIPPED = frozenset({"pPr", "rPr", "sectPr", "instrText", "del", "delText", "moveFrom", "Fallback"})


def read(data: bytes) -> Reading:
    """Read a DOCX file. Raises Unreadable when it is damaged, encrypted, empty or beyond a limit."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as package:
            return read_whole("docx", compose(_pieces(_Package(package))), READER)
    except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError, ValueError) as error:
        raise Unreadable("damaged", "The document's zip container is broken.") from error


class _Package:
    """The parts of a document by name, each measured while it is unpacked."""

    def __init__(self, package: zipfile.ZipFile) -> None:
        members = package.infolist()
        if len(members) > MAXIMUM_MEMBERS:
            raise Unreadable("limit_hit", f"The document has more than {MAXIMUM_MEMBERS:,} parts.")
        if sum(member.file_size for member in members) > MAXIMUM_UNPACKED or any(map(_bursts, members)):
            raise Unreadable("limit_hit", "The document unpacks to far more than a document holds.")
        self._package = package
        self._members = {member.filename.lstrip("/"): member for member in members}
        self._unpacked = 0

    def part(self, name: str) -> etree._Element | None:
        """The root of a part; None when the document names a part that it does not hold."""
        member = self._members.get(name)
        if member is None:
            return None
        if member.flag_bits & 0x1:
            raise Unreadable("encrypted", "A part of the document is encrypted.")
        return _parse(self._unpack(member))

    def _unpack(self, member: zipfile.ZipInfo) -> bytes:
        """Unpack and count: what the directory declares may be a lie."""
        try:
            with self._package.open(member) as stream:
                content = stream.read(MAXIMUM_UNPACKED - self._unpacked + 1)
        except zlib.error as error:
            raise Unreadable("damaged", "A part of the document cannot be unpacked.") from error
        self._unpacked += len(content)
        if self._unpacked > MAXIMUM_UNPACKED:
            raise Unreadable("limit_hit", "The document unpacks to far more than a document holds.")
        return content

    def related(self, name: str) -> dict[str, list[str]]:
        """The parts that part `name` (or, for the empty name, the package) points to, by the last word of the relation's type."""
        folder, base = posixpath.split(name)
        root = self.part(posixpath.join(folder, "_rels", f"{base}.rels"))
        found: dict[str, list[str]] = {}
        for relation in root if root is not None else ():
            if relation.get("TargetMode") != "External":
                target = posixpath.normpath(posixpath.join("/", folder, relation.get("Target", ""))).lstrip("/")
                found.setdefault(relation.get("Type", "").rpartition("/")[2], []).append(target)
        return found


def _bursts(member: zipfile.ZipInfo) -> bool:
    return member.file_size > _SMALL and member.file_size > MAXIMUM_RATIO * max(member.compress_size, 1)


def _parse(content: bytes) -> etree._Element:
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        if "XML_PARSE_HUGE" in str(error):
            raise Unreadable("limit_hit", "A part of the document is nested too deep or too long.") from error
        raise Unreadable("damaged", "A part of the document is not well-formed XML.") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise Unreadable("damaged", "A part of the document declares a document type, which Word never does.")
    return root


def _pieces(package: _Package) -> Iterator[Piece]:
    main = next(iter(package.related("").get("officeDocument", ())), _MAIN)
    body = package.part(main)
    if body is None:
        raise Unreadable("damaged", "The document has no body.")
    related = package.related(main)
    for relation, kind in _RELATED:
        if relation == "footer":
            yield from _paragraphs(body, "paragraph")
        for name in sorted(related.get(relation, ())):
            part = package.part(name)
            if part is not None:
                yield from _paragraphs(part, kind)


def _paragraphs(root: etree._Element, kind: BlockKind) -> Iterator[Piece]:
    """The paragraphs of a part. A text box inside a paragraph comes out before the paragraph that holds it."""
    open_paragraphs: list[list[str]] = []
    kinds: list[BlockKind] = [kind]
    walk = etree.iterwalk(root, events=("start", "end"))
    for event, element in walk:
        name = etree.QName(element).localname
        if event == "start":
            if name in _SKIPPED or _is_rule(name, element):
                walk.skip_subtree()
            elif name == "p":
                open_paragraphs.append([])
            elif name in _PLACES:
                kinds.append(_PLACES[name])
            elif open_paragraphs:
                open_paragraphs[-1].append(_said(name, element))
        elif name == "p" and open_paragraphs:
            yield Piece("".join(open_paragraphs.pop()), _kind_of(element, kinds[-1]))
        elif name in _PLACES and len(kinds) > 1:
            kinds.pop()


def _said(name: str, element: etree._Element) -> str:
    if name == "t":
        return element.text or ""
    if name == "noBreakHyphen":
        return "-"
    return " " if name in _SPACES else ""


def _is_rule(name: str, element: etree._Element) -> bool:
    """Whether this note is the line that Word draws above notes."""
    return name in ("footnote", "endnote") and any(value.lower().endswith("separator") for value in map(str, element.values()))


def _kind_of(paragraph: etree._Element, place: BlockKind) -> BlockKind:
    """A heading or an item of a list where the paragraph's properties say so, else what its place makes it."""
    if place != "paragraph":
        return place
    style = next((str(value) for found in paragraph.iterfind("{*}pPr/{*}pStyle") for value in found.values()), "").lower()
    if style.startswith(("heading", "title")) or paragraph.find("{*}pPr/{*}outlineLvl") is not None:
        return "heading"
    return "list_item" if paragraph.find("{*}pPr/{*}numPr") is not None else "paragraph"
