"""The rules of instruments and mappings: each broken rule is named where it is broken."""

from copy import deepcopy
from typing import Any

import pytest
from pydantic import ValidationError
from tests.survey.senders import INSTRUMENT, SENDERS

from assent_survey.domain.instrument import Item, Range, instrument_faults
from assent_survey.domain.mapping import Mapping, mapping_faults


def items(**changes: Any) -> list[Item]:
    """The test instrument with its attitude item changed."""
    changed = deepcopy(INSTRUMENT["items"])
    changed[1].update(changes)
    return [Item.model_validate(item) for item in changed]


def pointers(*changed: Item) -> list[str]:
    return [fault.pointer for fault in instrument_faults(changed)]


def test_the_instrument_keeps_every_rule() -> None:
    assert instrument_faults(items()) == []


@pytest.mark.parametrize("limit", ["Infinity", "-Infinity", "NaN", "1e999"])
def test_a_limit_is_a_number(limit: str) -> None:
    with pytest.raises(ValidationError):
        Range.model_validate_json(f'{{"low": "{limit}"}}')


YES_NO = [{"option": "yes", "label": "Yes"}, {"option": "no", "label": "No"}]

BROKEN: list[tuple[dict[str, Any], str]] = [
    ({"supports": ["fine"]}, "/items/1/supports/0"),
    ({"opposes": ["acceptable"]}, "/items/1/opposes/0"),
    ({"conditional": ["acceptable", "with_check"]}, "/items/1/conditional/0"),
    ({"supports": ["dont_know"]}, "/items/1/supports/0"),
    ({"missing": {"dont_know": "acceptable"}}, "/items/1/missing/dont_know"),
    ({"missing": {"dont_know": "x", "refused": "x"}}, "/items/1/missing/refused"),
    ({"kind": "multiple"}, "/items/1/kind"),
    ({"kind": "text"}, "/items/1/scale"),
    ({"conditional": []}, "/items/1/condition"),
    ({"variable": "gender"}, "/items/1/variable"),
    ({"groups": {"acceptable": "a"}}, "/items/1/groups"),
    ({"name": "agreed"}, "/items/1/name"),
    ({"role": "weight"}, "/items/1/kind"),
    (
        {"scale": YES_NO + YES_NO[:1], "supports": [], "conditional": [], "opposes": [], "condition": None},
        "/items/1/scale/2/option",
    ),
]


@pytest.mark.parametrize(("change", "pointer"), BROKEN, ids=[pointer + str(number) for number, (_, pointer) in enumerate(BROKEN)])
def test_a_broken_rule_is_named_where_it_is_broken(change: dict[str, Any], pointer: str) -> None:
    assert pointer in pointers(*items(**change))


@pytest.mark.parametrize(
    ("item", "pointer"),
    [
        ({"kind": "single"}, "/items/0/scale"),
        ({"kind": "single", "role": "consent", "scale": YES_NO}, "/items/0/supports"),
        (
            {"kind": "single", "role": "demographic", "scale": YES_NO, "variable": "v", "groups": {"maybe": "m"}},
            "/items/0/groups/maybe",
        ),
        ({"kind": "multiple", "role": "demographic", "scale": YES_NO, "variable": "v"}, "/items/0/variable"),
        ({"kind": "text", "role": "demographic"}, "/items/0/kind"),
        ({"kind": "multiple", "role": "stratum", "scale": YES_NO}, "/items/0/kind"),
    ],
)
def test_rules_of_roles(item: dict[str, Any], pointer: str) -> None:
    assert pointer in pointers(Item.model_validate({"name": "q", "wording": "Q?", **item}))


def test_the_event_keeps_missing_codes_apart_and_no_group_words() -> None:
    event = items()[1].as_event()
    assert (event.dont_know, event.refused) == ("dont_know", "prefer_not")
    assert event.supports == ("acceptable",)
    assert event.condition is not None
    assert event.condition.safeguards == ("independent_oversight",)


@pytest.mark.parametrize("platform", list(SENDERS))
def test_the_mappings_fit(platform: str) -> None:
    assert list(mapping_faults(Mapping.model_validate(SENDERS[platform].mapping), items())) == []


@pytest.mark.parametrize(
    ("mapped", "pointer"),
    [
        ({"items": {"nobody_asked": {"field": "f"}}}, "/mapping/items/nobody_asked"),
        ({"items": {"link_records": {"field": "f", "codes": {"a/b~c": "fine"}}}}, "/mapping/items/link_records/codes/a~1b~0c"),
        ({"items": {"own_words": {"field": "f", "codes": {"a": "b"}}}}, "/mapping/items/own_words/codes"),
        ({"items": {"agreed": {"field": "f"}}, "ignore": ["f"]}, "/mapping/ignore"),
    ],
)
def test_a_mapping_that_does_not_fit_says_where(mapped: dict[str, Any], pointer: str) -> None:
    assert [fault.pointer for fault in mapping_faults(Mapping.model_validate(mapped), items())] == [pointer]
