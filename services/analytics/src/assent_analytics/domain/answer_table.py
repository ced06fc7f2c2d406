"""The counts behind one table of groups by answer, which of them are low, and what a reader of a given plan knows of them.

The table is kept by atoms: the people who are in exactly the same groups, those in none included. Every figure of a group, of an overlap
of groups or of what is left without one is then a sum of atoms' supporters and others, the unknowns of the audit.
Not here: which groups to hide (disclosure).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from assent_analytics.domain.audit import Knowledge, Row
from assent_analytics.domain.codes import distinct
from assent_analytics.domain.distribution import Answers

DIRECTION_BASE = 30

Direction = Literal["below_half", "above_half", "unclear"]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Secret:
    """A sum of counts that a reader must not be able to place within less than `width` people."""

    row: Row
    width: float
    of_bases: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """What is hidden of each group, 0 nothing, 1 its answers, 2 its base too; and the direction given instead, if any."""

    hidden: tuple[int, ...]
    directions: tuple[Direction | None, ...]

    def changed(self, at: int, *, hidden: int, direction: Direction | None) -> "Plan":
        """The same plan but for one group."""
        return Plan(
            (*self.hidden[:at], hidden, *self.hidden[at + 1 :]),
            (*self.directions[:at], direction, *self.directions[at + 1 :]),
        )


class AnswerTable:
    """Supporters and others in every atom, `counts` (2 a,), and which atoms make up each group, `groups` (groups, a)."""

    def __init__(self, answers: Answers, members: Sequence[Bools], threshold: int) -> None:
        asked, supports = answers.asked, answers.supports[answers.asked]
        self.groups, atom = _atoms([group[asked] for group in members], len(supports))
        atoms = self.groups.shape[1]
        self.counts = np.concatenate([np.bincount(atom[who], minlength=atoms) for who in (supports, ~supports)]).astype(float)
        self.whole = np.ones(atoms, dtype=bool)
        self.bases = [self.size(group) for group in self.groups]
        self.threshold = threshold
        # Every group and every atom once: an atom is what can be worked out where groups overlap.
        cells = (*self.groups, *np.eye(atoms, dtype=bool))
        self._cells = list({cell.tobytes(): cell for cell in cells if cell.any()}.values())

    def size(self, atoms: Bools) -> int:
        """How many people are in these atoms."""
        return self._count(_people(atoms))

    def low(self, atoms: Bools) -> bool:
        """Whether somebody is in these atoms, and few of them support it or few do not."""
        supporters, size = self._count(_supporters(atoms)), self.size(atoms)
        return size > 0 and min(supporters, size - supporters) < self.threshold

    def secrets(self, plan: Plan) -> list[Secret]:
        """Every low count: of groups, of their overlaps, of what remains without them, of the whole; and at least 1 for whatever is hidden.

        A base is a secret below the threshold, except that of the people who are in no group.
        """
        found = [
            Secret(_supporters(atoms), float(min(self.threshold, self.size(atoms))))
            for atoms in (*self._cells, *~self.groups, self.whole)
            if self.low(atoms)
        ]
        for atoms in self._cells:
            if self.size(atoms) < self.threshold and self.groups[:, atoms].any():
                found.append(Secret(_people(atoms), float(self.threshold), of_bases=True))
        hidden = (group for group, level in zip(self.groups, plan.hidden, strict=True) if level)
        return found + [Secret(_supporters(group), 1.0) for group in hidden]

    def knowledge(self, plan: Plan) -> Knowledge:
        """What a reader knows: the total, what the plan shows of each group, and support over everyone, or its lean where it is low."""
        known = Knowledge(len(self.counts), equal=[self._fact(_people(self.whole))])
        if not self.low(self.whole):
            known.equal.append(self._fact(_supporters(self.whole)))
        elif self.size(self.whole) >= DIRECTION_BASE:
            known.at_most.append(self._outnumbering())
        for at, (level, direction) in enumerate(zip(plan.hidden, plan.directions, strict=True)):
            if level < 2:
                known.equal.append(self.base_fact(at))
            if level == 0:
                known.equal.append(self.answers_fact(at))
            elif direction is not None:
                known.at_most.extend(self.direction_facts(at, direction))
        return known

    def base_fact(self, at: int) -> tuple[Row, float]:
        """How many people one of the groups has."""
        return self._fact(_people(self.groups[at]))

    def answers_fact(self, at: int) -> tuple[Row, float]:
        """How many supporters one of the groups has."""
        return self._fact(_supporters(self.groups[at]))

    def direction_facts(self, at: int, direction: Direction) -> list[tuple[Row, float]]:
        """What a direction tells: that the group is large enough for one, and which side outnumbers the other; rows and their bounds."""
        return [(-_people(self.groups[at]), -float(DIRECTION_BASE)), *self._leaning(self.groups[at], direction)]

    def given_away(self, plan: Plan) -> list[Secret]:
        """The secrets that a reader of this plan can place too closely."""
        secrets = self.secrets(plan)
        widths = self.knowledge(plan).widths([secret.row for secret in secrets])
        return [secret for secret, width in zip(secrets, widths, strict=True) if width < secret.width - 1e-6]

    def _leaning(self, group: Bools, direction: Direction) -> list[tuple[Row, float]]:
        """Supporters against others, as a direction tells; nothing where weights turn it round, for then it is not true of the counts."""
        sign = {"below_half": 1.0, "above_half": -1.0, "unclear": 0.0}[direction]
        row = sign * (2.0 * _supporters(group) - _people(group))
        return [(row, 0.0)] if sign and self._count(row) <= 0 else []

    def _outnumbering(self) -> tuple[Row, float]:
        """Which of supporters and others are the more, of everyone."""
        row = 2.0 * _supporters(self.whole) - _people(self.whole)
        return (row, 0.0) if self._count(row) <= 0 else (-row, 0.0)

    def _count(self, row: Row) -> int:
        return int(row @ self.counts)

    def _fact(self, row: Row) -> tuple[Row, float]:
        return row, float(self._count(row))


def _atoms(members: Sequence[Bools], people: int) -> tuple[Bools, NDArray[np.int64]]:
    """Which atoms make up each group (groups, atoms), and each person's atom (people,): groups are told apart one after the other."""
    groups, atom = np.zeros((0, 1), dtype=bool), np.zeros(people, dtype=np.int64)
    for group in members:
        found, atom = distinct(2 * atom + group)
        groups = np.vstack([groups[:, found // 2], found % 2 == 1])
    return groups, atom


def _supporters(atoms: Bools) -> Row:
    """The coefficients of the supporters in these atoms, (2 a,)."""
    return np.concatenate([atoms, np.zeros_like(atoms)]).astype(float)


def _people(atoms: Bools) -> Row:
    """The coefficients of everyone in these atoms, (2 a,)."""
    return np.concatenate([atoms, atoms]).astype(float)
