"""What is wrong with a plan of vignettes is said where it is; a plan that keeps the rules can be read in every language."""

from itertools import combinations
from typing import Any

import pytest
from tests.survey.vignette_plans import PLAN, bare_plan, plan_with

from assent_contracts.practice import Practice
from assent_survey.domain.instrument import Item, instrument_faults
from assent_survey.domain.vignettes.design import CannotDesign, make_design
from assent_survey.domain.vignettes.items import judged_vignettes, shown_levels, unasked, vignette_items
from assent_survey.domain.vignettes.plan import VignettePlan
from assent_survey.domain.vignettes.rules import plan_faults

RATING = PLAN["rating"]
SCALE = [{"option": "yes", "label": "Yes"}, {"option": "no", "label": "No"}]


def factor(number: int, **changes: Any) -> list[dict[str, Any]]:
    """The factors, one of them changed."""
    return [{**each, **changes} if place == number else each for place, each in enumerate(PLAN["factors"])]


def level(number: int, place: int, **changes: Any) -> list[dict[str, Any]]:
    """The factors, one level of one of them changed."""
    levels = [{**each, **changes} if at == place else each for at, each in enumerate(PLAN["factors"][number]["levels"])]
    return factor(number, levels=levels)


def text(english: str) -> dict[str, str]:
    return {**PLAN["text"], "en": english}


def test_the_plan_of_a_study_has_no_faults() -> None:
    assert plan_faults(plan_with()) == []


@pytest.mark.parametrize(
    ("changes", "pointers"),
    [
        ({"factors": factor(1, name="records")}, {"/factors/1/name", "/text/en", "/text/cy", "/excluded/0/partner"}),
        ({"factors": level(1, 1, level="school")}, {"/factors/1/levels/1/level"}),
        ({"language": "de"}, {"/language"}),
        ({"factors": factor(0, label={"en": "Which"})}, {"/factors/0/label"}),
        ({"factors": factor(0, label={"en": "a", "cy": "b", "de": "c"})}, {"/factors/0/label/de"}),
        ({"factors": level(0, 1, wording={"en": "health"})}, {"/factors/0/levels/1/wording"}),
        ({"text": text("{records} {partner} {safeguard}")}, {"/text/en"}),
        ({"text": text("{records} {partner} {safeguard} {purpose} {who}")}, {"/text/en"}),
        ({"text": text("{records} {partner} {safeguard} {purpose} {")}, {"/text/en"}),
        ({"text": text("{records} {partner} {safeguard} {purpose} {purpose.__class__}")}, {"/text/en"}),
        ({"text": text("{records} {partner} {safeguard} {purpose!r}")}, {"/text/en"}),
        ({"text": text("{records} {partner} {safeguard} {purpose:>9}")}, {"/text/en"}),
        ({"text": text("{records} {partner} {safeguard} {purpose} {}")}, {"/text/en"}),
        ({"practice": {"purpose": "early_help"}}, {"/factors/2/slot"}),
        ({"factors": factor(0, slot=None)}, {f"/factors/0/levels/{n}/terms" for n in range(3)}),
        ({"factors": level(0, 1, terms=["school_records"])}, {"/factors/0/levels/1/terms"}),
        ({"factors": level(2, 1, terms=["fraud_detection", "early_help"])}, {"/factors/2/levels/1/terms"}),
        ({"factors": factor(2, slot="operation"), "practice": {}}, {f"/factors/2/levels/{n}/terms" for n in range(3)}),
        ({"excluded": [{"who": ["school"]}]}, {"/excluded/0/who"}),
        ({"excluded": [{"partner": ["school", "army"]}]}, {"/excluded/0/partner/1"}),
        ({"interactions": [["partner", "who"]]}, {"/interactions/0/1"}),
        ({"interactions": [["partner", "partner"]]}, {"/interactions/0"}),
        ({"interactions": [["partner", "purpose"], ["purpose", "partner"]]}, {"/interactions/1"}),
        ({"per_respondent": 20, "decks": 51}, {"/decks"}),
        ({"rating": {**RATING, "kind": "text", "range": None}}, {"/rating/kind"}),
        ({"rating": {**RATING, "role": "consent"}}, {"/rating/role", "/rating/supports"}),
        ({"rating": {**RATING, "practice": {"operation": "link"}}}, {"/rating/practice"}),
        ({"rating": {**RATING, "name": "partner"}}, {"/rating/name"}),
        ({"rating": {**RATING, "name": "j" * 41}}, {"/rating/name"}),
        ({"rating": {"name": "j", "wording": "?", "kind": "single", "scale": SCALE, "supports": ["oui"]}}, {"/rating/supports/0"}),
    ],
)  # fmt: skip
def test_faults_point_to_what_breaks_a_rule(changes: dict[str, Any], pointers: set[str]) -> None:
    assert {fault.pointer for fault in plan_faults(plan_with(**changes))} == pointers


@pytest.mark.parametrize(
    ("plan", "pointers"),
    [
        (plan_with(excluded=[{"partner": ["school", "police"]}]), {"/excluded"}),
        (plan_with(excluded=[{"partner": ["school"], "purpose": ["fraud", "help", "support"]}]), {"/factors/1/levels/0"}),
        (bare_plan((2, 2), 5, 1), {"/per_respondent"}),
        (bare_plan((4, 4, 4), 3, 2), {"/decks"}),
        # what is left ties two factors to each other: neither can be told from the other
        (bare_plan((2, 2, 2), 2, 4, excluded=({"f0": ("l0",), "f1": ("l1",)}, {"f0": ("l1",), "f1": ("l0",)})),
         {"/factors/0", "/factors/1"}),
        (bare_plan((2, 2, 2), 2, 3, interactions=(("f0", "f1"),), excluded=({"f0": ("l1",), "f1": ("l1",)},)),
         {"/factors/0", "/factors/1", "/interactions/0"}),
    ],
)  # fmt: skip
def test_faults_that_only_the_combinations_tell(plan: VignettePlan, pointers: set[str]) -> None:
    with pytest.raises(CannotDesign) as cannot:
        make_design(plan)
    assert {fault.pointer for fault in cannot.value.faults} >= pointers


def test_a_model_that_no_design_is_large_enough_for_is_refused_before_it_is_computed() -> None:
    """Its matrix would have 7,449 columns."""
    pairs = [(f"f{one}", f"f{other}") for one, other in combinations(range(12), 2)][:20]
    with pytest.raises(CannotDesign) as cannot:
        make_design(bare_plan((20,) * 12, 20, 50, interactions=pairs))
    assert [fault.pointer for fault in cannot.value.faults] == ["/interactions"]


def test_a_vignette_is_said_in_each_language_and_what_is_empty_is_closed_up() -> None:
    plan = plan_with()
    assert plan.text_in("en", (2, 1, 0, 0)) == (
        "The council joins school and health records with those of the police. The aim is early help."
    )
    assert plan.text_in("cy", (0, 0, 0, 1)).endswith("Caiff enwau eu dileu. Y nod yw cymorth cynnar.")
    assert (
        bare_plan(
            (2,),
            1,
            2,
        )
        .model_copy(update={"text": {"en": "{{f0}} is {f0}"}})
        .text_in("en", (1,))
        == "{f0} is w1"
    )


def test_a_vignette_states_the_practice_of_its_levels_and_what_all_share() -> None:
    assert plan_with().practice_of((2, 1, 1, 0)) == Practice(
        data_types=("school_records", "health_records"),
        sender=("local_authority",),
        recipient=("police_force",),
        operation="link",
        purpose="fraud_detection",
    )


@pytest.mark.parametrize(("wanted", "found"), [(None, "en"), ("cy", "cy"), ("cy-GB", "cy"), ("EN-gb", "en"), ("fr", "en")])
def test_a_reader_gets_the_nearest_language(wanted: str | None, found: str) -> None:
    assert plan_with().nearest_language(wanted) == found


def test_the_items_make_an_instrument_and_say_what_was_shown() -> None:
    plan = plan_with()
    items = vignette_items(plan)
    assert instrument_faults(items) == []
    by_name = {item.name: item for item in items}
    assert len(by_name) == 4 * 5
    first = by_name["joined_1_safeguard"]
    assert (first.options, [option.label for option in first.scale]) == (("unsaid", "removed"), ["unsaid", "Names are removed."])
    assert first.translations["cy"].labels["removed"] == "Caiff enwau eu dileu."
    assert not any(item.practice.stated() for item in items)
    judged = judged_vignettes(plan)[1]
    assert judged.judgement == "joined_2_judgement"
    assert judged.features == {name: f"joined_2_{name}" for name in ("records", "partner", "purpose", "safeguard")}
    shown = shown_levels(plan, [[0, 0, 0, 0], [2, 1, 1, 1]])
    assert shown["joined_2_records"] == "both"
    assert shown.keys() <= by_name.keys()


def test_an_instrument_that_lacks_an_item_or_an_option_does_not_hold_the_plan() -> None:
    plan = plan_with()
    items = {item.name: item for item in vignette_items(plan)}
    assert unasked(plan, items) == []
    records = items["joined_1_records"]
    short = Item(name=records.name, wording=records.wording, kind="single", scale=records.scale[:2])
    assert unasked(plan, {**items, "joined_1_records": short}) == ["joined_1_records"]
    del items["joined_4_judgement"]
    assert unasked(plan, items) == ["joined_4_judgement"]
