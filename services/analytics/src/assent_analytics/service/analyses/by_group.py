"""Whom a figure is about: everyone, then each group of each variable, with the counts that its figures tell."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from assent_analytics.domain.numbers import Cell, CountTable
from assent_analytics.service.analyses.frame import EVERYONE, Frame, Group
from assent_analytics.service.analyses.shares import count_table
from assent_analytics.service.sample import Mask


@dataclass(frozen=True)
class Part:
    """Some of the people: `members` (n,) of a group who gave a value, and the cells that any figure of theirs tells."""

    group: Group
    members: Mask
    cells: tuple[Cell, ...]

    def cells_of(self, outcome: str) -> tuple[Cell, ...]:
        """The cells that a figure of one outcome tells: that count, and of how many."""
        return tuple(cell for cell in self.cells if cell[2] in ("", outcome))

    @cached_property
    def base(self) -> int:
        """How many they are."""
        return int(np.count_nonzero(self.members))


def parts(
    frame: Frame, name: str, by: Sequence[str], valid: Mask, outcomes: dict[str, Mask] | None = None
) -> tuple[list[Part], list[CountTable]]:
    """Everyone with a value and the groups of each variable, and the tables of their counts under this name.

    `outcomes` split the people further, such as into yes and no: then the counts of both are cells too, and shares tell them.
    """
    valid = valid & frame.within
    split = {outcome: mask & valid for outcome, mask in (outcomes or {EVERYONE: valid}).items()}
    words = list(split) if outcomes else []
    tables, of_groups = [count_table(f"{name}|", split, (), valid)], []
    for variable in by:
        groups = frame.groups(variable)
        table = count_table(f"{name}|{variable}", split, groups, valid)
        tables.append(table)
        of_groups += [Part(group, group.members & valid, _cells(table, group.group, words)) for group in groups]
    # What everyone says is a margin of every table: where one of them hides it, it is hidden.
    of_everyone = tuple(cell for table in tables for cell in _cells(table, EVERYONE, words))
    return [Part(frame.everyone(), valid, of_everyone), *of_groups], tables


def group_codes(frame: Frame, variable: str) -> tuple[np.ndarray, list[Group]]:
    """Everybody's group of a variable as a code from 0, -1 for those in none or not asked about; and the groups."""
    groups = frame.groups(variable)
    codes = np.full(frame.sample.rows, -1, dtype=np.int64)
    for place, group in enumerate(groups):
        codes[group.members] = place
    return codes, groups


def in_r_parts(frame: Frame, by: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The same parts as R's `members` takes them: variable and group, both empty for everyone."""
    yield EVERYONE, EVERYONE
    for variable in by:
        for group in frame.groups(variable):
            yield variable, group.group


def _cells(table: CountTable, group: str, outcomes: Sequence[str]) -> tuple[Cell, ...]:
    return (table.cell(group), *(table.cell(group, outcome) for outcome in outcomes))
