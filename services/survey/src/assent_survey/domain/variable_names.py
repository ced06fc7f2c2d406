"""Names of variables that a statistics program takes: the same for the same instrument, none twice, whatever the items are called.

A name that is safe already is kept. Two names that differ in capitals only are the same name to SPSS and to most who type.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

_FORBIDDEN = re.compile(r"[^A-Za-z0-9_]+")
_LETTER = re.compile(r"[A-Za-z]")


@dataclass(frozen=True, slots=True)
class Naming:
    """What a target takes: names of at most `longest` letters, digits and underscores that begin with a letter, none `reserved`."""

    longest: int
    reserved: frozenset[str] = frozenset()

    def takes(self, name: str) -> bool:
        """Whether the name is safe as it is."""
        return (
            bool(_LETTER.match(name))
            and not _FORBIDDEN.search(name)
            and len(name) <= self.longest
            and name.lower() not in self.reserved
        )

    def nearest(self, name: str) -> str:
        """A safe name that is close to the one that is wanted."""
        cleaned = _FORBIDDEN.sub("_", name).rstrip("_") or "v"
        lettered = cleaned if _LETTER.match(cleaned) else f"v{cleaned}"
        if lettered.lower() in self.reserved:
            lettered += "_v"
        return lettered[: self.longest]


PLAIN = Naming(longest=64)
"""Our own, which CSV, Parquet, Triple-S and DDI take as they are."""

SPSS = Naming(longest=64, reserved=frozenset(["all", "and", "by", "eq", "ge", "gt", "le", "lt", "ne", "not", "or", "to", "with"]))
"""SPSS Statistics, Command Syntax Reference, "Variable names": 64 bytes, reserved keywords."""

_TYPES = ("byte", "int", "long", "float", "double", "strl", "alias", *(f"str{length}" for length in range(1, 2046)))
STATA = Naming(longest=31, reserved=frozenset(["if", "in", "using", "with", *_TYPES]))
"""Stata User's Guide, 11.3 "Naming conventions": reserved names (those with a leading underscore cannot arise), and 32 characters, of
which ReadStat takes 31, because a set of value labels is called after its variable."""


def safe_names(wanted: Sequence[str], naming: Naming) -> list[str]:
    """A safe name for each wanted one, in order. The first of those that are safe as they are keeps its name."""
    taken: set[str] = set()
    kept: dict[int, str] = {}
    for position, name in enumerate(wanted):
        if naming.takes(name) and name.lower() not in taken:
            taken.add(name.lower())
            kept[position] = name
    return [kept[position] if position in kept else _free(name, naming, taken) for position, name in enumerate(wanted)]


def _free(name: str, naming: Naming, taken: set[str]) -> str:
    nearest = found = naming.nearest(name)
    number = 1
    while found.lower() in taken:
        number += 1
        ending = f"_{number}"
        found = nearest[: naming.longest - len(ending)] + ending
    taken.add(found.lower())
    return found
