"""One collection's responses as arrays: who answered what, who belongs to which group, and the design they were drawn by.

Test responses and those without consent are left out. A response without a weight in a weighted collection has no place in an
estimate either; how many there are is kept, so that the view can say so.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlmodel import Session, col

from assent_analytics.domain.distribution import Answers, Scale, outcome_of
from assent_analytics.domain.targets import GroupKey
from assent_analytics.estimation.design import Design
from assent_analytics.store import tables
from assent_analytics.store.read_models import states
from assent_contracts.events.survey import Collection, Item, Response
from assent_contracts.groups import GroupRef, GroupScheme

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Sample:
    """The usable responses of one collection, with each respondent's groups resolved by the study's scheme."""

    collection: Collection
    responses: tuple[Response, ...]
    groups: tuple[dict[str, str], ...]
    without_weight: int
    unknown_words: frozenset[tuple[str, str]]
    estimates: dict[Hashable, Any] = field(default_factory=dict)
    """What has been computed from it already; see `estimate_item`."""
    busy: Lock = field(default_factory=Lock)

    @cached_property
    def design(self) -> Design:
        """Weights, strata and clusters as far as the collection declares them. Raises CannotEstimate."""
        return Design(
            np.array([response.weight if self.collection.weight else 1.0 for response in self.responses], dtype=float),
            strata=[response.stratum or "" for response in self.responses] if self.collection.stratum else None,
            clusters=[response.cluster or response.response for response in self.responses] if self.collection.cluster else None,
        )

    def answers(self, item: Item) -> Answers:
        """Everybody's outcome of one item."""
        scale = Scale.of(item)
        return Answers.of(scale, [self._outcome(scale, item.name, response) for response in self.responses])

    def members(self, who: GroupKey) -> Mask:
        """Who belongs to a group, or to every group of an intersection."""
        inside = np.ones(len(self.responses), dtype=bool)
        for ref in who:
            inside &= self._stated.get(ref.variable, self._nothing) == ref.group
        return inside

    @cached_property
    def _stated(self) -> dict[str, NDArray[np.object_]]:
        """Everybody's group in each variable; the empty word where they did not say."""
        variables = {variable for groups in self.groups for variable in groups}
        return {variable: np.array([groups.get(variable, "") for groups in self.groups], dtype=object) for variable in variables}

    @cached_property
    def _nothing(self) -> NDArray[np.object_]:
        return np.full(len(self.responses), "", dtype=object)

    @staticmethod
    def _outcome(scale: Scale, name: str, response: Response) -> str | None:
        return outcome_of(scale, response.answers.get(name), response.missing.get(name), complete=response.complete)


def take_sample(session: Session, collection: Collection, scheme: GroupScheme) -> Sample:
    """The usable responses of a collection."""
    received = states(
        session, tables.Responses, Response, collection.study, col(tables.Responses.collection) == collection.collection
    )
    consenting = [response for response in received if response.consented and not response.test]
    weighted = [response for response in consenting if response.weight is not None or not collection.weight]
    return Sample(
        collection=collection,
        responses=tuple(weighted),
        groups=tuple(scheme.resolve_all(response.groups) for response in weighted),
        without_weight=len(consenting) - len(weighted),
        unknown_words=_unknown_words(weighted, scheme),
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


def _unknown_words(responses: Sequence[Response], scheme: GroupScheme) -> frozenset[tuple[str, str]]:
    words = {pair for response in responses for pair in response.groups.items()}
    return frozenset((variable, word) for variable, word in words if scheme.resolve(variable, word) is None)
