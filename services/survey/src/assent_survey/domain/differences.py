"""What changed between two versions of a response, so that a person can read it: item by item, before and after.

Not here: which version stands (history).
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

_DESIGN = ("weight", "stratum", "cluster", "consented")


class Change(NamedTuple):
    """One thing that is different. A missing answer is said by its reason, such as `dont_know`; None: it was not there."""

    what: str
    before: Any
    after: Any


def changes_between(before: Mapping[str, Any], after: Mapping[str, Any], *, with_texts: bool) -> list[Change]:
    """Changes from one coded content to the next, in alphabetical order. Open texts are only said to differ unless `with_texts`."""
    answers = _compared(_said(before), _said(after))
    design = [Change(name, before[name], after[name]) for name in _DESIGN if before[name] != after[name]]
    texts = _compared(before["texts"], after["texts"])
    return answers + design + (texts if with_texts else [Change(each.what, None, None) for each in texts])


def changes_of(contents: Sequence[Mapping[str, Any]], *, with_texts: bool) -> list[list[Change]]:
    """For each version what changed since the one before it; nothing for the first."""
    return [[]] * bool(contents) + [changes_between(*pair, with_texts=with_texts) for pair in pairwise(contents)]


def _said(content: Mapping[str, Any]) -> dict[str, Any]:
    return {**content["missing"], **content["answers"]}


def _compared(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    names = sorted(before.keys() | after.keys())
    return [Change(name, before.get(name), after.get(name)) for name in names if before.get(name) != after.get(name)]
