"""Bodies that are forms and not JSON: multipart and form-urlencoded, and the PHP manner of putting a tree into names with brackets.

Files are passed over by `read_form`: they are never answers, and stay in the raw delivery.
"""

import base64
import quopri
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from assent_survey.domain.submission import Unreadable
from assent_survey.platforms.face import Headers

URLENCODED = "application/x-www-form-urlencoded"
MOST_FIELDS = 5000
DEEPEST = 8
CALLS = ("on_part_begin", "on_header_field", "on_header_value", "on_header_end", "on_part_data", "on_part_end")
_DECODERS: dict[bytes, Callable[[bytes], bytes]] = {b"base64": base64.b64decode, b"quoted-printable": quopri.decodestring}
"""Content-Transfer-Encoding is deprecated in forms (RFC 7578, section 4.7); whoever still uses it means one of these, or nothing."""


def read_form(raw: bytes, headers: Headers) -> dict[str, str]:
    """The fields of a form, multipart or urlencoded, by name. Raises Unreadable, also for a name that comes twice."""
    boundary = boundary_of(raw, headers)
    pairs = _urlencoded(raw) if boundary is None else _multipart(raw, boundary)
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Unreadable("the form has a field twice")
    if any("\x00" in text for pair in pairs for text in pair):
        raise Unreadable("the form holds NUL, which is not text")
    return found


def nest(fields: dict[str, str]) -> dict[str, Any]:
    """The tree that names such as `response[survey_data][2][answer]` spell, as PHP reads them. Raises Unreadable."""
    tree: dict[str, Any] = {}
    for name, value in fields.items():
        first, *rest = name.replace("]", "").split("[") if name.endswith("]") else [name]
        place, path = tree, [first, *rest]
        if len(path) > DEEPEST:
            raise Unreadable("the form's names are nested too deep")
        for key in path[:-1]:
            place = place.setdefault(key, {})
            if not isinstance(place, dict):
                raise Unreadable("a name of the form is both a value and a group")
        if path[-1] in place:
            raise Unreadable("a name of the form is both a value and a group")
        place[path[-1]] = value
    return tree


def boundary_of(raw: bytes, headers: Headers) -> bytes | None:
    """What separates the parts, from the content type, or from the first line where that was not kept; None when it is not multipart."""
    kind, options = parse_options_header(headers.get("content-type", ""))
    if kind == b"multipart/form-data" and options.get(b"boundary"):
        return options[b"boundary"]
    return raw.split(b"\n", 1)[0].strip()[2:] or None if raw.startswith(b"--") else None


def _urlencoded(raw: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(raw.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)
    except ValueError as error:
        raise Unreadable("the body is not a form in UTF-8") from error


def _multipart(raw: bytes, boundary: bytes) -> list[tuple[str, str]]:
    parts = read_parts(raw, boundary, most=MOST_FIELDS)
    try:
        return [(part.name.decode(), part.content.decode()) for part in parts if part.file is None]
    except UnicodeDecodeError as error:
        raise Unreadable("the body is not a multipart form in UTF-8") from error


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a multipart form; `file` is the name of its file, None where it is none."""

    name: bytes
    file: bytes | None
    content: bytes


def read_parts(raw: bytes, boundary: bytes, *, most: int) -> list[Part]:
    """The parts of a multipart form, in order. Raises Unreadable, also for more than so many."""
    reading = _Reading(raw, most)
    calls: Any = {name: getattr(reading, name) for name in CALLS}
    try:
        parser = MultipartParser(boundary, calls)
        parser.write(raw)
        parser.finalize()
        return reading.parts
    except (FormParserError, ValueError) as error:
        raise Unreadable("the body is not a multipart form") from error


@lru_cache(maxsize=256)  # the same parts come with every submission, and to read what they are called takes as long as they do
def _disposition(header: bytes) -> tuple[bytes, dict[bytes, bytes]]:
    return parse_options_header(header)


class _Reading:
    """The parts of a form, as its parser calls."""

    def __init__(self, raw: bytes, most: int) -> None:
        self.parts: list[Part] = []
        self._raw, self._most = raw, most
        self._headers: dict[bytes, bytes] = {}
        self._field = self._value = b""
        self._content: list[bytes] = []

    def on_part_begin(self) -> None:
        if len(self.parts) == self._most:
            raise Unreadable(f"the form has more than {self._most} parts")
        self._headers, self._content = {}, []

    def on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._field += data[start:end]

    def on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def on_header_end(self) -> None:
        self._headers[self._field.lower()] = self._value
        self._field = self._value = b""

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        self._content.append(data[start:end])

    def on_part_end(self) -> None:
        _, said = _disposition(self._headers.get(b"content-disposition", b""))
        decode = _DECODERS.get(self._headers.get(b"content-transfer-encoding", b"").lower(), bytes)
        self.parts.append(Part(said.get(b"name", b""), said.get(b"filename"), decode(b"".join(self._content))))
