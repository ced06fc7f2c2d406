"""One collection's responses as arrays: who answered what, who belongs to which group, and the design they were drawn by.

Test responses and those without consent are left out. A response without a weight in a weighted collection has no place in an
estimate either; how many there are is kept, so that the view can say so.
"""

from collections.abc import Hashable, Mapping, Set
from dataclasses import dataclass, field
from functools import cached_property
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assent_analytics.domain.columns import Columns
from assent_analytics.domain.disclosure import protect_counts
from assent_analytics.domain.distribution import Answers, Scale, outcomes_of
from assent_analytics.domain.targets import GroupKey
from assent_analytics.estimation.designs.design import Design
from assent_analytics.service.weighting import Weighting, weigh
from assent_contracts.events.survey import Collection, Item
from assent_contracts.groups import GroupRef, GroupScheme, GroupVariable

Mask = NDArray[np.bool_]

NOT_STATED = -1


@dataclass(frozen=True)
class Sample:
    """The usable responses of one collection, with each respondent's groups resolved by the study's scheme."""

    collection: Collection
    columns: Columns
    scheme: GroupScheme
    without_weight: int
    usable: NDArray[np.int64]
    """The places of these among all the collection's responses."""
    estimates: dict[Hashable, Any] = field(default_factory=dict)
    """What has been computed from it already; see `estimate_item`."""
    busy: Lock = field(default_factory=Lock)

    @property
    def rows(self) -> int:
        """How many responses there are."""
        return self.columns.rows

    @cached_property
    def design(self) -> Design:
        """Weights, margins, strata and clusters as far as the collection declares them. Raises CannotEstimate."""
        return self.weighting.of(self.drawn(self.weighting.base))

    @cached_property
    def weighting(self) -> Weighting:
        """How the responses are weighted, raked to the collection's margins where it declares any."""
        base = self.columns.number("design", "weight") if self.collection.weight else np.ones(self.rows)
        return weigh(self.collection, self.scheme, base, self.stated)

    def drawn(self, weights: NDArray[np.float64]) -> Design:
        """The design with weights (n,) of somebody's choosing, and nothing else that weighting has done. Raises CannotEstimate."""
        return Design(
            weights,
            strata=self.columns.column("design", "stratum").codes if self.collection.stratum else None,
            clusters=self.clusters() if self.collection.cluster else None,
        )

    def answers(self, item: Item) -> Answers:
        """Everybody's outcome of one item. Raises CannotEstimate `bad_value` for an answer that is not on its scale."""
        return outcomes_of(
            Scale.of(item),
            self.columns.column("answer", item.name),
            self.columns.column("missing", item.name),
            complete=self.columns.flag("complete"),
        )

    def members(self, who: GroupKey) -> Mask:
        """Who belongs to a group, or to every group of an intersection."""
        inside = np.ones(self.rows, dtype=bool)
        for ref in who:
            inside &= self.sharing({ref.variable: {ref.group}})
        return inside

    def sharing(self, wanted: Mapping[str, Set[str]]) -> Mask:
        """Who belongs to one of the groups that are wanted of every variable."""
        inside = np.ones(self.rows, dtype=bool)
        for variable, groups in wanted.items():
            names = [
                category.group for known in self.scheme.variables if known.variable == variable for category in known.categories
            ]
            # The last place is for those who did not say, whose code is -1.
            inside &= np.array([*(name in groups for name in names), False])[self.stated(variable)]
        return inside

    def stated(self, variable: str) -> NDArray[np.int64]:
        """Everybody's category of a variable, counted from 0 in the scheme's order; -1 where they did not say, or said an unknown word."""
        if variable not in self._stated:
            self._stated[variable] = self.columns.column("group", variable).translated(
                self._meaning(variable), otherwise=NOT_STATED
            )
        return self._stated[variable]

    @cached_property
    def unknown_words(self) -> frozenset[tuple[str, str]]:
        """Variables with a word that somebody stated and the scheme does not know."""
        found = set()
        for variable in self.columns.names("group"):
            column = self.columns.column("group", variable)
            used = np.unique(column.codes)
            words = (column.words[code - 1] for code in used if code)
            found |= {(variable, word) for word in words if self.scheme.resolve(variable, word) is None}
        return frozenset(found)

    def counts(self, variable: GroupVariable) -> dict[str | None, int]:
        """How many respondents each category of a variable has; None stands for those who did not say, where there are any."""
        found = np.bincount(self.stated(variable.variable) - NOT_STATED, minlength=len(variable.categories) + 1)
        groups = (None, *(category.group for category in variable.categories))
        counts: dict[str | None, int] = dict(zip(groups, map(int, found), strict=True))
        return {group: count for group, count in counts.items() if group is not None or count}

    def listed(self, variable: GroupVariable) -> dict[str, bool]:
        """Whether the number of respondents of each category may be listed. Every figure elsewhere keeps to it."""
        counts = self.counts(variable)
        shown = protect_counts(counts, harmless_zeros=list(counts))
        return {group: may for group, may in shown.items() if group is not None}

    @cached_property
    def _stated(self) -> dict[str, NDArray[np.int64]]:
        return {}

    def _meaning(self, variable: str) -> dict[str, int]:
        known = next((one for one in self.scheme.variables if one.variable == variable), None)
        places = enumerate(known.categories) if known is not None else ()
        return {word: place for place, category in places for word in (category.group, *category.aliases)}

    def clusters(self) -> NDArray[np.int64]:
        """Cluster codes; whoever has no cluster is one of their own."""
        codes = self.columns.column("design", "cluster").codes.astype(np.int64)
        return np.where(codes > 0, codes, -1 - np.arange(self.rows))


def usable(columns: Columns, collection: Collection, scheme: GroupScheme) -> Sample:
    """The sample of a collection whose responses these are."""
    consenting = columns.flag("consented") & ~columns.flag("test")
    weighted = consenting & ~np.isnan(columns.number("design", "weight")) if collection.weight else consenting
    order = columns.in_order()
    rows = order[weighted[order]]
    return Sample(
        collection=collection,
        columns=columns.chosen(rows),
        scheme=scheme,
        without_weight=int(consenting.sum() - weighted.sum()),
        usable=rows,
    )


def declared_groups(scheme: GroupScheme) -> dict[str, list[GroupKey]]:
    """Every category of every variable of a scheme, by variable and in its customary order."""
    return {
        variable.variable: [(GroupRef(variable=variable.variable, group=category.group),) for category in variable.categories]
        for variable in scheme.variables
    }


def label_of(who: GroupKey, scheme: GroupScheme) -> str:
    """A group or an intersection in words."""
    return " and ".join(scheme.label(ref) for ref in who)
