"""Writing XML: elements by name, with text that XML can hold."""

import re

from lxml import etree

XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"

_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_REPLACEMENT = "\ufffd"

Element = etree._Element


def xml_text(text: str) -> str:
    """The text, with U+FFFD for each character that XML 1.0 cannot hold."""
    return _NOT_IN_XML.sub(_REPLACEMENT, text)


def add(parent: Element, name: str, text: str | None = None, /, **attributes: str | None) -> Element:
    """Add an element in the namespace of its parent; attributes that are None are left out. `lang` is `xml:lang`."""
    namespace = etree.QName(parent).namespace
    made = etree.SubElement(parent, f"{{{namespace}}}{name}" if namespace else name)
    made.text = None if text is None else xml_text(text)
    for attribute, value in attributes.items():
        if value is not None:
            made.set(XML_LANG if attribute == "lang" else attribute, xml_text(value))
    return made


def document(root: Element) -> str:
    """The whole document as text, in lines."""
    etree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + etree.tostring(root, encoding="unicode") + "\n"
