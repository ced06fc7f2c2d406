"""The reading of the evidence on a proposal: one of four outcomes, the first that holds, with every test that was made and its reason.

It is a profile and never a pass mark: it leads with those who are likely to be singled out, talk can lower it and never raise it, and
whatever is unknown stands against support. It is computed before anything is suppressed, so its words give thresholds and never
estimates, and name no group with a base under `name_base`. Not here: the tests themselves (clauses) and the estimates behind them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, Literal

from assent_analytics.domain import clauses
from assent_analytics.domain.case import Because, Case, Clause, ItemEvidence, is_milder, usable
from assent_analytics.domain.figures import Key
from assent_analytics.domain.settings import EvidenceSettings
from assent_analytics.domain.targets import Heard, TargetLike

__all__ = ["Because", "ItemEvidence", "Reading", "TargetReading", "read"]

Outcome = Clause
TargetOutcome = Literal["refuses", "contests", "supports", "unclear", "unmeasured"]


@dataclass(frozen=True, slots=True)
class TargetReading:
    """What the tests say of one target: whether the survey measured it, in how many sessions it was heard, and which way it leans."""

    survey: Literal["measured", "too_few", "none"]
    heard_in: int
    reading: TargetOutcome
    post_hoc: bool


@dataclass(frozen=True, slots=True)
class Reading(Generic[Key]):
    """The outcome, the tests that decided it (`because`), all that were made (`tests`), and the groups that it names.

    `items` are those it rests on; `preregistered` is false when a target was registered after the estimates had been seen.
    """

    outcome: Outcome
    because: tuple[Because[Key], ...]
    tests: tuple[Because[Key], ...]
    groups: tuple[Key, ...]
    targets: dict[Key, TargetReading]
    items: tuple[str, ...]
    settings: EvidenceSettings
    preregistered: bool = field(default=True)

    def rests_on(self, item: str) -> bool:
        """Whether it rests on an item: one of the best level, or a milder one whose refusal has decided it."""
        return item in self.items or any(reason.held and item in reason.items for reason in self.because)


def read(
    items: Sequence[ItemEvidence[Key]],
    targets: Sequence[TargetLike[Key]],
    declared: Sequence[Key],
    heard: Mapping[Key, Heard],
    settings: EvidenceSettings,
    *,
    label: Callable[[Key], str],
) -> Reading[Key]:
    """Apply the rule to items that match the proposal, the groups it singles out (targets) and all groups of the study (declared).

    Every item's figures must hold every target and declared group as a key; raises KeyError otherwise.
    """
    fit = [item for item in items if usable(item, settings)]
    levels = {item.level for item in fit}
    best = "exact" if "exact" in levels else "near"
    asked = [item for item in fit if item.level == best]
    case = Case(
        items=asked,
        milder=[item for item in fit if item not in asked and is_milder(item)],
        targets=targets,
        others=[group for group in dict.fromkeys(declared) if group not in {target.who for target in targets}],
        heard=heard,
        settings=settings,
        label=label,
    )
    left_out = clauses.left_out(items, settings)
    withheld, contested, supported = clauses.withheld(case), clauses.contested(case), clauses.supported(case)
    outcome, because = _first_that_holds(withheld, contested, supported, left_out)
    named = dict.fromkeys(group for reason in because for group in reason.groups if outcome not in _NAMELESS)
    return Reading(
        outcome=outcome,
        because=because,
        tests=(*left_out, *withheld, *contested, *supported),
        groups=tuple(named),
        targets={target.who: _of_target(case, target, (withheld, contested, supported)) for target in targets},
        items=tuple(item.item for item in asked),
        settings=settings,
        preregistered=not any(target.post_hoc for target in targets),
    )


_NAMELESS: tuple[Outcome, ...] = ("supported_with_conditions", "insufficient_evidence")

Tests = tuple[Because[Key], ...]


def _first_that_holds(
    withheld: Tests[Key], contested: Tests[Key], supported: Tests[Key], left_out: Tests[Key]
) -> tuple[Outcome, Tests[Key]]:
    """The outcome and what decided it. Contested needs its two preconditions and one ground; supported needs every test."""
    if refusals := _held(withheld):
        return "withheld_by_named_groups", refusals
    grounds = tuple(test for test in _held(contested) if test.test not in clauses.PRECONDITIONS)
    if grounds and all(test.held for test in contested if test.test in clauses.PRECONDITIONS):
        return "contested", grounds
    failed = tuple(test for test in supported if not test.held)
    if not failed:
        return "supported_with_conditions", supported
    return "insufficient_evidence", (*left_out, *failed)


def _held(tests: Tests[Key]) -> Tests[Key]:
    return tuple(test for test in tests if test.held)


def _of_target(case: Case[Key], target: TargetLike[Key], tests: tuple[Tests[Key], Tests[Key], Tests[Key]]) -> TargetReading:
    withheld, contested, supported = ([test for test in of if target.who in test.groups] for of in tests)
    bases = [item.summary.groups[target.who].base for item in (case.items or case.milder)]
    survey: Literal["measured", "too_few", "none"] = "none"
    if bases and max(bases) > 0:
        survey = "measured" if min(bases) >= case.settings.name_base else "too_few"
    reading: TargetOutcome = "unclear"
    if any(test.held for test in withheld):
        reading = "refuses"
    elif any(test.held for test in contested):
        reading = "contests"
    elif survey != "measured":
        reading = "unmeasured"
    elif case.items and all(test.held for test in supported):
        reading = "supports"
    return TargetReading(survey, case.heard.get(target.who, Heard()).sessions, reading, target.post_hoc)
