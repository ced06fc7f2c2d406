"""Reading JSON that may be of any shape: what is not as a format says is as if it were not there."""

import math
from typing import Any


def within(parent: object, *names: str) -> dict[str, Any]:
    """The object under the names, one inside the other; empty where there is none."""
    for name in names:
        parent = parent.get(name) if isinstance(parent, dict) else None
    return parent if isinstance(parent, dict) else {}


def listed(parent: object, name: str) -> list[dict[str, Any]]:
    """The objects of a list."""
    found = parent.get(name) if isinstance(parent, dict) else None
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def words(value: object) -> str:
    """A text or a number as text; empty for anything else."""
    match value:
        case bool():
            return str(value).lower()
        case str():
            return value
        case int() | float():
            return f"{value:.15g}"
        case _:
            return ""


def number(value: object) -> float | None:
    """A finite number, also where it is written as text."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None
