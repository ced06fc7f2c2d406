"""Whose answers are compared: the groups of each variable, and the intersections that proposals single out.

Two views that show different groups could together give away what each hides. So the groups of a variable are always judged alone, the
same in every view of the study; and the intersections of all its proposals are judged together, whichever of them a view shows.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from assent_analytics.domain.targets import GroupKey, Target
from assent_analytics.service.sample import declared_groups
from assent_contracts.groups import GroupScheme


@dataclass(frozen=True, slots=True)
class Regions:
    """The groups of each variable in their order, and intersections of groups of different variables."""

    groups: tuple[tuple[GroupKey, ...], ...]
    intersections: tuple[GroupKey, ...] = ()

    def everyone(self) -> Iterator[GroupKey]:
        """Every group, then every intersection."""
        for some in self.groups:
            yield from some
        yield from self.intersections

    def joined(self) -> "list[Regions]":
        """The same in parts: variables that some intersection joins, directly or through others, are together; each with its own."""
        parts = [Regions(groups=(groups,)) for groups in self.groups]
        for who in self.intersections:
            variables = {ref.variable for ref in who}
            touched = [part for part in parts if variables & part.variables]
            apart = [part for part in parts if not variables & part.variables]
            groups = tuple(some for part in touched for some in part.groups)
            crossing = tuple(one for part in touched for one in part.intersections)
            parts = [*apart, Regions(groups=groups, intersections=(*crossing, who))]
        return parts

    @property
    def variables(self) -> set[str]:
        """The variables of these groups and intersections."""
        return {ref.variable for who in self.everyone() for ref in who}


def regions_of(scheme: GroupScheme, targets: Iterable[Target]) -> Regions:
    """The declared groups and everybody whom these targets name, known to the scheme or not."""
    groups = declared_groups(scheme)
    intersections: dict[GroupKey, None] = {}
    for target in targets:
        if len(target.who) > 1:
            intersections[target.who] = None
        elif target.who not in (some := groups.setdefault(target.who[0].variable, [])):
            some.append(target.who)
    return Regions(groups=tuple(tuple(some) for some in groups.values()), intersections=tuple(sorted(intersections, key=str)))
