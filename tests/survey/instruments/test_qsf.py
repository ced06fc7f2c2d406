"""A Qualtrics survey as an instrument: items by export tag, answers by the API's names, and what is not carried."""

import re
from typing import Any

import pytest
from tests.survey.instruments.examples import QSF, asked, numbered
from tests.survey.instruments.reading import coded, item, labels, lost, read

from assent_survey.domain.draft import Draft, UnreadableInstrument
from assent_survey.domain.submission import Value
from assent_survey.instruments import READERS


def survey(*questions: dict[str, Any]) -> Draft:
    return read("qsf", {"SurveyEntry": {"SurveyName": "One", "SurveyLanguage": "EN"}, "SurveyElements": list(questions)})


def fields(draft: Draft) -> dict[str, str]:
    assert draft.mapping is not None
    return {name: mapped.field for name, mapped in draft.mapping.items.items()}


def test_a_choice_has_its_recoded_values_in_the_order_shown_and_its_missing_ones_apart() -> None:
    draft = read("qsf", QSF)
    link = item(draft, "Q1")
    assert (draft.title, draft.language, link.kind, link.wording) == (
        "Linking records",
        "en",
        "single",
        "May schools link records?",
    )
    assert labels(link) == {"20": "Disagree", "10": "Agree", "5": "Other"}
    assert link.missing.named == {"dont_know": "-99"}
    assert link.translations["cy"].labels == {"10": "Cytuno", "20": "Anghytuno"}
    assert link.routing == "(If Agree Is Selected) and (If Agree Is Selected)"
    assert link.section == "Records"
    assert lost(draft, "QID1, Q1") == [
        "the option '-99', \"Don't know\", is no answer",
        "the option '4', 'Not sure', is no answer",
    ]


def test_every_answer_is_found_by_the_name_that_the_api_gives_it() -> None:
    draft = read("qsf", QSF)
    assert fields(draft) == {
        "Q2": "QID2", "Q1": "QID1", "Q1_5_TEXT": "QID1_5_TEXT", "trust_schools": "QID3_1", "trust_police": "QID3_2",
        "Q4_1_1": "QID4_1_1", "Q4_1_2": "QID4_1_2", "Q4_2_1": "QID4_2_1", "Q4_2_2": "QID4_2_2", "Q5": "QID5_TEXT", "Q6": "QID6_TEXT",
        "Q7_1": "QID7_1", "Q7_2": "QID7_2", "Q8_1": "QID8_1", "Q9_1": "QID9_1", "Q9_2": "QID9_2", "Q10_1": "QID10_1",
        "Q10_2": "QID10_2", "Q11_1_1": "QID11#1_1", "Q11_1_2": "QID11#1_2", "Q11_2_1_1": "QID11#2_1_1", "Q11_2_2_1": "QID11#2_2_1",
        "Q13": "QID13",
    }  # fmt: skip
    sent: dict[str, Value] = {"QID1": 10.0, "QID2": (("0",), ("1",)), "QID3_1": 5.0, "QID6_TEXT": "3", "QID11#1_1": (("2",),)}
    answers = coded(draft, {**sent, "QID13": "x1", "QID5_TEXT": "why"})
    assert answers.answers == {
        "Q1": "10", "Q2": ["0", "1"], "trust_schools": "5", "Q6": 3.0, "Q11_1_1": ["2"], "Q13": "x1",
    }  # fmt: skip
    assert (answers.texts, answers.unmapped) == ({"Q5": "why"}, ())
    assert coded(draft, {"QID1": -99.0}).missing["Q1"] == "dont_know"


def test_every_question_is_an_item_or_a_loss() -> None:
    draft = read("qsf", QSF)
    every = {f"QID{number}" for number in range(1, 18)}
    carried = {re.split("[_#]", each)[0] for each in fields(draft).values()}
    assert carried | {id for id in every if lost(draft, f"{id},")} == every
    assert lost(draft, "QID15") == ["it is asked in a loop, whose answers are several"]
    assert lost(draft, "QID16") == ["it is in the trash"]
    assert lost(draft, "QID17") == ["it is in no block"]
    assert lost(draft, "flow FL_2, panel") == ["embedded data, which is no question"]
    assert lost(draft, "quota") == ["a quota"]
    assert draft.mapping is not None
    assert set(draft.mapping.ignore) == {"panel", "QID12", "QID14", "QID15", "QID16", "QID17"}


def test_numbers_have_their_bounds() -> None:
    draft = read("qsf", QSF)
    bounds = {each.name: (each.range.low, each.range.high) for each in draft.items if each.range is not None}
    assert bounds == {"Q6": (0.0, 20.0), "Q8_1": (0.0, 100.0), "Q9_1": (1.0, 2.0), "Q9_2": (1.0, 2.0)}


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ({"Selector": "SAVR"}, ("single", {"1": "Yes", "2": "No"})),
        ({"Selector": "DL", "RecodeValues": {"1": 1, "2": 0}}, ("single", {"1": "Yes", "0": "No"})),
        ({"Selector": "MACOL"}, ("multiple", {"1": "Yes", "2": "No"})),
        ({"Selector": "NPS", "QuestionType": "NPS"}, ("single", {"1": "Yes", "2": "No"})),
        ({"Selector": "NPS", "Choices": [{"Display": "0"}, {"Display": "1"}]}, ("single", {"0": "0", "1": "1"})),
        (
            {"Selector": "SAVR", "Choices": {"1": {"Image": {"Display": "A school"}}, "4": {}}},
            ("single", {"1": "A school", "4": "4"}),
        ),
    ],
)
def test_kinds_of_choices(payload: dict[str, Any], expected: tuple[str, dict[str, str]]) -> None:
    draft = survey(asked("QID1", "Yes?", "MC", **{"Choices": numbered("Yes", "No"), **payload}))
    assert (item(draft, "Q1").kind, labels(item(draft, "Q1"))) == expected


def test_a_row_that_respondents_word_themselves() -> None:
    rows = {**numbered("Schools"), "2": {"Display": "Another", "TextEntry": "true"}}
    draft = survey(
        asked("QID1", "Trust in", "Matrix", "Likert", SubSelector="SingleAnswer", Choices=rows, Answers=numbered("Low", "High"))
    )
    assert fields(draft) == {"Q1_1": "QID1_1", "Q1_2": "QID1_2", "Q1_2_TEXT": "QID1_2_TEXT"}
    assert [each.kind for each in draft.items] == ["single", "single", "text"]


def test_a_matrix_of_profiles_has_a_scale_for_each_row() -> None:
    answers = {"1": numbered("Fair", "Unfair"), "2": numbered("Safe", "Unsafe", "Neither")}
    rate = asked(
        "QID1", "Rate", "Matrix", "Profile", SubSelector="SingleAnswer", Choices=numbered("Links", "Flags"), Answers=answers
    )
    draft = survey(rate)
    assert labels(item(draft, "Q1_1")) == {"1": "Fair", "2": "Unfair"}
    assert labels(item(draft, "Q1_2")) == {"1": "Safe", "2": "Unsafe", "3": "Neither"}


def test_without_blocks_every_question_counts() -> None:
    draft = survey(asked("QID7", "Seven", "TE", "SL"), asked("QID3", "Three", "TE", "SL"))
    assert [each.name for each in draft.items] == ["Q7", "Q3"]


def test_another_language_can_be_the_main_one() -> None:
    draft = read("qsf", QSF, language="cy")
    assert (draft.language, item(draft, "Q1").wording) == ("cy", "A gaiff ysgolion gysylltu cofnodion?")
    assert item(draft, "Q1").translations["en"].wording == "May schools link records?"
    assert item(draft, "Q5").wording == "Tell us"
    with pytest.raises(UnreadableInstrument, match="it is in cy, en"):
        read("qsf", QSF, language="fr")


def test_what_is_no_survey_is_said_to_be_none() -> None:
    assert not READERS["qsf"].recognises(b'{"pages": []}', "form.json")
    for content in ("{}", '{"SurveyElements": {}}', "[1]", "not JSON"):
        with pytest.raises(UnreadableInstrument):
            read("qsf", content)


def test_skips_are_kept_in_words_and_a_block_that_is_shown_again_is_told() -> None:
    """A flow may show a block several times; its answers are kept once."""
    skips = {"QuestionID": "Q", "SkipToDestination": "ENDOFSURVEY"}
    told = {
        **skips,
        "Description": "If <strong>&lt;em&gt;No&lt;/em&gt;</strong> Is <b>Selected</b>, Then Skip To <b>End of Block</b>",
    }
    question = {
        "QuestionID": "Q",
        "QuestionText": "Agree?",
        "QuestionType": "MC",
        "Choices": {"1": {"Display": "Yes"}, "2": {"Display": "No"}},
    }
    block = {
        "ID": "B",
        "Type": "Default",
        "Description": "First",
        "BlockElements": [{"QuestionID": "Q", "SkipLogic": [told, skips]}],
    }
    flow = {"Type": "Root", "Flow": [{"Type": "Block", "ID": "B"}, {"Type": "Branch", "Flow": [{"Type": "Block", "ID": "B"}]}]}
    elements = [("BL", [block]), ("FL", flow), ("SQ", question)]
    draft = read("qsf", {"SurveyElements": [{"Element": kind, "Payload": payload} for kind, payload in elements]})
    assert draft.items[0].routing == "If No Is Selected, Then Skip To End of Block\nSkip To ENDOFSURVEY"
    assert lost(draft, "block 'First'") == ["it is shown again further on"]


def test_rows_with_the_same_tags_in_two_questions_are_told_apart_and_rows_may_have_words() -> None:
    """As in real surveys, where `cucumbers` is a row of every other question, and a row of a table in a table is written in."""
    rows, scale = (
        {"1": {"Display": "Schools"}, "2": {"Display": "Other", "TextEntry": "true"}},
        {"1": {"Display": "Low"}, "2": {"Display": "High"}},
    )
    matrix = {
        "QuestionType": "Matrix",
        "Selector": "Likert",
        "SubSelector": "SingleAnswer",
        "QuestionText": "Trust in",
        "Answers": scale,
    }
    tagged = {**matrix, "Choices": {"1": rows["1"]}, "ChoiceDataExportTags": {"1": "schools"}}
    beside = {
        "QuestionType": "SBS",
        "QuestionText": "Rate",
        "Choices": rows,
        "AdditionalQuestions": {"1": {**matrix, "Choices": rows}},
    }
    questions = [
        {**tagged, "QuestionID": "QID1", "DataExportTag": "now"},
        {**tagged, "QuestionID": "QID2", "DataExportTag": "then"},
        {**beside, "QuestionID": "QID3", "DataExportTag": "both"},
    ]
    draft = read("qsf", {"SurveyElements": [{"Element": "SQ", "Payload": each} for each in questions]})
    assert draft.mapping is not None
    assert {name: each.field for name, each in draft.mapping.items.items()} == {
        "now_schools": "QID1_1",
        "then_schools": "QID2_1",
        "both_1_1": "QID3#1_1",
        "both_1_2": "QID3#1_2",
        "both_1_2_TEXT": "QID3#1_2_TEXT",
    }


def test_addresses_and_telephone_numbers_are_not_kept() -> None:
    questions = [
        {
            "QuestionID": f"QID{number}",
            "QuestionType": "TE",
            "QuestionText": kind,
            "Validation": {"Settings": {"ContentType": kind}},
        }
        for number, kind in enumerate(("ValidEmail", "ValidPhone", "ValidZip"), start=1)
    ]
    draft = read("qsf", {"SurveyElements": [{"Element": "SQ", "Payload": each} for each in questions]})
    assert draft.mapping is not None
    assert ([each.wording for each in draft.items], draft.mapping.ignore) == (["ValidZip"], ("QID1_TEXT", "QID2_TEXT"))
    assert lost(draft, "QID1") == ["a direct identifier (an e-mail address), which is not kept"]


def test_what_stands_along_a_slider_and_what_a_question_does_besides_is_told() -> None:
    words = {"1": {"Display": "Not <b>at all</b>"}, "2": {"Display": ""}, "3": {"Display": "Extremely"}}
    does = {"QuestionJS": "hide()", "GradingData": [{"ChoiceID": "1"}], "DataVisibility": {"Hidden": True}}
    bounds = {"CSSliderMin": 0, "CSSliderMax": 10, "NotApplicable": True}
    asks = "How sure are you, ${e://Field/name}?"
    slider = asked("QID1", asks, "Slider", "HSLIDER", Choices=numbered(""), Labels=words, Configuration=bounds, **does)
    scale = asked("QID2", "Likely?", "MC", "NPS", Choices=numbered("0", "1"), ColumnLabels=[{"Display": ""}, {"Display": "Very"}])
    draft = survey(slider, scale)
    assert lost(draft, "QID1") == ["the words along a slider: Not at all – Extremely"]
    assert lost(draft, "Q1") == [
        "the scores of answers",
        "a program that runs in the question",
        "it is hidden from respondents",
        "a box for what is not applicable",
        "words that are filled in while somebody answers: they stay as the file writes them",
    ]
    assert lost(draft, "Q2") == ["headings above the columns"]


def test_no_opinion_under_a_number_kept_for_it_is_no_answer() -> None:
    choices = numbered("Great", "Awful", "No opinion", "No basis for evaluation")
    recoded = survey(asked("QID1", "Squash?", "MC", "SAVR", Choices=choices, RecodeValues={"3": "-1", "4": "-2"}))
    assert (labels(recoded.items[0]), recoded.items[0].missing.dont_know) == ({"1": "Great", "2": "Awful"}, "-1")
    assert coded(recoded, {"QID1": "-2"}).missing == {"Q1": "dont_know"}
    assert len(labels(survey(asked("QID1", "Squash?", "MC", "SAVR", Choices=choices)).items[0])) == 4


def test_words_that_are_filled_in_are_told_also_among_options_and_rows() -> None:
    options = numbered("${q://QID9/ChoiceTextEntryValue}", "No")
    rows = numbered("${lm://Field/1}")
    draft = survey(
        asked("QID1", "Which?", "MC", "SAVR", Choices=options),
        asked("QID2", "How much?", "Matrix", "Likert", Choices=rows, Answers=numbered("A lot", "$e{ 1 + 1 }")),
        asked("QID3", "Likely?", "MC", "SAVR", Choices=numbered("Yes", "No")),
    )
    told = "words that are filled in while somebody answers: they stay as the file writes them"
    assert [each.where for each in draft.losses if each.what == told] == ["Q1, Q2_1"]


def test_what_the_survey_has_besides_its_questions_is_told() -> None:
    options = {"Element": "SO", "Payload": {"Header": "", "Footer": "<p>Call us</p>", "EOSMessage": "MS_1"}}
    scoring = {"Element": "SCO", "Payload": {"ScoringCategories": [{"ID": "SC_0"}]}}
    draft = survey(asked("QID1", "Why?", "TE", "SL"), options, scoring)
    assert [(each.where, each.what) for each in draft.losses] == [
        ("Footer", "words on every page, which ask nothing"),
        ("EOSMessage", "a last page, which asks nothing"),
        ("ScoringCategories", "the scoring of answers"),
    ]


def test_a_block_whose_questions_come_in_any_order_is_told() -> None:
    block = {"Type": "Default", "ID": "B", "Description": "Trust", "BlockElements": [{"Type": "Question", "QuestionID": "QID1"}]}
    flow = {"Element": "FL", "Payload": {"Type": "Root", "Flow": [{"Type": "Block", "ID": "B"}]}}
    for order, told in (("RandomWithXPerPage", ["an order that is random, or a random part"]), ("false", [])):
        blocks = {"Element": "BL", "Payload": [{**block, "Options": {"RandomizeQuestions": order}}]}
        assert lost(survey(blocks, flow, asked("QID1", "Why?", "TE", "SL")), "block 'Trust'") == told


def test_skips_that_stand_in_the_question_and_have_no_words() -> None:
    jump = {"Locator": "q://QID1/SelectableChoice/2", "Condition": "Selected", "SkipToDestination": "ENDOFSURVEY"}
    draft = survey(asked("QID1", "Agree?", "MC", "SAVR", Choices=numbered("Yes", "No"), SkipLogic=[jump]))
    assert draft.items[0].routing == "If q://QID1/SelectableChoice/2 Selected, Then Skip To ENDOFSURVEY"


def test_the_languages_that_qualtrics_has_names_of_its_own_for() -> None:
    said = {"ZH-S": "信任吗？", "ZH-T": "信任嗎？", "PT-BR": "Confia?"}
    draft = survey(asked("QID1", "Trust?", "TE", "SL", Language={name: {"QuestionText": words} for name, words in said.items()}))
    assert {tag: each.wording for tag, each in draft.items[0].translations.items()} == {
        "zh-Hans": "信任吗？",
        "zh-Hant": "信任嗎？",
        "pt-BR": "Confia?",
    }
