"""A survey of Formbricks as an instrument, of today's blocks and of yesterday's questions, in every language that it is in."""

import json
from dataclasses import replace
from typing import Any

import pytest
from tests.survey.instruments.reading import coded, item, labels, lost, read
from tests.survey.instruments.written import CUID, TRUST, survey

from assent_survey.domain.coding import code_submission
from assent_survey.domain.draft import Draft, UnreadableInstrument
from assent_survey.domain.submission import Submission
from assent_survey.instruments import READERS
from assent_survey.platforms import PLATFORMS


def one(**element: Any) -> Draft:
    return read("formbricks", survey({"id": "asked", "headline": {"default": "Asked?"}, **element}))


def test_a_choice_by_its_label_in_every_language() -> None:
    draft = read("formbricks", survey(TRUST))
    trust = item(draft, "do_you_trust_schools")
    assert (trust.wording, trust.section) == ("Do you trust schools?", "One")
    assert labels(trust) == {"yes": "Yes", "no": "No", "other": "Other"}
    assert trust.missing.named == {"dont_know": "unknown"}
    german = trust.translations["de"]
    assert german.wording == "Vertrauen Sie Schulen?"
    assert german.labels == {"yes": "Ja", "no": "Nein", "unknown": "Weiß nicht", "other": "Andere"}
    assert coded(draft, {CUID: "Ja"}).answers == coded(draft, {CUID: "Yes"}).answers == {"do_you_trust_schools": "yes"}
    assert coded(draft, {CUID: "Weiß nicht"}).missing == {"do_you_trust_schools": "dont_know"}
    assert draft.language == "en"


def test_own_words_in_the_place_of_a_label_are_reported_and_coded_where_the_mapping_says_as_what() -> None:
    """Of itself the file cannot tell them from a label that was changed later."""
    draft = read("formbricks", survey(TRUST))
    found = coded(draft, {CUID: "only some of them"})
    assert (found.answers, [each.field for each in found.unmapped]) == ({}, [CUID])
    assert draft.mapping is not None
    stated = draft.mapping.items["do_you_trust_schools"].model_copy(update={"own_words": "other"})
    draft = replace(draft, mapping=draft.mapping.model_copy(update={"items": {"do_you_trust_schools": stated}}))
    found = coded(draft, {CUID: "only some of them"})
    assert (found.answers, found.unmapped) == ({"do_you_trust_schools": "other"}, ())
    assert coded(draft, {CUID: "Ja"}).answers == {"do_you_trust_schools": "yes"}
    assert coded(draft, {CUID: ""}).missing == {"do_you_trust_schools": "refused"}
    assert "the own words of whoever chooses another answer" in lost(draft, "multipleChoiceSingle")


def test_another_main_language_changes_words_and_never_names() -> None:
    english, german = (read("formbricks", survey(TRUST), language=each) for each in (None, "de"))
    assert [each.name for each in german.items] == [each.name for each in english.items]
    assert labels(german.items[0]) == {"yes": "Ja", "no": "Nein", "other": "Andere"}
    assert (german.language, german.items[0].translations["en"].wording) == ("de", "Do you trust schools?")
    with pytest.raises(UnreadableInstrument, match="not in fr"):
        read("formbricks", survey(TRUST), language="fr")


def test_locale_codes_in_the_place_of_the_stored_default() -> None:
    headline = {"en-US": "Trust?", "cy-GB": "Ymddiried?"}
    draft = read("formbricks", survey({"id": "t", "type": "openText", "headline": headline}, defaultLanguage="en-US", languages=[]))
    assert (draft.items[0].wording, draft.language) == ("Trust?", "en-US")


def test_yesterdays_questions_without_languages() -> None:
    questions = [
        {"id": "q1", "type": "rating", "range": 3, "headline": "Rate", "lowerLabel": "bad", "upperLabel": "good"},
        {
            "id": "q2",
            "type": "openText",
            "headline": "Why?",
            "logic": [{"condition": "equals", "value": "x", "destination": "end"}],
        },
    ]
    draft = read("formbricks", {"data": {"name": "Old", "questions": questions}})
    assert labels(draft.items[0]) == {"1": "1 – bad", "2": "2", "3": "3 – good"}
    assert draft.items[1].routing == "if equals x: jump to end"
    assert coded(draft, {"q1": 2.0}).answers == {"q1": "2"}


def test_consent_is_given_by_accepting() -> None:
    draft = one(type="consent", label={"default": "I agree", "de": "Ich stimme zu"})
    asked = draft.items[0]
    assert (asked.role, asked.supports, labels(asked)) == (
        "consent",
        ("accepted",),
        {"accepted": "I agree", "dismissed": "Not accepted"},
    )
    assert coded(draft, {"asked": "accepted"}).consented
    assert not coded(draft, {"asked": ""}).consented
    assert asked.translations["de"].labels == {"accepted": "Ich stimme zu"}


def test_what_may_be_left_unaccepted_is_no_consent_beside_what_must_be_accepted() -> None:
    again, part = (
        {"id": id, "type": "consent", "headline": {"default": id}, "label": {"default": "Yes"}, "required": id == "part"}
        for id in ("again", "part")
    )
    draft = read("formbricks", survey(again, part))
    assert [(each.name, each.role) for each in draft.items] == [("again", "attitude"), ("part", "consent")]
    assert lost(draft, "consent again") == ["terms that may be left unaccepted"]
    assert coded(draft, {"again": "dismissed", "part": "accepted"}).consented


def test_the_rows_of_a_matrix_arrive_under_their_labels() -> None:
    rows = [{"id": "r1", "label": {"default": "Schools"}}, {"default": "Police"}]
    columns = [{"id": "little", "label": {"default": "A little"}}, {"id": "much", "label": {"default": "Much"}}]
    draft = read(
        "formbricks", survey({"id": "m", "type": "matrix", "headline": {"default": "Trust in"}, "rows": rows, "columns": columns})
    )
    assert [(each.name, each.wording) for each in draft.items] == [("m_1", "Trust in\nSchools"), ("m_2", "Trust in\nPolice")]
    event = {
        "event": "responseFinished",
        "data": {"id": "r", "finished": True, "data": {"m": {"Schools": "Much", "Police": "A little"}}},
    }
    submission = PLATFORMS["formbricks"].parse(json.dumps(event).encode(), {})
    assert isinstance(submission, Submission)
    assert draft.mapping is not None
    assert code_submission(submission, draft.items, draft.mapping).answers == {"m_1": "much", "m_2": "little"}


@pytest.mark.parametrize(
    ("element", "told"),
    [
        ({"type": "address"}, "a direct identifier (an address), which is not kept"),
        ({"type": "contactInfo"}, "a direct identifier (contact details), which is not kept"),
        ({"type": "openText", "inputType": "email"}, "a direct identifier (an e-mail address), which is not kept"),
        ({"type": "openText", "inputType": "phone"}, "a direct identifier (a telephone number), which is not kept"),
        ({"type": "ranking"}, "a ranking: the order of several options"),
        ({"type": "cta"}, "a button, which asks nothing"),
        ({"type": "fileUpload"}, "a file"),
        ({"type": "cal"}, "an appointment"),
    ],
)
def test_what_is_no_item_is_listed_and_its_answers_are_not_wanted(element: dict[str, Any], told: str) -> None:
    draft = read("formbricks", survey(TRUST, {"id": "asked", "headline": {"default": "?"}, **element}))
    assert lost(draft, f"{element['type']} asked") == [told]
    assert draft.mapping is not None
    assert draft.mapping.ignore == ("asked",)


def test_the_remaining_elements() -> None:
    assert list(labels(one(type="nps").items[0])) == [str(step) for step in range(11)]
    assert one(type="openText", inputType="number").items[0].kind == "number"
    assert one(type="date").items[0].kind == "text"
    pictures = one(type="pictureSelection", allowMulti=True, choices=[{"id": "p1", "imageUrl": "x"}, {"id": "p2", "imageUrl": "y"}])
    assert (pictures.items[0].kind, coded(pictures, {"asked": (("p2",),)}).answers) == ("multiple", {"asked": ["picture_2"]})
    assert lost(read("formbricks", survey(TRUST, {"id": "x", "type": "hologram"})), "hologram") == [
        "an element of a kind that is not known"
    ]


def test_rules_of_a_block_are_kept_in_words_with_its_last_element() -> None:
    skipped = {"leftOperand": {"type": "element", "value": "region"}, "operator": "isSkipped"}
    equals = {
        "leftOperand": {"value": "trust"},
        "operator": "equalsOneOf",
        "rightOperand": {"type": "static", "value": ["no", "never"]},
    }
    conditions = {"connector": "and", "conditions": [equals, {"connector": "or", "conditions": [skipped, skipped]}]}
    actions = [
        {"objective": "jumpToBlock", "target": "why"},
        {"objective": "calculate", "operator": "add", "variableId": "score", "value": {"type": "static", "value": 3}},
        {"objective": "requireAnswer", "target": "x"},
    ]
    block = {
        "name": "B",
        "elements": [TRUST, {"id": "last", "type": "nps"}],
        "logic": [{"conditions": conditions, "actions": actions}],
    }
    draft = read("formbricks", survey(blocks=[block]))
    assert [each.routing for each in draft.items] == [
        None,
        "if trust equalsOneOf no, never and (region isSkipped or region isSkipped): jump to why, add score 3, require x",
    ]


def test_rules_speak_of_choices_by_their_words_and_end_with_what_happens_otherwise() -> None:
    choices = [{"id": "mvedaklp0gxxycprpyhhwen7", "label": {"default": "Never"}}, {"id": "no", "label": {"default": "No"}}]
    asked = {"id": CUID, "type": "multipleChoiceSingle", "headline": {"default": "Share records?"}, "choices": choices}
    condition = {"leftOperand": {"value": CUID}, "operator": "equals", "rightOperand": {"value": choices[0]["id"]}}
    rule = {
        "conditions": {"conditions": [condition]},
        "actions": [{"objective": "jumpToBlock", "target": "cy8hbbr9e2q6ywbfjbzwdsqn"}],
    }
    why = {"id": "cy8hbbr9e2q6ywbfjbzwdsqn", "name": "Reasons", "elements": [{"id": "why", "type": "openText"}]}
    end = {"id": "umyknohldc7w26ocjdhaa62c", "headline": {"default": "Thank you!"}}
    block = {"elements": [asked], "logic": [rule], "logicFallback": end["id"]}
    draft = read("formbricks", survey(blocks=[block, why], endings=[end]))
    assert draft.items[0].routing == "if share_records equals Never: jump to Reasons\notherwise: jump to thank_you"
    assert lost(draft, "ending thank_you") == ["a last page, which asks nothing"]


def test_words_out_of_another_answer_are_those_that_stand_in_for_it() -> None:
    headline = {
        "default": "Hello #recall:who/fallback:dearnbspreader#, why #recall:x1/fallback:#?",
        "de": "Hallo #recall:who/fallback:du#",
    }
    draft = one(type="openText", headline=headline)
    asked = draft.items[0]
    assert (asked.wording, asked.translations["de"].wording) == ("Hello dear reader, why …?", "Hallo du")
    assert lost(draft, "asked") == ["words out of another answer, for which those stand that are shown where there is none"]


def test_what_no_item_carries_is_told_with_the_questions_that_have_it() -> None:
    choices = [{"id": "a", "label": {"default": "A"}}, {"id": "b", "label": {"default": "B"}}]
    draft = one(
        type="multipleChoiceSingle", choices=choices, required=True, shuffleOption="all", imageUrl="https://a.example/b.png"
    )
    assert lost(draft, "asked") == [
        "that an answer is required",
        "options in another order for each respondent",
        "a picture or a film beside the question",
    ]
    assert lost(one(type="openText", required=False, charLimit={"enabled": True}), "asked") == ["how long an answer may be"]


def test_hidden_fields_and_variables_are_named_for_a_mapping() -> None:
    hidden = {"enabled": True, "fieldIds": ["respondent", "arm"]}
    draft = read("formbricks", survey(TRUST, hiddenFields=hidden, variables=[{"id": "v1", "name": "score"}]))
    assert draft.mapping is not None
    assert (draft.mapping.respondent, draft.mapping.ignore) == ("respondent", ("arm",))
    assert lost(draft, "variable score") == ["a variable, which is no question"]


def test_which_file_is_a_survey() -> None:
    assert READERS["formbricks"].recognises(json.dumps(survey(TRUST)).encode(), "survey.json")
    assert not READERS["formbricks"].recognises(b'{"blocks": [], "pages": []}', "survey.json")
    with pytest.raises(UnreadableInstrument, match="2 surveys"):
        read("formbricks", {"data": [survey(TRUST), survey(TRUST)]})
    with pytest.raises(UnreadableInstrument, match="neither `blocks` nor `questions`"):
        read("formbricks", {"name": "x"})
