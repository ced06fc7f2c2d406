"""Forms of SurveyJS as instruments: every type of question, texts in several languages, and answers by the names of `survey.data`."""

import json
from typing import Any

import pytest
from tests.survey.instruments.examples import SURVEYJS
from tests.survey.instruments.reading import coded, item, labels, lost, read

from assent_survey.domain.draft import Draft, UnreadableInstrument
from assent_survey.instruments import READERS
from assent_survey.platforms import PLATFORMS


def one(**element: Any) -> Draft:
    return read("surveyjs", {"elements": [{"name": "asked", **element}]})


def test_addresses_and_telephone_numbers_are_not_kept() -> None:
    mail = {"type": "text", "name": "mail", "inputType": "email"}
    both = {
        "type": "multipletext",
        "name": "both",
        "items": [{"name": "call", "inputType": "tel"}, {"name": "why", "title": "Why?"}],
    }
    draft = read("surveyjs", {"elements": [mail, both]})
    assert draft.mapping is not None
    assert ([each.name for each in draft.items], draft.mapping.ignore) == (["both_why"], ("mail", "both.call"))
    assert lost(draft, "mail") == ["a direct identifier (an e-mail address), which is not kept"]


def test_words_that_the_default_language_does_not_have_are_the_names_and_values_that_the_form_shows() -> None:
    choices = [
        {"value": "Never married", "text": {"fr": "Célibataire"}},
        {"value": 2, "text": {"default": "Married", "fr": "Marié"}},
    ]
    rows = [{"value": "Police", "text": {"fr": "La police"}}]
    draft = read(
        "surveyjs",
        {
            "elements": [
                {"type": "radiogroup", "name": "Status", "title": {"fr": "Votre état ?"}, "choices": choices},
                {"type": "matrix", "name": "m", "title": "Trust in", "columns": choices, "rows": rows},
            ]
        },
    )
    status = item(draft, "Status")
    assert (status.wording, labels(status)) == ("Status", {"Never_married": "Never married", "2": "Married"})
    assert status.translations["fr"].labels == {"Never_married": "Célibataire", "2": "Marié"}
    assert draft.items[1].wording == "Trust in\nPolice"
    assert draft.items[1].translations["fr"].wording == "Trust in\nLa police"


def test_the_ends_of_a_rating_keep_the_words_of_their_steps() -> None:
    steps = [{"value": 1, "text": {"default": "One", "fr": "Un"}}, 2, {"value": 3, "text": {"default": "Three", "es": "Tres"}}]
    ends = {"minRateDescription": {"default": "bad", "fr": "mal"}, "maxRateDescription": "good"}
    rating = one(type="rating", rateValues=steps, **ends).items[0]
    assert labels(rating) == {"1": "One: bad", "2": "2", "3": "Three: good"}
    assert {tag: each.labels for tag, each in rating.translations.items()} == {"fr": {"1": "Un: mal"}, "es": {"3": "Tres: good"}}


def test_a_value_arrives_with_the_spaces_around_it() -> None:
    draft = one(type="radiogroup", choices=["Single ", {"value": " Married", "text": "Married"}, "x |Other"])
    for arrives, code in (("Single ", "Single"), (" Married", "Married"), ("Married", "Married"), ("x ", "x")):
        assert coded(draft, {"asked": arrives}).answers == {"asked": code}


def test_words_of_the_library_and_of_a_default_language_that_is_not_named_are_told() -> None:
    said = {"type": "boolean", "name": "b", "title": {"default": "Sure?", "fr": "Sûr ?"}}
    draft = read("surveyjs", {"locale": "fr", "elements": [said]})
    assert draft.items[0].wording == "Sûr ?"
    told = "texts in the default language, of which the file does not say which it is, where they are in the main one too"
    assert lost(draft, "the form") == [told]
    assert lost(draft, "b") == ["words of answers that SurveyJS has itself in each language: they are in English"]
    for same in ({"elements": [said | {"title": "Sure?"}]}, {"locale": "en", "elements": [said | {"title": "Sure?"}]}):
        assert read("surveyjs", same).losses == ()


def test_a_form_without_any_words_in_the_default_language_is_in_its_first() -> None:
    draft = read("surveyjs", {"elements": [{"type": "text", "name": "q", "title": {"de": "Warum?", "fr": "Pourquoi ?"}}]})
    assert (draft.language, draft.items[0].wording, list(draft.items[0].translations)) == ("de", "Warum?", ["fr"])


def test_what_a_choice_brings_up_is_asked_under_that_choice() -> None:
    inside = [
        {"type": "text", "name": "who", "title": "Which one?"},
        {"type": "panel", "elements": [{"type": "boolean", "name": "ok"}]},
    ]
    one_of = {"type": "radiogroup", "name": "q", "visibleIf": "{a} = 1", "choices": [{"value": "police", "elements": inside}, "no"]}
    several = {"type": "checkbox", "name": "m", "choices": [{"value": 7, "elements": [{"type": "comment", "name": "why"}]}, 8]}
    draft = read("surveyjs", {"elements": [one_of, several]})
    assert {each.name: each.routing for each in draft.items} == {
        "q": "{a} = 1",
        "who": "({a} = 1) and ({q} = 'police')",
        "ok": "({a} = 1) and ({q} = 'police')",
        "m": None,
        "why": "{m} contains '7'",
    }


def test_own_words_beside_a_single_choice_arrive_beside_and_beside_several_as_objects() -> None:
    choices = ["a", {"value": "b", "showCommentArea": True}]
    single = one(type="radiogroup", title="Q?", choices=choices)
    assert [(each.name, each.kind) for each in single.items] == [("asked", "single"), ("asked_Comment", "text")]
    for element in ({"choices": choices}, {"choices": ["a", "b"], "valuePropertyName": "fruit"}):
        several = read("surveyjs", {"elements": [{"type": "checkbox", "name": "m", **element}, {"type": "text", "name": "q"}]})
        assert lost(several, "m") == ["several choices that arrive as objects, each with its value inside"]


def test_a_slider_of_two_ends_and_words_of_single_cells() -> None:
    slider = {"type": "slider", "name": "s", "sliderType": "range"}
    matrix = {
        "type": "matrix",
        "name": "m",
        "columns": ["a", "b"],
        "rows": ["r"],
        "cells": {"r": {"a": "Never"}},
        "eachRowUnique": True,
    }
    draft = read("surveyjs", {"elements": [slider, matrix]})
    assert lost(draft, "s") == ["a slider of two ends, whose answer is two numbers"]
    assert lost(draft, "m") == ["rules that an answer is checked by", "words of single cells of a table"]


def test_own_words_that_arrive_in_the_place_of_a_choice_are_told() -> None:
    question = {"type": "radiogroup", "name": "q", "choices": ["a", "b"], "showOtherItem": True}
    told = ["the own words of whoever chooses another answer: they arrive in its place"]
    form = read("surveyjs", {"storeOthersAsComment": False, "elements": [question]})
    assert ([each.name for each in form.items], lost(form, "q")) == (["q"], told)
    one_question = read("surveyjs", {"elements": [{**question, "storeOthersAsComment": False}]})
    assert lost(one_question, "q") == told
    kept = read("surveyjs", {"storeOthersAsComment": False, "elements": [{**question, "storeOthersAsComment": True}]})
    assert [each.name for each in kept.items] == ["q", "q_Comment"]


def test_a_column_without_a_name_has_no_words_of_its_own() -> None:
    rows = [{"value": "p", "text": "Police"}]
    table = {"type": "matrixdropdown", "name": "m", "title": "Trust in", "columns": [{}], "choices": ["Yes", "No"], "rows": rows}
    draft = read("surveyjs", {"pages": [{"elements": [table]}]}, filename="trust.json")
    assert (draft.title, draft.items[0].wording) == ("trust", "Trust in\nPolice")


def test_columns_that_are_no_more_than_their_names_and_tables_without_any() -> None:
    table = {"type": "matrixdropdown", "name": "m", "cellType": "text", "columns": ["Now", "Then", 3], "rows": ["Schools"]}
    empty = {"type": "matrixdropdown", "name": "none", "columns": [], "rows": ["Schools"], "detailElements": [{"name": "why"}]}
    draft = read("surveyjs", {"elements": [table, empty, {"type": "multipletext", "name": "words"}]})
    assert [(each.name, each.kind) for each in draft.items] == [("m_Schools_Now", "text"), ("m_Schools_Then", "text")]
    assert lost(draft, "none") == ["a table without rows or without columns", "a question beside the rows of a table"]
    assert lost(draft, "words") == ["several texts, of which none is named"]
    assert draft.mapping is not None
    assert draft.mapping.ignore == ("none", "words")


@pytest.mark.parametrize(
    ("element", "told"),
    [
        ({"visible": False}, "it is hidden from respondents"),
        ({"readOnly": True}, "it is shown and cannot be answered"),
        ({"choicesOrder": "random"}, "an order that is random"),
        ({"maxSelectedChoices": 2}, "rules that an answer is checked by"),
        ({"defaultValue": 0}, "an answer that is given beforehand"),
        ({"setValueExpression": "{a} + 1"}, "an answer that is computed"),
        ({"choices": ["a", {"value": "b", "visibleIf": "{a} = 1"}]}, "a condition under which its choices are shown"),
        ({"choices": ["a", {"value": "b", "isExclusive": True}]}, "a choice that excludes all others"),
        ({"choices": ["a", {"value": "b", "imageLink": "b.png"}]}, "the pictures of its choices"),
        ({"title": "Does {child} agree?"}, "words that are filled in while somebody answers: they stay as the file writes them"),
    ],
)
def test_what_a_question_has_that_no_item_carries_is_told(element: dict[str, Any], told: str) -> None:
    assert lost(one(**{"type": "checkbox", "choices": ["a", "b"], **element}), "asked") == [told]


def test_the_question_may_be_in_the_description_under_a_heading() -> None:
    housing = {"type": "comment", "name": "home", "title": "Housing", "description": {"default": "Is it safe?", "cy": "Diogel?"}}
    trust = {
        "type": "matrix",
        "name": "trust",
        "title": "Trust",
        "description": "How much?",
        "columns": ["Low"],
        "rows": ["Police"],
    }
    draft = read("surveyjs", {"elements": [housing, trust]})
    assert [each.wording for each in draft.items] == ["Housing\nIs it safe?", "Trust\nHow much?\nPolice"]
    assert draft.items[0].translations["cy"].wording == "Housing\nDiogel?"
    assert draft.losses == ()


def test_what_pages_have_besides_their_questions_is_told() -> None:
    asked = {"type": "text", "name": "a", "visible": False, "visibleIf": "{b} = 1"}
    page = {"name": "first", "description": "Now think of schools.", "questionsOrder": "random", "elements": [asked]}
    draft = read("surveyjs", {"pages": [page], "completedHtml": "<p>Thank you</p>"})
    assert lost(draft, "first") == ["an order that is random", "words at the beginning of a page or panel"]
    assert lost(draft, "completedHtml") == ["a last page, which asks nothing"]
    assert lost(draft, "a") == []


def test_a_choice_in_every_way_in_which_it_can_be_written() -> None:
    draft = read("surveyjs", SURVEYJS)
    link = item(draft, "link")
    assert (draft.title, link.wording, link.section) == ("Linking records", "May schools link records?", "Records")
    assert labels(link) == {"1": "1", "two": "Two", "three": "Three", "other": "Other (describe)"}
    assert link.missing.named == {"dont_know": "-99"}
    assert link.translations["cy"].labels == {"three": "Tri"}
    assert item(draft, "link_Comment").kind == "text"


def test_answers_as_the_page_sends_them() -> None:
    draft = read("surveyjs", SURVEYJS)
    data = {
        "link": 1, "link-Comment": "because", "trust": {"schools": "high", "police": "low"}, "sure": 2, "agree": False, "children": 3,
        "records": ["school", "health"], "chosen": ["health"], "words": {"one": "data"}, "table": {"schools": {"now": 2, "why": "so"}},
        "warm": -2, "odd": 1,
    }  # fmt: skip
    body = json.dumps({"formId": "f", "responseId": "7d7c9b5e-6c1a-4d2e-9d55-0b6a7d7f1c11", "data": data}).encode()
    sent = PLATFORMS["surveyjs"].parse(body, {})
    told = coded(draft, sent.fields)  # type: ignore[union-attr]
    assert told.answers == {
        "link": "1", "trust_schools": "high", "trust_police": "low", "sure": "2", "agree": "false", "children": 3.0,
        "records": ["health", "school"], "of_these": ["health"], "table_schools_now": "2", "warm": -2.0,
    }  # fmt: skip
    assert told.texts == {"link_Comment": "because", "words_one": "data", "table_schools_why": "so"}
    assert told.unmapped == ()


def test_conditions_of_pages_panels_and_questions_are_joined() -> None:
    draft = read("surveyjs", SURVEYJS)
    assert item(draft, "sure").routing == "({link} = 'two') and ({n} > 1)"
    assert item(draft, "sure").section == "Records / Family"
    assert item(draft, "trust_police").routing == "{link} = 1"
    assert item(draft, "trust_police").translations["cy"].wording == "Ymddiriedaeth\nYr heddlu"


def test_every_element_is_an_item_or_a_loss() -> None:
    draft = read("surveyjs", SURVEYJS)
    assert lost(draft, "again") == ["a panel that respondents repeat", "a question within a panel that respondents repeat"]
    assert lost(draft, "ranked") == ["a ranking, whose answer is an order of all its choices"]
    assert lost(draft, "town") == ["choices that the form fetches from an address", "a choice without options"]
    assert lost(draft, "odd") == ["a question of a type that is not known, 'hologram'"]
    assert lost(draft, "first, element 15") == ["a question without a name, by which no answer arrives"]
    assert lost(draft, "triggers") == ["what the form computes or does while it is answered"]
    assert draft.mapping is not None
    assert draft.mapping.ignore == ("again", "ranked", "words_only", "odd")


@pytest.mark.parametrize(
    ("element", "scale"),
    [
        ({"type": "rating"}, ["1", "2", "3", "4", "5"]),
        ({"type": "rating", "rateMin": 0, "rateMax": 10, "rateStep": 5}, ["0", "5", "10"]),
        ({"type": "rating", "rateCount": 3}, ["1", "2", "3", "4", "5"]),
        ({"type": "rating", "rateCount": 3, "rateMin": 2}, ["2", "3", "4"]),
        ({"type": "rating", "rateCount": 4, "rateMax": 9}, ["6", "7", "8", "9"]),
        ({"type": "rating", "rateValues": ["a", "b"], "autoGenerate": True, "rateMax": 3}, ["1", "2", "3"]),
        ({"type": "rating", "rateValues": ["low", {"value": "high", "text": "High"}]}, ["low", "high"]),
        ({"type": "boolean", "valueTrue": "yes", "valueFalse": "no"}, ["yes", "no"]),
        ({"type": "dropdown", "choices": [1.5, True, None, {"text": "no value"}]}, ["1.5", "true"]),
        ({"type": "dropdown", "choicesMin": 18, "choicesMax": 20}, ["18", "19", "20"]),
        ({"type": "radiogroup", "choices": ["a"], "hasNone": True, "hasOther": True}, ["a", "other", "none"]),
    ],
)
def test_scales(element: dict[str, Any], scale: list[str]) -> None:
    assert list(item(one(**element), "asked").options) == scale


@pytest.mark.parametrize(
    ("element", "bounds"),
    [
        ({"type": "text", "inputType": "number"}, None),
        ({"type": "text", "inputType": "range", "min": 1, "max": 9}, (1, 9)),
        ({"type": "text", "validators": [{"type": "numeric", "minValue": 0, "maxValue": 5}]}, (0, 5)),
        ({"type": "text", "inputType": "number", "min": "{a}", "max": 3}, (None, 3)),
        ({"type": "text", "inputType": "number", "min": "5", "max": "99"}, (5, 99)),
        ({"type": "nouislider"}, (0, 100)),
    ],
)
def test_numbers(element: dict[str, Any], bounds: tuple[float | None, float | None] | None) -> None:
    asked = item(one(**element), "asked")
    assert asked.kind == "number"
    assert (None if asked.range is None else (asked.range.low, asked.range.high)) == bounds


def test_older_forms_without_pages_or_with_questions_in_them() -> None:
    for form in (
        {"questions": [{"type": "text", "name": "a"}]},
        {"pages": [{"questions": [{"type": "text", "name": "a"}]}]},
        {"json": {"elements": [{"type": "text", "name": "a"}]}},
    ):
        assert READERS["surveyjs"].recognises(json.dumps(form).encode(), "")
        assert [each.name for each in read("surveyjs", form).items] == ["a"]


def test_the_language_of_the_form_and_another() -> None:
    title = {"default": "Why?", "cy": "Pam?", "zh-cn": "为什么？"}
    form = {"locale": "cy", "elements": [{"type": "text", "name": "a", "title": title}]}
    draft = read("surveyjs", form)
    assert (draft.language, item(draft, "a").wording, set(item(draft, "a").translations)) == ("cy", "Pam?", {"zh-CN"})
    assert item(read("surveyjs", form, language="zh"), "a").wording == "为什么？"
    with pytest.raises(UnreadableInstrument, match="it is in cy, zh-CN"):
        read("surveyjs", form, language="fr")


@pytest.mark.parametrize("form", [{}, {"pages": {}}, {"pages": []}, {"elements": [{"type": "html", "name": "a"}]}])
def test_what_is_no_form_is_said_to_be_none(form: dict[str, Any]) -> None:
    assert not READERS["surveyjs"].recognises(b'{"fields": []}', "")
    with pytest.raises(UnreadableInstrument):
        read("surveyjs", form)
