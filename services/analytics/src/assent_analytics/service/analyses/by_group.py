"""Whom a figure is about: everyone, then each group of each variable, with the counts that its figures tell."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

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

    @property
    def base(self) -> int:
        """How many they are."""
        return int(self.members.sum())


def parts(
    frame: Frame, name: str, by: Sequence[str], valid: Mask, outcomes: dict[str, Mask] | None = None
) -> tuple[list[Part], list[CountTable]]:
    """Everyone with a value and the groups of each variable, and the tables of their counts under this name.

    `outcomes` split the people further, such as into yes and no: then the counts of both are cells too, and shares tell them.
    """
    valid = valid & frame.within
    split = {outcome: mask & valid for outcome, mask in (outcomes or {EVERYONE: valid}).items()}
    words = list(split) if outcomes else []
    tables = [count_table(f"{name}|", split, (), valid)]
    found = [Part(frame.everyone(), valid, _cells(tables[0], EVERYONE, words))]
    for variable in by:
        groups = frame.groups(variable)
        table = count_table(f"{name}|{variable}", split, groups, valid)
        tables.append(table)
        found += [Part(group, group.members & valid, _cells(table, group.group, words)) for group in groups]
    return found, tables


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
