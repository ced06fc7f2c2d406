"""Whether a new JSON Schema of an event version still understands, and is still understood by, the frozen one.

Both directions must hold within a major version, because services are rolled out one by one: an old reader meets a new writer, and a
new reader meets old records of the log. A change that breaks either needs a new `.v<major>`.
"""

from collections.abc import Iterator
from typing import Any

Schema = dict[str, Any]

_WORDS = frozenset({"title", "description", "default", "examples"})


def incompatibilities(frozen: Schema, present: Schema) -> list[str]:
    """What breaks, in words; empty when both directions hold. Fields may be added if they are optional; nothing else may change."""
    return [
        *_compare("", frozen, present),
        *(
            f"{name}: {problem}"
            for name, old in frozen.get("$defs", {}).items()
            if name in present.get("$defs", {})
            for problem in _compare(name, old, present["$defs"][name])
        ),
    ]


def _compare(name: str, frozen: Schema, present: Schema) -> Iterator[str]:
    if "properties" not in frozen and "properties" not in present:
        if _bare(frozen) != _bare(present):
            yield f"{name or 'the value'} has changed"
        return
    old_fields, new_fields = frozen.get("properties", {}), present.get("properties", {})
    old_required, new_required = set(frozen.get("required", ())), set(present.get("required", ()))
    for field in sorted(new_required - old_required):
        yield f"`{field}` has become required: records of the log lack it"
    for field in sorted(old_required - new_required):
        yield f"`{field}` is no longer required: old readers need it"
    for field in sorted(old_fields.keys() - new_fields.keys()):
        yield f"`{field}` is gone: old readers may use it"
    for field in sorted(old_fields.keys() & new_fields.keys()):
        if _bare(old_fields[field]) != _bare(new_fields[field]):
            yield f"`{field}` has another type or other values"
    if present.get("additionalProperties") is False and new_fields.keys() - old_fields.keys():
        yield "a closed object has got new fields: old readers refuse them"


def _bare(schema: Any) -> Any:
    """The schema without its words, which may change freely."""
    if isinstance(schema, dict):
        return {
            key: _bare(value)
            for key, value in schema.items()
            if key not in _WORDS or not isinstance(value, str | int | float | list)
        }
    if isinstance(schema, list):
        return [_bare(item) for item in schema]
    return schema
