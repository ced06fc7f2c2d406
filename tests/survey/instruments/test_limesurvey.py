"""LimeSurvey exports as instruments: both dialects, every type of question, and the names that RemoteControl gives to answers."""

import io
import re
import zipfile

import pytest
from tests.survey.instruments.examples import LSS, QUESTIONS, limesurvey, table
from tests.survey.instruments.reading import coded, item, labels, lost, read

from assent_survey.domain.draft import UnreadableInstrument
from assent_survey.instruments import READERS


def test_both_dialects_are_the_same_instrument() -> None:
    draft = read("limesurvey", LSS)
    assert draft == read("limesurvey", limesurvey(old=True))
    assert (draft.title, draft.language) == ("Linking records", "en")
    assert draft.items[0].section == "You"  # the group that comes first, not the row that does
    assert READERS["limesurvey"].recognises(LSS.encode(), "")


def test_a_list_with_other_and_dont_know() -> None:
    link = item(read("limesurvey", LSS), "LINK")
    assert labels(link) == {"A1": "Agree", "A2": "Disagree", "-oth-": "Something else"}
    assert (link.missing.named, link.routing, link.section) == ({"dont_know": "A9"}, "AGE.NAOK > 17", "Records")
    assert link.translations["cy"].wording == "A gaiff ysgolion gysylltu cofnodion?"
    assert link.translations["cy"].labels == {"A1": "Cytuno"}


def test_answers_are_found_by_the_headings_that_are_codes() -> None:
    draft = read("limesurvey", LSS)
    assert draft.mapping is not None
    fields = [mapped.field for mapped in draft.mapping.items.values()]
    assert fields == [
        "AGE",
        "BOTH[SQ001]",
        "BOTH[SQ002]",
        "MORE",
        "YESNO",
        "RANK[1]",
        "RANK[2]",
        "BORN",
        "LISTC",
        "LISTC[comment]",
        "LINK",
        "LINK[other]",
        "WHICH[SQ001]",
        "WHICH[SQ002]",
        "WHICH[other]",
        "WHYP[SQ001]",
        "WHYP[SQ001comment]",
        "WHYP[SQ002]",
        "WHYP[SQ002comment]",
        "TRUST[SQ001]",
        "TRUST[SQ002]",
        "FIVE[SQ001]",
        "FIVE[SQ002]",
        "DUAL[SQ001][1]",
        "DUAL[SQ001][2]",
        "DUAL[SQ002][1]",
        "DUAL[SQ002][2]",
        "GRID[Y1_X1]",
        "GRID[Y1_X2]",
        "WORDS[Y1_X1]",
        "WORDS[Y1_X2]",
    ]
    sent = {"LINK": "A2", "WHICH[SQ001]": "Y", "DUAL[SQ001][2]": "2", "RANK[1]": "A3", "AGE": "40.0000000000", "GRID[Y1_X2]": "7"}
    told = coded(draft, {**sent})
    assert told.answers == {"LINK": "A2", "WHICH_SQ001": "Y", "DUAL_SQ001_2": "2", "RANK_1": "A3", "AGE": 40.0, "GRID_Y1_X2": 7.0}
    assert told.unmapped == ()
    assert coded(draft, {"TRUST[SQ001]": "98"}).missing["TRUST_SQ001"] == "refused"


def test_the_scales_of_each_type() -> None:
    draft = read("limesurvey", LSS)
    assert list(labels(item(draft, "FIVE_SQ001"))) == ["1", "2", "3", "4", "5"]
    assert labels(item(draft, "YESNO")) == {"Y": "Yes", "N": "No"}
    assert labels(item(draft, "DUAL_SQ001_1")) == {"1": "Low", "2": "High"}
    assert labels(item(draft, "DUAL_SQ001_2")) == {"1": "Rare", "2": "Often"}
    assert item(draft, "AGE").range is not None
    assert item(draft, "TRUST_SQ002").translations["cy"].wording == "Ymddiriedaeth\nPolice"


def test_every_question_is_an_item_or_a_loss() -> None:
    draft = read("limesurvey", LSS)
    for _, code, kind, _, _ in QUESTIONS.values():
        assert any(each.name.startswith(code) for each in draft.items) != (kind in "X*|?"), code
    assert lost(draft, "ODD") == ["a question of a type that is not known, '?'"]
    assert lost(draft, "quota 'fathers'") == ["a quota of 200"]
    assert lost(draft, "MORE") == ["it is hidden from respondents"]


def test_conditions_of_older_surveys_are_their_routing() -> None:
    rows = table("conditions", {"qid": 10, "cfieldname": "1X1X9", "method": "==", "value": "A1"})
    draft = read("limesurvey", LSS.replace("</document>", f"{rows}</document>"))
    assert item(draft, "BOTH_SQ001").routing == "(LINK == 'A1') and (AGE == A1)"


def test_comparisons_with_one_question_are_alternatives_and_name_it_by_its_code() -> None:
    compared = (("9", "1X1X9", "A1", 1), ("9", "1X1X9", "A2", 1), ("4", "1X1X4SQ001", "1", 1), ("", "{TOKEN:WAVE}", "2", 2))
    rows = [
        {"qid": 2, "cqid": cqid, "cfieldname": field, "method": "==", "value": value, "scenario": scenario}
        for cqid, field, value, scenario in compared
    ]
    draft = read("limesurvey", LSS.replace("</document>", f"{table('conditions', *rows)}</document>"))
    together = "((AGE == A1) or (AGE == A2)) and (TRUST_SQ001 == 1)"
    assert item(draft, "WHICH_SQ001").routing == f"({together}) or ({{TOKEN:WAVE}} == 2)"
    in_words = read("limesurvey", LSS.replace("AGE.NAOK > 17", "((1X2X9.NAOK > 17) and (1X2X999.NAOK > 1))"))
    assert item(in_words, "LINK").routing == "((AGE.NAOK > 17) and (1X2X999.NAOK > 1))"


def test_what_stands_around_and_beside_questions_is_told() -> None:
    attributes = ("min_answers", "2"), ("suffix", "years"), ("subquestion_order", "random"), ("time_limit", "60")
    set_ = table("question_attributes", *({"qid": 2, "attribute": name, "value": value} for name, value in attributes))
    texts = table(
        "surveys_languagesettings",
        {"surveyls_language": "en", "surveyls_title": "T", "surveyls_welcometext": "<p>Welcome</p>", "surveyls_endtext": "<br/>"},
    )
    groups = table("groups", {"gid": 1, "group_order": 1, "randomization_group": "A"})
    said = table("group_l10ns", {"gid": 1, "group_name": "Records", "description": "Now think of them.", "language": "en"})
    scripts = table(
        "question_l10ns", {"qid": 2, "question": "Which of {CHILD.shown}'s records?", "script": "hide();", "language": "en"}
    )
    draft = read("limesurvey", _with_tables(set_, texts, groups, said, scripts))
    assert lost(draft, "surveyls_welcometext") == ["a first page, which asks nothing"]
    assert lost(draft, "surveyls_endtext") == []
    assert set(lost(draft, "group 'Records'")) == {"words at the beginning of a group", "an order that is random"}
    assert set(lost(draft, "WHICH")) >= {
        "a rule that answers are checked by",
        "words beside the answer",
        "a limit of time",
        "a program that runs in the question",
        "words that are filled in while somebody answers: they stay as the file writes them",
    }


def test_notices_scores_and_values_out_of_an_address_are_told() -> None:
    told = {
        "surveyls_language": "en",
        "surveyls_title": "T",
        "surveyls_description": "Of 2026",
        "surveyls_policy_notice": "<p>We keep",
    }
    settings = table("surveys_languagesettings", told)
    scores = table("answers", {"qid": 1, "code": "A1", "sortorder": 1, "scale_id": 0, "assessment_value": 3, "language": "en"})
    parameters = table("survey_url_parameters", {"parameter": "panel"})
    draft = read("limesurvey", _with_tables(settings, scores).replace("</document>", f"{parameters}</document>"))
    assert lost(draft, "surveyls_description") == ["words about the survey, which ask nothing"]
    assert lost(draft, "surveyls_policy_notice") == ["a notice on the protection of data, whose acceptance is no answer"]
    assert lost(draft, "parameter 'panel'") == ["a value out of the survey's address, which is no question"]
    assert any(each.what == "the scores of answers" for each in draft.losses)
    off = read("limesurvey", _with_tables(scores, table("surveys", {"language": "en", "assessments": "N"})))
    assert not any(each.what == "the scores of answers" for each in off.losses)


def test_texts_that_take_only_numbers_and_places_on_a_map() -> None:
    rows = [{"qid": 11, "attribute": "numbers_only", "value": "1"}, {"qid": 11, "attribute": "min_num_value_n", "value": "2"}]
    draft = read("limesurvey", _with_tables(table("question_attributes", *rows)))
    assert item(draft, "MORE").range is not None
    assert (item(draft, "MORE").kind, item(draft, "MORE").range.low) == ("number", 2)  # type: ignore[union-attr]
    where = table("question_attributes", {"qid": 11, "attribute": "location_mapservice", "value": "100"})
    mapped = read(
        "limesurvey",
        _with_tables(where).replace("<type><![CDATA[T]]></type><title><![CDATA[MORE", "<type>S</type><title><![CDATA[MORE"),
    )
    assert (lost(mapped, "MORE"), any(each.name == "MORE" for each in mapped.items)) == (["a place"], False)


def test_words_that_the_platform_has_itself_are_said_to_be_in_english() -> None:
    told = "words of answers that LimeSurvey has itself in each language: they are in English"
    assert told in lost(read("limesurvey", LSS), "YESNO")
    assert told not in lost(read("limesurvey", LSS.replace("<language>cy</language>", "")), "YESNO")


def _with_tables(*tables: str) -> str:
    """The example with other tables in the place of its own."""
    found = LSS
    for each in tables:
        name = each[1 : each.index(">")]
        found = re.sub(f"<{name}>.*?</{name}>", lambda _, new=each: new, found)
    return found


def test_an_archive_a_group_and_a_question() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("survey_1_responses.lsr", "<document/>")
        archive.writestr("survey_1.lss", LSS)
    assert READERS["limesurvey"].recognises(packed.getvalue(), "survey.lsa")
    assert read("limesurvey", packed.getvalue()) == read("limesurvey", LSS)
    alone = LSS[: LSS.index("<quota>")] + "</document>"  # neither settings nor languages' names of the survey
    draft = read("limesurvey", alone.replace("<language>cy</language>", ""), filename="group.lsg")
    assert (draft.title, draft.language, len(draft.items)) == ("group", "en", 31)


def test_an_empty_box_is_one_that_is_not_ticked() -> None:
    draft = read("limesurvey", LSS)
    assert coded(draft, {"WHICH[SQ001]": "Y", "WHICH[SQ002]": ""}).answers == {"WHICH_SQ001": "Y", "WHICH_SQ002": "N"}


def test_texts_of_answers_without_ids_belong_to_their_codes() -> None:
    """Survey builders write such files; every answer had the first one's words."""
    rows = "".join(f"<row><qid>1</qid><code>{code}</code><sortorder>{code}</sortorder></row>" for code in "12")
    texts = (("1", "Agree"), ("2", "Disagree"))
    words = "".join(
        f"<row><qid>1</qid><code>{code}</code><answer>{said}</answer><language>en</language></row>" for code, said in texts
    )
    question = "<row><qid>1</qid><parent_qid>0</parent_qid><gid>1</gid><type>L</type><title>Q</title></row>"
    tables = {"questions": question, "answers": rows, "answer_l10ns": words}
    inside = "".join(f"<{name}><rows>{held}</rows></{name}>" for name, held in tables.items())
    draft = read("limesurvey", f"<document><LimeSurveyDocType>Survey</LimeSurveyDocType>{inside}</document>")
    assert labels(draft.items[0]) == {"1": "Agree", "2": "Disagree"}


def test_scales_without_headings_are_told_apart() -> None:
    plain = LSS.replace("dualscale_header", "no_header")
    wordings = [each.wording.splitlines()[-1] for each in read("limesurvey", plain).items if each.name.startswith("DUAL_SQ001")]
    assert wordings == ["Scale 1", "Scale 2"]


def test_a_ranking_whose_items_are_subquestions() -> None:
    moved = (
        LSS.replace("<answers>", "<gone>").replace("</answers>", "</gone>").replace("<type><![CDATA[F]]>", "<type><![CDATA[R]]>")
    )
    assert labels(item(read("limesurvey", moved), "TRUST_1")) == {"SQ001": "Schools", "SQ002": "Police"}


def test_another_language_can_be_the_main_one() -> None:
    draft = read("limesurvey", LSS, language="cy")
    assert (draft.language, item(draft, "LINK").wording) == ("cy", "A gaiff ysgolion gysylltu cofnodion?")
    assert item(draft, "AGE").wording == "Age"
    with pytest.raises(UnreadableInstrument, match="it is in cy, en"):
        read("limesurvey", LSS, language="fr")


@pytest.mark.parametrize(
    "content", ["<document><LimeSurveyDocType>Survey</LimeSurveyDocType></document>", "<a/>", "no XML", "PK\x03\x04"]
)
def test_what_is_no_export_is_said_to_be_none(content: str) -> None:
    with pytest.raises(UnreadableInstrument):
        read("limesurvey", content)
