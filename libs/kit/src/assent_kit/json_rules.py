"""The rules that a JSON body must keep before anyone looks at its shape.

Parsers differ on repeated keys, NaN, lone surrogates, NUL and very deep nesting; what two components read differently can be used
against one of them, and some of it ends in a 500. So such bodies are refused.
"""

import json
import re
from typing import Any, NoReturn

from assent_kit.problems import MalformedJson

DEEPEST = 32
# Possessive, and the closing quote may be absent: a string that never ends is read once, not again from each quote in it.
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_SURROGATE = re.compile("[\ud800-\udfff]")


def parse(raw: bytes) -> Any:
    """The value of a JSON body. Raises MalformedJson; its detail names the rule, never the content."""
    # As deep as there are brackets, at most: most bodies have too few of them to be looked at any closer.
    if raw.count(b"[") + raw.count(b"{") > DEEPEST and depth(raw) > DEEPEST:
        raise MalformedJson(f"nested more than {DEEPEST} deep")
    try:
        text = raw.decode("utf-8")
        value = json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse_constant, parse_float=_finite)
    except UnicodeDecodeError as error:
        raise MalformedJson("not UTF-8") from error
    except (ValueError, RecursionError) as error:
        raise MalformedJson("not JSON") from error
    if "\\u" in text:
        _refuse_bad_text(value)
    return value


def depth(raw: bytes) -> int:
    """How deep brackets are nested outside strings."""
    deepest = level = 0
    for byte in _STRING.sub(b"", raw).translate(None, delete=_NO_BRACKETS):
        if byte in b"[{":
            level += 1
            deepest = max(deepest, level)
        else:
            level -= 1
    return deepest


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise MalformedJson("a key is repeated")
    return found


def _refuse_constant(_name: str) -> NoReturn:
    raise MalformedJson("NaN and Infinity are not JSON")


def _finite(number: str) -> float:
    value = float(number)
    if value in (float("inf"), float("-inf")):
        raise MalformedJson("a number is too large")
    return value


def _refuse_bad_text(value: Any) -> None:
    """Escapes can smuggle NUL and lone surrogates past the UTF-8 check."""
    if isinstance(value, str):
        if "\x00" in value or _SURROGATE.search(value):
            raise MalformedJson("NUL and lone surrogates are not text")
    elif isinstance(value, list):
        for item in value:
            _refuse_bad_text(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            _refuse_bad_text(key)
            _refuse_bad_text(item)
