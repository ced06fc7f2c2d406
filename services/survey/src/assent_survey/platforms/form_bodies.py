"""Bodies that are forms and not JSON: multipart and form-urlencoded, and the PHP manner of putting a tree into names with brackets.

Files are passed over: they are never answers, and stay in the raw delivery.
"""

from typing import Any
from urllib.parse import parse_qsl

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import Field, FormParser, parse_options_header

from assent_survey.domain.submission import Unreadable
from assent_survey.platforms.face import Headers

MOST_FIELDS = 5000
DEEPEST = 8
_IN_MEMORY = {"MAX_MEMORY_FILE_SIZE": float("inf")}


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
    fields: list[tuple[bytes, bytes]] = []

    def keep(field: Field) -> None:
        if len(fields) == MOST_FIELDS:
            raise Unreadable(f"the form has more than {MOST_FIELDS} fields")
        fields.append((field.field_name or b"", field.value or b""))

    try:
        parser = FormParser("multipart/form-data", keep, None, boundary=boundary, config=_IN_MEMORY)
        parser.write(raw)
        parser.finalize()
        return [(name.decode(), value.decode()) for name, value in fields]
    except (FormParserError, ValueError) as error:
        raise Unreadable("the body is not a multipart form in UTF-8") from error
