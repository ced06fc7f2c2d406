"""What a reading is made from: items with their figures, targets, what was heard; and how its comparisons are formed.

Bounds are asked for as p-values: "L above a threshold" is a p-value below alpha. Where the rule says corrected, the p-values of a family
of comparisons, groups by items, are Holm's. Not here: the clauses that use them.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, Literal

from assent_analytics.domain.figures import GroupFigures, ItemFigures, Key, Tested
from assent_analytics.domain.multiplicity import holm
from assent_analytics.domain.settings import EvidenceSettings
from assent_analytics.domain.targets import Heard, TargetLike

Clause = Literal["withheld_by_named_groups", "contested", "supported_with_conditions", "insufficient_evidence"]


@dataclass(frozen=True, slots=True)
class ItemEvidence(Generic[Key]):
    """An item that matches the proposal, with its collection's state and its figures.

    `age_months` is None when the collection does not say when it was in the field: then the item is left out. `condition_met` is None
    for an item whose scale has no conditional option.
    """

    item: str
    level: Literal["exact", "near", "proxy"]
    direction: Literal["same", "milder", "harsher", "mixed"]
    closed: bool
    age_months: float | None
    sampling: Literal["probability", "quota", "opt_in"]
    summary: ItemFigures[Key]
    condition_met: Literal["yes", "no", "unknown"] | None = None


@dataclass(frozen=True, slots=True)
class Because(Generic[Key]):
    """One test of one clause: whether it held, in words, and the items and groups that made it so."""

    clause: Clause
    test: str
    held: bool
    text: str
    items: tuple[str, ...] = ()
    groups: tuple[Key, ...] = ()


@dataclass(frozen=True, slots=True)
class Case(Generic[Key]):
    """What is to be read: items of the best level, milder ones beside them, targets, the other declared groups, and talk."""

    items: Sequence[ItemEvidence[Key]]
    milder: Sequence[ItemEvidence[Key]]
    targets: Sequence[TargetLike[Key]]
    others: Sequence[Key]
    heard: Mapping[Key, Heard]
    settings: EvidenceSettings
    label: Callable[[Key], str]

    def name(self, group: Key) -> str:
        """A group in words; a target registered after the estimates were seen says so."""
        late = any(target.who == group and target.post_hoc for target in self.targets)
        return f"{self.label(group)} (post hoc)" if late else self.label(group)

    def large_enough(self) -> list[ItemEvidence[Key]]:
        """The items whose effective base is enough."""
        return [item for item in self.items if item.summary.n_effective >= self.settings.minimum_effective_base]

    def measured(
        self, groups: Iterable[Key], items: Sequence[ItemEvidence[Key]]
    ) -> list[tuple[Key, ItemEvidence[Key], GroupFigures]]:
        """The groups of at least `name_base` people, item by item."""
        pairs = [(group, item, item.summary.groups[group]) for group in groups for item in items]
        return [pair for pair in pairs if pair[2].base >= self.settings.name_base]


def usable(item: ItemEvidence[Key], settings: EvidenceSettings) -> bool:
    """Whether the item's collection is closed and recent enough."""
    return item.closed and item.age_months is not None and item.age_months <= settings.maximum_age


def is_milder(item: ItemEvidence[Key]) -> bool:
    """Whether people were asked about a milder practice, so that refusing it counts against the proposal."""
    return item.direction == "milder"


@dataclass(frozen=True, slots=True)
class Comparison(Generic[Key]):
    """One figure of one group (None: all parents) for one item."""

    group: Key | None
    item: ItemEvidence[Key]
    figure: Tested


def comparisons(
    measured: Sequence[tuple[Key, ItemEvidence[Key], GroupFigures]], figure: Literal["opposition", "gap"]
) -> list[Comparison[Key]]:
    """A family: one figure of each measured group and item; where a group shows no gap to judge by, it is not compared."""
    found = [(group, item, getattr(figures, figure)) for group, item, figures in measured]
    return [Comparison(group, item, tested) for group, item, tested in found if tested is not None]


def significant(family: Sequence[Comparison[Key]], p: Callable[[Tested], float], alpha: float) -> list[Comparison[Key]]:
    """The comparisons of a family that stand after Holm's correction."""
    corrected = holm([p(one.figure) for one in family])
    return [one for one, value in zip(family, corrected, strict=True) if value < alpha]


def majority(figure: Tested | None, settings: EvidenceSettings) -> bool:
    """Whether a share is surely above the majority; nobody's share is not."""
    return figure is not None and figure.above(settings.majority) < settings.alpha


def in_words(case: Case[Key], group: Key | None) -> str:
    """A group, or all parents, as the reasons call them."""
    return "all parents" if group is None else case.name(group)
