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
    numbers_labels: bool = False
    """Whether a variable's value labels are filed under its name and a number behind it, so that two variables may get one set."""

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
STATA = Naming(longest=27, reserved=frozenset(["if", "in", "using", "with", *_TYPES]), numbers_labels=True)
"""Stata User's Guide, 11.3 "Naming conventions": reserved names (those with a leading underscore cannot arise), and 32 characters. A set
of value labels has a name too: ReadStat makes it of the variable's name and the number of the set, 0 being the first (measured with
pyreadstat 1.3.7). So five characters are kept free, for a hundred thousand sets."""


def safe_names(wanted: Sequence[str], naming: Naming, *, labelled: Sequence[bool] = ()) -> list[str]:
    """A safe name for each wanted one, in order. The first of those that are safe as they are keeps its name.

    `labelled` says which of them have value labels: only a naming that numbers those needs it.
    """
    taken: set[str] = set()
    kept: dict[int, str] = {}
    for position, name in enumerate(wanted):
        if naming.takes(name) and name.lower() not in taken:
            taken.add(name.lower())
            kept[position] = name
    names = [kept[position] if position in kept else _free(name, naming, taken) for position, name in enumerate(wanted)]
    return _with_labels_apart(names, naming, taken, labelled) if naming.numbers_labels else names


def _with_labels_apart(names: list[str], naming: Naming, taken: set[str], labelled: Sequence[bool]) -> list[str]:
    """The names, but for those whose labels would be filed where another's are: `q11` with the 2nd set and `q1` with the 12th."""
    sets: set[str] = set()
    for position in (position for position, has_labels in enumerate(labelled) if has_labels):
        number = len(sets)
        while f"{names[position]}{number}".lower() in sets:
            names[position] = _free(f"{names[position]}_v", naming, taken)
        sets.add(f"{names[position]}{number}".lower())
    return names


def _free(name: str, naming: Naming, taken: set[str]) -> str:
    nearest = found = naming.nearest(name)
    number = 1
    while found.lower() in taken:
        number += 1
        ending = f"_{number}"
        found = nearest[: naming.longest - len(ending)] + ending
    taken.add(found.lower())
    return found
