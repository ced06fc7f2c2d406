"""Whether two released tables give away what neither does alone, because a few people are in one and not in the other.

Three questions. Of an item's table that is released again: has any cell, a hidden one too, moved by one to nine people? Then the
difference of the two tells how those few answered, and the old one is repeated. Of a new table: is one of its groups, or what is left
without it, one of a released table but for one to nine people? And taken with the released ones of the same item: can a low count be
placed too closely? Both are refused.

What is guaranteed: the second question is asked of every pair of groups one of which lies within the other by its definition, over all
tables of the collection. The third joins the tables of one item that share variables with the new one; without a shared variable their
only link is support over everyone, which is shown, and then neither narrows the other. A join of more than `MOST_ATOMS` kinds of people is
split into pairs of tables. Directions of hidden groups are counted within each table and not across tables.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from assent_analytics.domain.answer_table import AnswerTable, Plan
from assent_analytics.domain.disclosure import THRESHOLD
from assent_analytics.domain.distribution import Answers
from assent_analytics.domain.release import Counts
from assent_analytics.domain.withholding import Bools

MOST_ATOMS = 80

Conditions = Mapping[str, frozenset[str | None]]
"""Of some variables the categories that are in; None stands for those who did not say."""


@dataclass(frozen=True)
class Cut:
    """A set of respondents of whom figures are shown: its name in words, its definition, and who is in it, (n,)."""

    name: str
    conditions: Conditions
    members: Bools

    @property
    def key(self) -> object:
        """What makes it the same as another: the same definition, and the same people by it."""
        return frozenset(self.conditions.items()), np.packbits(self.members).tobytes()

    def lies_in(self, other: "Cut") -> bool:
        """Whether everyone in it is in the other: by definition; or as it is, where both divide by the same variables.

        The latter is how a category that was merged or split lies in what it was. Sets that happen to lie in each other, by different
        variables, are known to nobody who has seen tables only.
        """
        if all(variable in self.conditions and self.conditions[variable] <= some for variable, some in other.conditions.items()):
            return True
        return self.conditions.keys() == other.conditions.keys() and not (self.members & ~other.members).any()


@dataclass(frozen=True, slots=True)
class TooClose:
    """A set of a new table and one of a released table that differ by a few people; they are never told how many."""

    new: str
    released: str


def moved(before: Counts, after: Counts, *, threshold: int = THRESHOLD) -> list[str]:
    """The cells of both tables that moved, but by fewer people than the threshold."""
    shared = before.keys() & after.keys()
    return sorted(cell for cell in shared if 0 < abs(after[cell] - before[cell]) < threshold)


def too_close(new: Iterable[Cut], released: Sequence[Cut], *, threshold: int = THRESHOLD) -> Iterator[TooClose]:
    """The pairs of which one lies within the other and leaves out a few people."""
    for one in new:
        for other in released:
            if one.lies_in(other) or other.lies_in(one):
                apart = int((one.members ^ other.members).sum())
                if 0 < apart < threshold:
                    yield TooClose(new=one.name, released=other.name)


def narrows(answers: Answers, new: Sequence[Bools], released: Sequence[Sequence[Bools]], *, threshold: int = THRESHOLD) -> bool:
    """Whether a reader of the new groups and the released ones of the same item could place a low count too closely.

    Each is who is in a group of which support is shown, (n,). `released` are the groups of each released table.
    """
    everything = _distinct([*new, *(members for table in released for members in table)])
    if len(everything) == len(_distinct([members for table in released for members in table])):
        return False
    table = AnswerTable(answers, everything, threshold)
    if table.groups.shape[1] > MOST_ATOMS and len(released) > 1:
        return any(narrows(answers, new, [one], threshold=threshold) for one in released)
    shown = Plan(hidden=(0,) * len(everything), directions=(None,) * len(everything))
    return bool(table.given_away(shown))


def _distinct(groups: Sequence[Bools]) -> list[Bools]:
    """Each set once; nobody is no set."""
    return list({np.packbits(members).tobytes(): members for members in groups if members.any()}.values())
