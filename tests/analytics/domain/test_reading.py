"""The reading, clause by clause, from figures made by hand: everything that must not happen to support is tried once."""

from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from assent_analytics.domain.reading import ItemEvidence, Reading, read
from assent_analytics.domain.settings import EvidenceSettings
from assent_analytics.domain.targets import Heard, Target, mainly_rejects
from assent_contracts.groups import GroupRef

LONE = (GroupRef(variable="family", group="lone_father"),)
KNOWN = (GroupRef(variable="contact", group="known"),)
NORTH = (GroupRef(variable="place", group="north"),)


@dataclass(frozen=True)
class Figure:
    """A share or gap that lies surely between `low` and `high`; `p` is the p-value of whatever is so."""

    low: float
    high: float
    p: float = 0.001

    @property
    def share(self) -> float:
        return (self.low + self.high) / 2

    def above(self, threshold: float) -> float:
        return self.p if self.low > threshold else 0.5

    def below(self, threshold: float) -> float:
        return self.p if self.high < threshold else 0.5


@dataclass(frozen=True)
class Group:
    base: int = 100
    support: Figure | None = Figure(0.7, 0.8)
    unconditional: Figure | None = Figure(0.6, 0.7)
    opposition: Figure | None = Figure(0.1, 0.2)
    gap: Figure | None = Figure(-0.05, 0.05)


@dataclass(frozen=True)
class Item:
    base: int = 1000
    n_effective: float = 800.0
    support: Figure = Figure(0.7, 0.8)
    unconditional: Figure = Figure(0.6, 0.7)
    opposition: Figure = Figure(0.1, 0.2)
    dont_know: Figure = Figure(0.05, 0.07)
    groups: dict[Any, Group] = field(default_factory=lambda: {LONE: Group(), KNOWN: Group(), NORTH: Group()})


def item(name: str = "q1", *, lone: Group | None = None, north: Group | None = None, **changes: Any) -> ItemEvidence[Any]:
    evidence = {
        "level": "exact",
        "direction": "same",
        "closed": True,
        "age_months": 6.0,
        "sampling": "probability",
        "condition_met": None,
    }
    evidence |= {key: changes.pop(key) for key in list(changes) if key in evidence}
    groups = {LONE: lone or Group(), KNOWN: Group(), NORTH: north or Group()}
    return ItemEvidence(item=name, summary=Item(groups=groups, **changes), **evidence)  # type: ignore[arg-type]


TARGETS = (Target(LONE, "model_input"), Target(KNOWN, "judgement"))
HEARD = {LONE: Heard(sessions=1), KNOWN: Heard(sessions=2)}


def reading(*items: ItemEvidence[Any], **changes: Any) -> Reading[Any]:
    given: dict[str, Any] = {
        "targets": TARGETS,
        "declared": [LONE, KNOWN, NORTH],
        "heard": HEARD,
        "settings": EvidenceSettings(),
    } | changes
    return read(items, given["targets"], given["declared"], given["heard"], given["settings"], label=lambda who: who[0].group)


def failed(found: Reading[Any]) -> set[str]:
    assert found.outcome == "insufficient_evidence"
    return {test.test for test in found.because}


def deciding(found: Reading[Any]) -> set[str]:
    return {test.test for test in found.because}


def test_support_everywhere_is_supported_with_conditions() -> None:
    found = reading(item())
    assert found.outcome == "supported_with_conditions"
    assert all(test.held for test in found.because)
    assert found.items == ("q1",)
    assert found.preregistered
    assert {target.reading for target in found.targets.values()} == {"supports"}
    assert found.groups == ()


REFUSED = Group(base=40, opposition=Figure(0.55, 0.8), support=Figure(0.1, 0.3))


def test_a_target_that_refuses_withholds_whatever_the_majority_says() -> None:
    found = reading(item(lone=REFUSED))
    assert found.outcome == "withheld_by_named_groups"
    assert found.groups == (LONE,)
    assert found.targets[LONE].reading == "refuses"
    assert found.targets[KNOWN].reading == "supports"
    assert "lone_father" in found.because[0].text
    assert "corrected over 2 comparisons" in found.because[0].text


def test_all_parents_can_withhold_without_targets() -> None:
    found = reading(item(opposition=Figure(0.6, 0.7), support=Figure(0.2, 0.3)), targets=())
    assert found.outcome == "withheld_by_named_groups"
    assert deciding(found) == {"all_parents_refuse"}
    assert found.groups == ()


def test_another_declared_group_withholds_too_but_in_a_family_of_its_own() -> None:
    refusing = replace(REFUSED, opposition=Figure(0.55, 0.8, p=0.04))
    assert deciding(reading(item(north=refusing))) == {"other_group_refuses"}
    assert reading(item(north=refusing), declared=[LONE, KNOWN]).outcome == "supported_with_conditions"
    assert reading(item(lone=refusing)).outcome != "withheld_by_named_groups"  # two targets: .04 becomes .08


def test_holm_runs_over_targets_and_items() -> None:
    just = replace(REFUSED, opposition=Figure(0.55, 0.8, p=0.02))
    assert reading(item(lone=just)).outcome == "withheld_by_named_groups"  # 2 comparisons
    assert reading(item(lone=just), item("q2")).outcome != "withheld_by_named_groups"  # 4 comparisons


def test_a_group_under_the_base_for_naming_cannot_withhold() -> None:
    found = reading(item(lone=replace(REFUSED, base=29)))
    assert found.outcome == "insufficient_evidence"
    assert found.targets[LONE].survey == "too_few"
    assert found.targets[LONE].reading == "unmeasured"
    assert found.groups == ()


def test_a_refusal_of_a_milder_practice_counts_and_support_of_it_does_not() -> None:
    milder: dict[str, Any] = {"level": "proxy", "direction": "milder"}
    found = reading(item(lone=REFUSED, **milder))
    assert found.outcome == "withheld_by_named_groups"
    assert "a milder practice" in found.because[0].text
    assert {"item", "target_measured"} <= failed(reading(item(**milder)))
    assert failed(reading(item(lone=REFUSED, level="proxy", direction="harsher"))) >= {"item"}


def test_only_the_best_level_is_read() -> None:
    divided: dict[str, Any] = {"support": Figure(0.4, 0.5), "opposition": Figure(0.4, 0.5)}
    found = reading(item("exact"), item("near", level="near", **divided))
    assert found.outcome == "supported_with_conditions"
    assert found.items == ("exact",)
    assert reading(item("near", level="near")).items == ("near",)


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        ({"closed": False}, "still open"),
        ({"age_months": 37.0}, "older than 36 months"),
        ({"age_months": None}, "without the dates"),
    ],
)
def test_open_old_and_undated_collections_are_left_out_with_the_reason(state: dict[str, Any], reason: str) -> None:
    found = reading(item(lone=REFUSED, **state))
    assert {"collection", "item"} <= failed(found)
    assert any(reason in test.text for test in found.because)


def test_an_open_exact_item_leaves_the_near_one_to_be_read() -> None:
    found = reading(item("exact", closed=False), item("near", level="near"))
    assert found.items == ("near",)


def test_a_divided_public_is_contested() -> None:
    found = reading(item(support=Figure(0.5, 0.6), opposition=Figure(0.3, 0.4)))
    assert (found.outcome, deciding(found)) == ("contested", {"divided"})


def test_sizeable_opposition_of_a_target_is_contested() -> None:
    found = reading(item(lone=Group(opposition=Figure(0.3, 0.45))))
    assert (found.outcome, deciding(found), found.groups) == ("contested", {"targets_object"}, (LONE,))
    assert found.targets[LONE].reading == "contests"
    weak = Group(opposition=Figure(0.3, 0.45, p=0.03))
    assert reading(item(lone=weak)).outcome == "supported_with_conditions"  # corrected: .06
    assert reading(item(north=Group(opposition=Figure(0.3, 0.45)))).outcome == "supported_with_conditions"  # not a target


def test_a_target_far_behind_the_rest_is_contested() -> None:
    found = reading(item(lone=Group(gap=Figure(-0.3, -0.15))))
    assert (found.outcome, deciding(found)) == ("contested", {"targets_fall_behind"})
    assert reading(item(lone=Group(gap=Figure(-0.3, -0.05)))).outcome == "supported_with_conditions"


@pytest.mark.parametrize(("met", "outcome"), [("yes", "supported_with_conditions"), ("no", "contested"), ("unknown", "contested")])
def test_a_majority_that_rests_on_a_condition_needs_the_condition(met: str, outcome: str) -> None:
    conditional: dict[str, Any] = {"unconditional": Figure(0.4, 0.5), "condition_met": met}
    found = reading(item(**conditional))
    assert found.outcome == outcome
    assert (deciding(found) == {"condition_unmet"}) == (outcome == "contested")
    assert reading(item(condition_met=met)).outcome == "supported_with_conditions"  # a majority without the condition


def test_a_targets_majority_may_rest_on_the_condition_too() -> None:
    found = reading(item(lone=Group(unconditional=Figure(0.3, 0.5)), condition_met="no"))
    assert (found.outcome, found.groups) == ("contested", (LONE,))


def test_sessions_lower_a_reading_and_never_raise_it() -> None:
    rejecting = {LONE: Heard(sessions=3, mainly_reject=2), KNOWN: Heard(sessions=1)}
    found = reading(item(), heard=rejecting)
    assert (found.outcome, deciding(found)) == ("contested", {"sessions_reject"})
    once = {LONE: Heard(sessions=3, mainly_reject=1), KNOWN: Heard(sessions=1)}
    assert reading(item(), heard=once).outcome == "supported_with_conditions"
    assert failed(reading(heard={LONE: Heard(sessions=9), KNOWN: Heard(sessions=9)})) >= {"item", "target_measured"}


def test_contested_needs_an_effective_base() -> None:
    divided: dict[str, Any] = {"support": Figure(0.5, 0.6), "opposition": Figure(0.3, 0.4), "n_effective": 150.0}
    assert failed(reading(item(**divided))) == {"effective_base", "majority"}


@pytest.mark.parametrize(
    ("change", "test"),
    [
        ({"sampling": "quota"}, "probability_sample"),
        ({"sampling": "opt_in"}, "probability_sample"),
        ({"n_effective": 199.0}, "effective_base"),
        ({"dont_know": Figure(0.3, 0.5)}, "dont_know"),
        ({"support": Figure(0.45, 0.6)}, "majority"),
        ({"lone": Group(support=Figure(0.45, 0.9))}, "target_majority"),
        ({"lone": Group(base=29)}, "target_measured"),
        ({"lone": Group(0, None, None, None, None)}, "target_measured"),
        ({"north": Group(support=Figure(0.3, 0.45))}, "group_short"),
        ({"north": Group(base=9)}, "group_unknown"),
        ({"north": Group(0, None, None, None, None)}, "group_unknown"),
    ],
)
def test_each_thing_that_support_needs(change: dict[str, Any], test: str) -> None:
    assert test in failed(reading(item(**change)))


def test_every_item_must_support() -> None:
    assert failed(reading(item(), item("q2", support=Figure(0.45, 0.6)))) == {"majority"}


def test_targets_must_be_registered_and_heard() -> None:
    assert failed(reading(item(), targets=())) == {"targets"}
    assert failed(reading(item(), heard={LONE: Heard(sessions=1)})) == {"target_heard"}


def test_no_item_at_all_names_what_is_missing() -> None:
    found = reading()
    assert {"item", "target_measured"} <= failed(found)
    assert {target.survey for target in found.targets.values()} == {"none"}


def test_a_group_too_small_to_be_named_blocks_support_without_its_name() -> None:
    found = reading(item(north=Group(base=20, support=Figure(0.1, 0.4))))
    assert failed(found) == {"group_short"}
    assert "north" not in " ".join(test.text for test in found.because)
    assert all(NORTH not in test.groups for test in found.because)


def test_a_target_registered_afterwards_is_marked() -> None:
    late = (replace(TARGETS[0], post_hoc=True), TARGETS[1])
    found = reading(item(lone=REFUSED), targets=late)
    assert not found.preregistered
    assert "(post hoc)" in found.because[0].text
    assert found.targets[LONE].post_hoc


def test_every_test_that_was_made_is_recorded() -> None:
    tests = {(test.clause, test.test) for test in reading(item()).tests}
    assert {clause for clause, _ in tests} == {"withheld_by_named_groups", "contested", "supported_with_conditions"}
    assert ("contested", "targets_fall_behind") in tests


def test_words_give_thresholds_and_no_estimates() -> None:
    found = reading(item(lone=replace(REFUSED, opposition=Figure(0.6137, 0.7311))))
    assert not any("61" in test.text or "73" in test.text for test in found.tests)


def test_a_session_mainly_rejects_when_more_than_half_of_its_stances_do() -> None:
    assert mainly_rejects(["reject", "reject", "accept"])
    assert mainly_rejects(["reject", None])
    assert not mainly_rejects(["reject", "conditional"])
    assert not mainly_rejects([None, None])
    assert not mainly_rejects([])
