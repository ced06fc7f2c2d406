"""From a platform's answers to coded ones: what is missing and why, groups, design values, and what is reported."""

from typing import Any

import pytest
from tests.survey.senders import INSTRUMENT

from assent_survey.domain.coding import Coded, code_submission, code_values, speaks_of
from assent_survey.domain.instrument import Item
from assent_survey.domain.mapping import Mapping
from assent_survey.domain.submission import Submission, Value

ITEMS = [Item.model_validate(item) for item in INSTRUMENT["items"]]
SEVERAL = Item.model_validate(
    {
        "name": "several",
        "wording": "Which?",
        "kind": "multiple",
        "scale": [{"option": option, "label": option.upper()} for option in "abc"],
        "missing": {"dont_know": "dk"},
    }
)
NUMBER = Item.model_validate({"name": "children", "wording": "How many?", "kind": "number", "missing": {"refused": "99"}})


def code(finished: bool = True, **values: Value) -> Coded:
    return code_values(values, ITEMS, finished=finished)


def one(item: Item, value: Value, codes: dict[str, str] | None = None, separator: str | None = None) -> Coded:
    return code_values({item.name: value}, [item], finished=True, codes={item.name: codes}, separator=separator)


def test_answers_groups_and_consent() -> None:
    coded = code(
        agreed="yes", link_records="with_check", lone_parent="no", own_words="words", design_weight=2.0, design_stratum="n"
    )
    assert coded.answers == {"agreed": "yes", "link_records": "with_check", "lone_parent": "no"}
    assert (coded.missing, coded.groups, coded.texts) == ({}, {"lone_parent": "couple"}, {"own_words": "words"})
    assert (coded.weight, coded.stratum, coded.consented, coded.unmapped) == (2.0, "n", True, ())


@pytest.mark.parametrize(
    ("value", "why"), [("dont_know", "dont_know"), ("prefer_not", "refused"), ("", "refused"), (None, "refused"), ((), "refused")]
)
def test_missing_answers_are_kept_apart(value: Value, why: str) -> None:
    coded = code(agreed="yes", link_records=value, lone_parent="yes")
    assert coded.missing == {"link_records": why}
    assert "link_records" not in coded.answers


def test_an_empty_value_means_what_the_mapping_says_it_means() -> None:
    box = Item.model_validate(
        {
            "name": "box",
            "wording": "Ticked?",
            "kind": "single",
            "scale": [{"option": "Y", "label": "Yes"}, {"option": "N", "label": "No"}],
        }
    )
    codes = {"Y": "Y", "N": "N", "": "N"}
    assert one(box, "", codes).answers == {"box": "N"}
    assert one(box, "Y", codes).answers == {"box": "Y"}
    assert one(box, None, codes).missing == {"box": "refused"}
    assert one(box, "", {"Y": "Y", "N": "N"}).missing == {"box": "refused"}


def test_a_code_of_not_asked_and_a_range_are_kept_to() -> None:
    age = Item.model_validate(
        {"name": "age", "wording": "Age", "kind": "number", "missing": {"not_asked": "-1"}, "range": {"low": 16, "high": 99}}
    )
    assert one(age, -1.0).missing == {"age": "not_asked"}
    assert one(age, "16").answers == {"age": 16.0}
    assert [each.why for each in one(age, 15.0).unmapped] == ["the number is outside the item's range"]


def test_what_did_not_arrive_was_not_asked_or_breaks_off() -> None:
    assert code(agreed="yes").missing == {"link_records": "not_asked", "lone_parent": "not_asked"}
    assert code(finished=False, agreed="yes").missing == {"link_records": "break_off", "lone_parent": "break_off"}
    assert code(finished=False, lone_parent="yes").missing == {"agreed": "not_asked", "link_records": "not_asked"}
    assert code(finished=False).missing == dict.fromkeys(["agreed", "link_records", "lone_parent"], "break_off")


@pytest.mark.parametrize("values", [{}, {"agreed": "yes"}, {"link_records": "dont_know"}, {"lone_parent": "no"}])
def test_finishing_later_is_the_same_as_finished_at_once(values: dict[str, Any]) -> None:
    assert code(finished=False, **values).finished() == code(**values)


@pytest.mark.parametrize("answer", ["no", "", "maybe"])
def test_without_a_yes_there_is_no_consent(answer: str) -> None:
    assert not code(agreed=answer, link_records="acceptable").consented
    assert not code(link_records="acceptable").consented


def test_an_instrument_without_a_consent_item_has_consent() -> None:
    assert code_values({}, ITEMS[1:], finished=True).consented


def test_what_the_scale_does_not_know_is_reported_and_neither_answer_nor_missing() -> None:
    coded = code(agreed="yes", link_records="whatever", lone_parent="yes", unheard_of="x")
    assert [(each.field, each.item) for each in coded.unmapped] == [("link_records", "link_records"), ("unheard_of", None)]
    assert "link_records" not in coded.answers
    assert "link_records" not in coded.missing


@pytest.mark.parametrize(
    ("value", "separator", "answer"),
    [("a c", " ", ["a", "c"]), ((("c",), ("a",), ("c",)), None, ["a", "c"]), ("b", None, ["b"]), ((("x", "b"),), None, ["b"])],
)
def test_several_choices_in_the_order_of_the_scale(value: Value, separator: str | None, answer: list[str]) -> None:
    assert one(SEVERAL, value, separator=separator).answers == {"several": answer}


def test_an_unknown_choice_among_several_is_the_option_of_own_words_where_there_is_one() -> None:
    mapping = Mapping.model_validate({"items": {"several": {"field": "s", "codes": {"A": "a", "B": "b"}, "own_words": "c"}}})
    said = Submission(response_id="r", fields={"s": (("B",), ("by pigeon",), ("by ship",))}, finished=True)
    coded = code_submission(said, [SEVERAL], mapping)
    assert (coded.answers, coded.unmapped) == ({"several": ["b", "c"]}, ())


def test_an_unknown_choice_among_several_spoils_the_answer() -> None:
    assert [each.item for each in one(SEVERAL, "a z", separator=" ").unmapped] == ["several"]


@pytest.mark.parametrize(("value", "answer"), [(3.0, 3.0), ("3", 3.0), ("2.5", 2.5)])
def test_numbers(value: Value, answer: float) -> None:
    assert one(NUMBER, value).answers == {"children": answer}


@pytest.mark.parametrize("value", ["three", "nan", "inf", True, "1e999", "1.7e308"])
def test_what_is_no_number_is_reported(value: Value) -> None:
    assert [each.why for each in one(NUMBER, value).unmapped] == ["not a number"]


@pytest.mark.parametrize("value", ["99", 99.0])
def test_a_missing_code_of_a_number(value: Value) -> None:
    assert one(NUMBER, value).missing == {"children": "refused"}


@pytest.mark.parametrize("value", ["Jane Roe", "a" * 65, "two words", (("a",), ("b",))])
def test_no_free_text_gets_into_the_design(value: Value) -> None:
    coded = code(agreed="yes", design_stratum=value)
    assert coded.stratum is None
    assert [each.item for each in coded.unmapped] == ["design_stratum"]


def test_a_negative_weight_is_reported() -> None:
    assert [each.item for each in code(agreed="yes", design_weight=-1.0).unmapped] == ["design_weight"]


SUBMISSION = Submission(
    response_id="r",
    fields={"q1": (("ref1", "Yes", "id1"),), "extra": "x"},
    facts={"who": "p1"},
    nested=("photo",),
    aliases={"id_q1": "q1"},
    finished=True,
)


@pytest.mark.parametrize("name", ["q1", "id_q1"])
@pytest.mark.parametrize("theirs", ["ref1", "Yes", "id1"])
def test_a_field_by_any_of_its_names_and_a_choice_by_any_of_its(name: str, theirs: str) -> None:
    mapping = Mapping.model_validate({"respondent": "who", "items": {"agreed": {"field": name, "codes": {theirs: "yes"}}}})
    coded = code_submission(SUBMISSION, ITEMS, mapping)
    assert coded.answers == {"agreed": "yes"}
    assert {each.field for each in coded.unmapped} == {"extra", "photo"}


def test_ignored_fields_are_not_reported() -> None:
    mapping = Mapping.model_validate({"items": {"agreed": {"field": "q1", "codes": {"Yes": "yes"}}}, "ignore": ["extra", "photo"]})
    assert code_submission(SUBMISSION, ITEMS, mapping).unmapped == ()


def test_a_mapped_field_with_a_shape_of_its_own_is_reported_with_its_item() -> None:
    mapping = Mapping.model_validate({"items": {"agreed": {"field": "photo"}}, "ignore": ["q1", "extra"]})
    assert [(each.field, each.item) for each in code_submission(SUBMISSION, ITEMS, mapping).unmapped] == [("photo", "agreed")]


@pytest.mark.parametrize(("known", "speaks"), [(["q1"], True), (["photo"], True), (["who"], False), ([], False)])
def test_a_mapping_speaks_of_a_submission_when_it_knows_one_of_its_fields(known: list[str], speaks: bool) -> None:
    assert speaks_of(SUBMISSION, Mapping.model_validate({"ignore": known})) is speaks


def test_a_submission_without_fields_needs_no_mapping() -> None:
    assert speaks_of(Submission(response_id="r", fields={}, finished=False), Mapping())
