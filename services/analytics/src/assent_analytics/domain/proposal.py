"""A proposed practice, and whom it is likely to single out.

What is declared after the estimates have been seen is marked, because a target chosen by its result proves nothing. Not here: what a
target is (targets) and what the evidence says of it (reading).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from assent_analytics.domain.settings import EvidenceSettings
from assent_analytics.domain.targets import Target
from assent_contracts.groups import GroupRef
from assent_contracts.matching import Direction
from assent_contracts.practice import Practice

Status = Literal["proposed", "pilot", "operational", "stopped"]
DecidedLevel = Literal["exact", "near", "proxy", "none"]


@dataclass(frozen=True, slots=True)
class Draft:
    """What a person says of a proposal: the practice, who runs it, and whom it is likely to single out."""

    title: str
    practice: Practice
    description: str
    operator: str
    status: Status
    targets: tuple[Target, ...]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposal as it stands. `targets_dropped` counts those taken back after the estimates had been seen."""

    id: str
    study: str
    version: int
    draft: Draft
    targets_dropped: int
    practice_changed_at: datetime
    evidence_first_shown_at: datetime | None
    created_at: datetime
    created_by: str
    changed_at: datetime

    @property
    def seen(self) -> bool:
        """Whether its evidence has been shown to anybody."""
        return self.evidence_first_shown_at is not None


@dataclass(frozen=True, slots=True)
class MatchDecision:
    """What a steward says of the match of one item; `direction` is None where the compared one stands."""

    item: str
    level: DecidedLevel
    direction: Direction | None
    note: str
    version: int
    decided_by: str
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class AgreedSettings:
    """The thresholds of a study, and when they were last set; version 0 are the defaults, which nobody has set."""

    settings: EvidenceSettings
    version: int
    changed_by: str | None
    changed_at: datetime | None


def redeclare(before: Sequence[Target], after: Sequence[Target], *, seen: bool) -> tuple[tuple[Target, ...], int]:
    """The targets with their post-hoc marks, and how many were dropped although the estimates had been seen.

    A target that stands as it was keeps its mark; a new or changed one is post hoc when the estimates have been seen.
    """
    marks = {_declared(target): target.post_hoc for target in before}
    targets = tuple(replace(target, post_hoc=marks.get(_declared(target), seen)) for target in after)
    remaining = {frozenset(target.who) for target in after}
    dropped = [target for target in before if not target.post_hoc and frozenset(target.who) not in remaining]
    return targets, len(dropped) if seen else 0


def _declared(target: Target) -> tuple[frozenset[GroupRef], str]:
    return frozenset(target.who), target.basis
