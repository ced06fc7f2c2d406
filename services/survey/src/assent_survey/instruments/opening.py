"""Opens files that strangers made, so that readers see only text, JSON objects and XML trees of bounded size.

No entity is expanded, nothing is loaded from elsewhere, and nothing is nested without end.
"""

import html.entities
import re
from typing import Any
from xml.etree.ElementTree import Element, ParseError, TreeBuilder

import orjson
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from assent_survey.domain.draft import UnreadableInstrument
from assent_survey.instruments.face import LARGEST

DEEPEST = 100
MOST_ELEMENTS = 2_000_000
_ENTITY = re.compile(r"&([A-Za-z][A-Za-z0-9]*);")
_XML_ENTITIES = {"amp", "lt", "gt", "quot", "apos"}
_DECLARED_ENCODING = re.compile(rb"<\?xml[^>]{0,200}encoding", re.IGNORECASE)


def open_text(content: bytes) -> str:
    """The text of a file in UTF-8 or UTF-16, with or without a byte order mark, or else in Windows-1252. Raises UnreadableInstrument."""
    _bounded(content)
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def beginning_of(content: bytes, characters: int = 4096) -> str:
    """The first characters, by which a format is recognised in whichever encoding it is. Never an error."""
    return content[: 2 * characters + 2].replace(b"\0", b"").decode("utf-8", errors="replace")[:characters]


def open_json(content: bytes) -> dict[str, Any]:
    """The object that a JSON file holds. Raises UnreadableInstrument."""
    _bounded(content)
    try:
        found = orjson.loads(open_text(content))
    except (orjson.JSONDecodeError, RecursionError) as error:
        raise UnreadableInstrument(
            f"the file is not JSON: {error.msg if isinstance(error, orjson.JSONDecodeError) else 'nested too deep'}"
        ) from error
    if not isinstance(found, dict):
        raise UnreadableInstrument("the file holds no JSON object")
    return found


def open_xml(content: bytes) -> Element:
    """The root of an XML file, in which no name of an element has a namespace any more.

    A document type may be named; entities of its own are refused. Raises UnreadableInstrument.
    """
    _bounded(content)
    try:
        return _parsed(content)
    except ParseError as error:
        mended = _mended(content)
        if mended is None:
            raise UnreadableInstrument(f"the file is not XML: {error}") from error
    try:
        return _parsed(mended)
    except ParseError as error:
        raise UnreadableInstrument(f"the file is not XML: {error}") from error


def _parsed(content: bytes) -> Element:
    try:
        parser = DefusedXMLParser(target=_BoundedTree(), forbid_dtd=False, forbid_entities=True, forbid_external=True)
        parser.feed(content)
        root: Element = parser.close()
    except DefusedXmlException as error:
        raise UnreadableInstrument("the file declares XML entities, which are not read") from error
    except (ValueError, LookupError) as error:
        raise UnreadableInstrument("the file is in an encoding that is not known") from error
    return root


def _mended(content: bytes) -> bytes | None:
    """The file without two faults that programs make: Windows-1252 that does not say so, and HTML's names of characters."""
    if _DECLARED_ENCODING.match(content.removeprefix(b"\xef\xbb\xbf").lstrip()) and b"&" not in content:
        return None
    text = _ENTITY.sub(_character, open_text(content))
    return re.sub(r"^\s*<\?xml[^>]{0,200}\?>", "", text).lstrip().encode("utf-8", errors="replace")


def _character(entity: re.Match[str]) -> str:
    return entity[0] if entity[1] in _XML_ENTITIES else html.entities.html5.get(f"{entity[1]};", entity[0])


def _bounded(content: bytes) -> None:
    if len(content) > LARGEST:
        raise UnreadableInstrument(f"the file is larger than {LARGEST // 1024 // 1024} MiB")
    if not content.strip():
        raise UnreadableInstrument("the file is empty")


class _BoundedTree(TreeBuilder):
    """Builds a tree that is neither deep nor without end."""

    def __init__(self) -> None:
        super().__init__()
        self._depth = self._count = 0

    def start(self, tag: str, attrs: dict[Any, Any], /) -> Element:
        self._depth += 1
        self._count += 1
        if self._depth > DEEPEST:
            raise UnreadableInstrument(f"the file is nested deeper than {DEEPEST} elements")
        if self._count > MOST_ELEMENTS:
            raise UnreadableInstrument(f"the file has more than {MOST_ELEMENTS} elements")
        return super().start(tag.rpartition("}")[2], attrs)

    def end(self, tag: str, /) -> Element:
        self._depth -= 1
        return super().end(tag.rpartition("}")[2])
