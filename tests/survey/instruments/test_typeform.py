"""A form of Typeform as an instrument: every kind of field an item or a loss, and the mapping that its webhooks need."""

import json
from typing import Any

import pytest
from tests.survey.instruments.reading import coded, item, labels, lost, read
from tests.survey.instruments.written import LINKING, NAMES, OTHER_UUID, UUID, form

from assent_survey.domain.coding import code_submission
from assent_survey.domain.draft import Draft, UnreadableInstrument
from assent_survey.domain.submission import Submission
from assent_survey.instruments import READERS
from assent_survey.platforms import PLATFORMS


def one(**field: Any) -> Draft:
    return read("typeform", form({"ref": "asked", "title": "Asked?", **field}))


def test_a_choice_with_a_name_for_each_way_in_which_its_options_arrive() -> None:
    draft = read("typeform", form(LINKING))
    linking = item(draft, "linking")
    assert linking.wording == "Should school records be linked?\nThink of your own child."
    assert (linking.kind, labels(linking)) == ("single", {"yes_always": "Yes, always", "no": "No", "other": "Other"})
    assert linking.missing.named == {"dont_know": "dk"}
    assert draft.mapping is not None
    assert draft.mapping.items["linking"].field == "linking"
    yes, no, unknown = (dict.fromkeys(names, code) for names, code in NAMES)
    assert draft.mapping.items["linking"].codes == yes | no | unknown | {"other": "other"}
    assert lost(draft, "multiple_choice linking") == [
        "the own words of whoever chooses another answer",
        "the option 'dk', 'Don’t know', is no answer",
    ]
    assert (draft.title, draft.language) == ("Parents", "en")


def test_options_of_which_the_words_begin_alike_stay_apart() -> None:
    choices = [{"id": f"k{number}", "label": label} for number, label in enumerate(("C", "C++", "C#", "信頼", "不信"))]
    draft = one(type="multiple_choice", properties={"choices": choices})
    assert list(labels(draft.items[0]).values()) == ["C", "C++", "C#", "信頼", "不信"]
    assert [coded(draft, {"asked": ((label,),)}).answers["asked"] for label in ("C", "C++", "C#")] == ["c", "c_2", "c_3"]


def test_what_a_machine_called_a_field_becomes_words() -> None:
    draft = one(ref=UUID, type="short_text", title="After a typical day at work, I feel…")
    assert [each.name for each in draft.items] == ["after_a_typical_day_at_work_i_feel"]
    assert draft.mapping is not None
    assert draft.mapping.items["after_a_typical_day_at_work_i_feel"].field == UUID


def test_scales_have_their_steps_and_the_words_at_their_ends() -> None:
    opinion = one(type="opinion_scale", properties={"steps": 3, "start_at_one": True, "labels": {"left": "bad", "right": "good"}})
    assert labels(opinion.items[0]) == {"1": "1 – bad", "2": "2", "3": "3 – good"}
    assert list(labels(one(type="nps").items[0])) == [str(step) for step in range(11)]
    assert list(labels(one(type="rating", properties={"steps": 4}).items[0])) == ["1", "2", "3", "4"]
    unknown = one(type="opinion_scale")
    assert unknown.items[0].kind == "number"
    assert lost(unknown, "opinion_scale") == ["a scale of which the file does not say how many steps it has"]


def test_terms_that_must_be_accepted_are_consent() -> None:
    part, again, data = (
        {"ref": ref, "type": "legal", "title": "Agree?", "validations": {"required": ref != "again"}}
        for ref in ("part", "again", "data")
    )
    draft = read("typeform", form(part, again, data))
    assert [(each.role, each.supports) for each in draft.items] == [
        ("consent", ("accepted",)),
        ("attitude", ()),
        ("consent", ("accepted",)),
    ]
    assert lost(draft, "legal again") == ["terms that may be left unaccepted"]
    assert coded(draft, {"part": True, "again": False, "data": True}).consented
    assert not coded(draft, {"part": True, "again": True, "data": False}).consented


def test_the_only_terms_are_consent_though_they_may_be_left_unaccepted() -> None:
    draft = read("typeform", form({"ref": "a", "type": "legal", "title": "Agree?", "validations": {"required": False}}))
    assert [each.role for each in draft.items] == ["consent"]
    assert not coded(draft, {"a": False}).consented


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("email", "a direct identifier (an e-mail address), which is not kept"),
        ("contact_info", "a direct identifier (contact details), which is not kept"),
        ("ranking", "a ranking: the order of several options"),
        ("file_upload", "a file"),
        ("payment", "a payment"),
    ],
)
def test_what_is_no_item_is_listed_and_its_answers_are_not_wanted(kind: str, told: str) -> None:
    draft = read("typeform", form(LINKING, {"ref": "asked", "type": kind, "title": "Asked?"}))
    assert len(draft.items) == 1
    assert lost(draft, f"{kind} asked") == [told]
    assert draft.mapping is not None
    assert draft.mapping.ignore == ("asked",)


def test_the_parts_of_contact_details_arrive_by_names_of_their_own() -> None:
    parts = [{"ref": "first", "type": "short_text", "subfield_key": "first_name"}, {"ref": "mail", "type": "email"}]
    draft = read("typeform", form(LINKING, {"ref": "who", "type": "contact_info", "properties": {"fields": parts}}))
    assert [each.name for each in draft.items] == ["linking"]
    assert draft.mapping is not None
    assert draft.mapping.ignore == ("who", "first", "mail")


def test_the_remaining_kinds() -> None:
    number = one(type="number", validations={"min_value": 0, "max_value": 20}).items[0]
    assert number.range is not None
    assert (number.kind, number.range.low, number.range.high) == ("number", 0, 20)
    assert labels(one(type="yes_no").items[0]) == {"yes": "Yes", "no": "No"}
    assert one(type="long_text").items[0].kind == "text"
    date = one(type="date")
    assert (date.items[0].kind, lost(date, "date")) == ("text", ["a date"])
    assert lost(read("typeform", form(LINKING, {"ref": "x", "type": "hologram"})), "hologram") == [
        "a field of a kind that is not known"
    ]


def test_groups_are_sections_and_the_rows_of_a_matrix_are_questions() -> None:
    rows = [{"ref": "schools", "title": "Schools"}, {"ref": "police", "title": "Police", "type": "multiple_choice"}]
    choices = [{"ref": "little", "label": "A little"}, {"ref": "much", "label": "Much"}]
    matrix = {"ref": "m", "type": "matrix", "title": "How much do you trust", "properties": {"fields": rows, "choices": choices}}
    draft = read("typeform", form({"ref": "g", "type": "group", "title": "Trust", "properties": {"fields": [matrix]}}))
    assert [(each.name, each.wording, each.section) for each in draft.items] == [
        ("schools", "How much do you trust\nSchools", "Trust"),
        ("police", "How much do you trust\nPolice", "Trust"),
    ]
    assert coded(draft, {"police": (("much", "Much"),)}).answers == {"police": "much"}


def test_jumps_are_kept_in_words_with_the_question_that_they_leave() -> None:
    is_no = {"op": "is", "vars": [{"type": "field", "value": "linking"}, {"type": "choice", "value": OTHER_UUID}]}
    also = {"op": "greater_than", "vars": [{"type": "variable", "value": "score"}, {"type": "constant", "value": 3}]}
    jump = {
        "action": "jump",
        "details": {"to": {"type": "field", "value": "why"}},
        "condition": {"op": "and", "vars": [is_no, also]},
    }
    always = {"action": "jump", "details": {"to": {"type": "thankyou", "value": "end"}}, "condition": {"op": "always", "vars": []}}
    logic = [{"type": "field", "ref": "linking", "actions": [jump, always, {"action": "add", "details": {"value": 1}}]}]
    draft = read("typeform", form(LINKING, logic=logic))
    assert draft.items[0].routing == "(linking is Yes, always and score greater_than 3): go to why\nalways: go to end"
    assert lost(draft, "logic") == ["rules that calculate, or do something other than jump: 1"]


def test_jumps_and_losses_speak_of_questions_by_the_names_that_people_know() -> None:
    """A machine made the references of most forms."""
    agree = {"ref": "1b883d4c-8c4c-4d51-9d83-0f2d9c3c6a11", "title": "Agree?", "type": "yes_no"}
    upload = {"ref": "2b883d4c-8c4c-4d51-9d83-0f2d9c3c6a12", "title": "Send it", "type": "file_upload"}
    jump = {"action": "jump", "details": {"to": {"type": "field", "value": upload["ref"]}}, "condition": {"op": "always"}}
    draft = read("typeform", form(agree, upload, logic=[{"type": "field", "ref": agree["ref"], "actions": [jump]}]))
    assert draft.items[0].routing == "always: go to send_it"
    assert lost(draft, "file_upload send_it") == ["a file"]


def test_jumps_that_leave_from_no_item_are_counted() -> None:
    jump = {"action": "jump", "details": {"to": {"type": "field", "value": "linking"}}, "condition": {"op": "always"}}
    logic = [{"type": "hidden", "ref": "arm", "actions": [jump]}, {"type": "field", "ref": "intro", "actions": [jump, jump]}]
    draft = read("typeform", form({"ref": "intro", "type": "statement"}, LINKING, logic=logic))
    assert lost(draft, "logic") == ["jumps that leave from what is no item: 3"]


def test_words_have_neither_markdown_nor_the_references_of_what_is_filled_in() -> None:
    agree = {"ref": "1b883d4c-8c4c-4d51-9d83-0f2d9c3c6a11", "title": "Agree?", "type": "yes_no"}
    title = "*Thanks* for {{field:1b883d4c-8c4c-4d51-9d83-0f2d9c3c6a11}}, {{hidden:first_name}}: _how_ is [this](https://a.example/b_c_d)?"
    asked = {"ref": "2b883d4c-8c4c-4d51-9d83-0f2d9c3c6a12", "type": "long_text", "title": title}
    draft = read("typeform", form(agree, asked, title="*Parents* and snake_case_names"))
    assert item(draft, "thanks_for_how_is_this").wording == "Thanks for {agree}, {first_name}: how is this?"
    assert draft.title == "Parents and snake_case_names"


def test_what_no_item_carries_is_told_with_the_questions_that_have_it() -> None:
    draft = one(
        type="multiple_choice",
        validations={"required": True, "max_selection": 2},
        properties={"randomize": True, "choices": [{"label": "A"}, {"label": "B"}]},
        attachment={"type": "image"},
    )
    assert lost(draft, "asked") == [
        "that an answer is required",
        "how long an answer, or how many options, may be",
        "options in another order for each respondent",
        "a picture or a film beside the question",
    ]


def test_hidden_fields_and_variables_are_named_for_a_mapping() -> None:
    draft = read("typeform", form(LINKING, hidden=["respondent", "arm"], variables={"score": 0}))
    assert draft.mapping is not None
    assert draft.mapping.respondent == "hidden.respondent"
    assert lost(draft, "hidden.arm") == ["a hidden field, which is no question"]
    assert lost(draft, "variables.score") == ["a variable, which is no question"]


def test_the_definition_inside_a_webhook_and_the_answers_that_came_with_it() -> None:
    """One body gives both the instrument and a submission; the mapping made of the first reads the second."""
    fields = [
        {
            "id": "f1",
            "ref": "linking",
            "type": "multiple_choice",
            "title": "Linked?",
            "choices": [{"id": "c1", "ref": UUID, "label": "Yes"}],
        },
        {"id": "f2", "ref": "several", "type": "multiple_choice", "title": "Which?", "allow_multiple_selections": True}
        | {"choices": [{"id": "s1", "ref": "a", "label": "A"}, {"id": "s2", "ref": "b", "label": "B"}]},
        {"id": "f3", "ref": "ok", "type": "legal", "title": "Agree?"},
        {"id": "f4", "ref": "many", "type": "number", "title": "How many?"},
    ]
    answers = [
        {"type": "choice", "choice": {"id": "c1", "ref": UUID, "label": "Yes"}, "field": {"id": "f1", "ref": "linking"}},
        {"type": "choices", "choices": {"ids": ["s2"], "refs": ["b"], "labels": ["B"]}, "field": {"id": "f2", "ref": "several"}},
        {"type": "boolean", "boolean": True, "field": {"id": "f3", "ref": "ok"}},
        {"type": "number", "number": 3, "field": {"id": "f4", "ref": "many"}},
    ]
    response = {"token": "t", "definition": {"id": "x", "title": "T", "fields": fields}, "answers": answers}
    body = json.dumps({"event_id": "e", "event_type": "form_response", "form_response": response}).encode()
    assert READERS["typeform"].recognises(body, "body.json")
    draft = read("typeform", body)
    submission = PLATFORMS["typeform"].parse(body, {})
    assert isinstance(submission, Submission)
    assert draft.mapping is not None
    found = code_submission(submission, draft.items, draft.mapping)
    assert found.answers == {"linking": "yes", "several": ["b"], "ok": "accepted", "many": 3.0}
    assert (found.consented, found.unmapped) == (True, ())


def test_what_is_no_form_is_refused_in_words() -> None:
    with pytest.raises(UnreadableInstrument, match="no list `fields`"):
        read("typeform", {"title": "T"})
    with pytest.raises(UnreadableInstrument, match="no question that can be an item"):
        read("typeform", form({"ref": "s", "type": "statement", "title": "Hello"}))


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("*Are you 13 or older? *", "Are you 13 or older?"),
        ("*What is the use of **{{field:q1}}**? *", "What is the use of {q1}?"),
        ("*Does it have a name?*\n\n*If so, which? *", "Does it have a name?\nIf so, which?"),
        ("2 * 3 * 4 and **bold **words", "2 * 3 * 4 and **bold **words"),
    ],
)
def test_whole_lines_that_are_emphasised(title: str, words: str) -> None:
    assert one(type="long_text", title=title).items[0].wording == words
