"""The words of XML elements, which opening has freed of namespaces, by language."""

import re
from collections.abc import Iterable, Iterator
from xml.etree.ElementTree import Element

_SPACE = re.compile(r"\s+")
_LANGUAGE = ("{http://www.w3.org/XML/1998/namespace}lang", "xml-lang", "lang")


def children(parent: Element | None, *names: str) -> Iterator[Element]:
    """The children that have one of the names."""
    return (each for each in (() if parent is None else parent) if each.tag in names)


def child(parent: Element | None, *path: str) -> Element | None:
    """The first element along the path."""
    for name in path:
        parent = next(children(parent, name), None)
    return parent


def everywhere(root: Element, name: str) -> Iterator[Element]:
    """Every element of the name, however deep."""
    return root.iter(name)


def words_of(element: Element | None, *, without: Iterable[str] = ()) -> str:
    """An element's words with those of what is inside it, except elements of some names. Their tags are as line ends."""
    return "" if element is None else "".join(_pieces(element, frozenset(without))).strip()


def language_of(element: Element) -> str:
    """What the element says its language is; empty where it says nothing."""
    return next((found for name in _LANGUAGE if (found := element.get(name))), "")


def by_language(elements: Iterable[Element], default: str) -> dict[str, str]:
    """The words of elements by language, the first of each; of those that say none, by `default`."""
    found: dict[str, str] = {}
    for each in elements:
        if said := words_of(each):
            found.setdefault(language_of(each) or default, said)
    return found


def _pieces(element: Element, without: frozenset[str]) -> Iterator[str]:
    yield _SPACE.sub(" ", element.text or "")
    for inside in element:
        if inside.tag not in without:
            yield "\n" if inside.tag in ("br", "p", "div") else ""
            yield from _pieces(inside, without)
        yield _SPACE.sub(" ", inside.tail or "")
