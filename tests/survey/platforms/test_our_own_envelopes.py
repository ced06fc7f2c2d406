"""LimeSurvey's plugin, and the bodies that are ours: Google Forms, Microsoft Forms, SurveyJS."""

import json
from typing import Any

import pytest
from tests.survey.instruments.examples import LSS

from assent_survey.domain.coding import code_submission
from assent_survey.domain.submission import Submission, Unreadable
from assent_survey.instruments import READERS
from assent_survey.platforms import PLATFORMS

SECRET = "a-secret-of-the-plugin"


def parse(name: str, body: dict[str, Any]) -> Submission:
    submission = PLATFORMS[name].parse(json.dumps(body).encode(), {})
    assert isinstance(submission, Submission)
    return submission


LIMESURVEY = {
    "api_token": SECRET,
    "survey": 123,
    "event": "afterSurveyComplete",
    "respondId": 42,
    "response": {
        "id": "42",
        "token": "t1",
        "ipaddr": "203.0.113.9",
        "startlanguage": "cy",
        "lastpage": "3",
        "Q1": "A1",
        "Q2": "because",
        "Q3": "",
        "Q4": None,
        "Q5": "1.0000000000",
        "M[SQ001]": "Y",
    },
    "response_pretty": {"Q1": "Acceptable", "Q2": "because", "Q9": "unknown"},
    "submitDate": "2026-09-01 12:00:00",
    "token": "t1",
    "participant": {"firstname": "Jane", "lastname": "Roe", "email": "jane.roe@example.org"},
}


def test_limesurvey_rows_labels_and_what_was_not_asked() -> None:
    submission = parse("limesurvey", LIMESURVEY)
    assert submission.response_id == "123/42"
    assert submission.fields == {"Q1": (("A1", "Acceptable"),), "Q2": "because", "Q3": "", "Q5": "1.0000000000", "M[SQ001]": "Y"}
    assert submission.facts == {"startlanguage": "cy", "lastpage": "3", "token": "t1", "submitDate": "2026-09-01 12:00:00"}


def test_limesurvey_a_plugin_that_sends_the_number_of_the_response_in_its_row_only() -> None:
    body = {name: value for name, value in LIMESURVEY.items() if name != "respondId"}
    assert parse("limesurvey", body).response_id == "123/42"


def test_limesurvey_columns_of_plugins_and_headings_of_exports_name_the_same_answer() -> None:
    """As LimeSurvey's interface for plugins gives a row: the second scale has no code left for it, a question not shown is NULL."""
    row = {
        "Q1": "A1",
        "M_SQ001": "Y",
        "M_other": "own",
        "T_SQ001_SQ002": "4",
        "D_SQ001": "A1",
        "123X4X56SQ001#1": "B2",
        "D_SQ002": None,
        "123X4X56SQ002#1": "B1",
    }
    submission = parse("limesurvey", {**LIMESURVEY, "response": row, "response_pretty": None})
    headings = {
        "M[SQ001]": "Y",
        "M[other]": "own",
        "T[SQ001_SQ002]": "4",
        "D[SQ001][1]": "A1",
        "D[SQ001][2]": "B2",
        "D[SQ002][2]": "B1",
    }
    assert {name: submission.value(name)[1] for name in headings} == headings
    assert submission.value("D[SQ002][1]") == (False, None)
    by_heading = parse("limesurvey", {**LIMESURVEY, "response": {"M[SQ001]": "Y", "D[SQ001][1]": "A1", "D[SQ001][2]": "B2"}})
    assert by_heading.value("M_SQ001") == (True, "Y")
    assert by_heading.value("D_SQ001") == (True, "A1")


def test_limesurvey_a_mapping_from_an_lss_serves_the_plugin() -> None:
    draft = READERS["limesurvey"].read(LSS.encode(), "survey.lss")
    assert draft.mapping is not None
    row = {"AGE": "40", "YESNO": "Y", "WHICH_SQ001": "Y", "WHICH_SQ002": "", "FIVE_SQ001": "3"}
    submission = parse("limesurvey", {**LIMESURVEY, "response": row, "response_pretty": None})
    coded = code_submission(submission, draft.items, draft.mapping)
    assert coded.unmapped == ()
    assert coded.answers["AGE"] == 40
    assert (coded.answers["WHICH_SQ001"], coded.answers["WHICH_SQ002"], coded.answers["FIVE_SQ001"]) == ("Y", "N", "3")


def test_limesurvey_keeps_neither_token_nor_participant() -> None:
    kept = PLATFORMS["limesurvey"].keepable(json.dumps(LIMESURVEY).encode(), {})
    for trace in (SECRET, "Jane", "Roe", "jane.roe"):
        assert trace.encode() not in kept
        assert trace not in repr(PLATFORMS["limesurvey"].parse(kept, {}))
    for unreadable in (b"not a form \xff", b'{"api_token": "%s", "a": 1, "a": 2}' % SECRET.encode()):
        assert PLATFORMS["limesurvey"].keepable(unreadable, {}) == b""


@pytest.mark.parametrize("change", [{"event": "beforeActivate"}, {"respondId": ""}, {"response": "x"}])
def test_limesurvey_that_cannot_be_read(change: dict[str, Any]) -> None:
    with pytest.raises(Unreadable):
        parse("limesurvey", {**LIMESURVEY, **change})


def test_google_forms_items_of_every_type() -> None:
    answers = [
        {"itemId": 1, "title": "Choice", "type": "MULTIPLE_CHOICE", "value": "Yes"},
        {"itemId": 2, "title": "Boxes", "type": "CHECKBOX", "value": ["A", "B"]},
        {"itemId": 3, "title": "Grid", "type": "GRID", "rows": ["Police", "Schools"], "value": ["Yes", None]},
        {"itemId": 4, "title": "Box grid", "type": "CHECKBOX_GRID", "rows": ["Police", "Schools"], "value": [["A", "B"], None]},
        {"itemId": 5, "title": "Scale", "type": "SCALE", "value": "4"},
        {"itemId": 6, "title": "Files", "type": "FILE_UPLOAD", "value": ["drive-id"]},
        {"itemId": "7", "title": "Choice", "type": "TEXT", "value": ""},
    ]
    times = {"submittedAt": "2026-09-01T12:00:00.000Z", "updatedAt": "2026-09-02T12:00:00.000Z"}
    submission = parse("google_forms", {"v": 1, "formId": "f", "responseId": "r", **times, "answers": answers})
    assert submission.fields == {
        "1": "Yes",
        "2": (("A",), ("B",)),
        "3.Police": "Yes",
        "3.Schools": None,
        "4.Police": (("A",), ("B",)),
        "4.Schools": None,
        "5": "4",
        "7": "",
    }
    assert (submission.nested, submission.ordered_by) == (("6",), "updated_at")
    assert submission.value("Grid.Police") == (True, "Yes")
    assert submission.value("Choice") == (False, None)  # two items have this title


def test_the_test_of_the_script_holds_no_response() -> None:
    assert PLATFORMS["google_forms"].parse(b'{"v": 1, "test": true}', {}) is None


@pytest.mark.parametrize("name", ["google_forms", "microsoft_forms"])
def test_an_envelope_of_another_version_is_not_guessed_at(name: str) -> None:
    with pytest.raises(Unreadable, match="v is not 1"):
        parse(name, {"v": 2, "formId": "f", "responseId": "r", "answers": []})


def test_microsoft_forms_lists_names_and_nobody() -> None:
    answers = {
        "@odata.context": "x",
        "responder": "jane.roe@example.org",
        "submitDate": "9/1/2026 12:00:00 PM",
        "r1": "Yes",
        "r2": '["A","B"]',
        "r3": '[{"name":"a.docx","link":"https://files.example/1"}]',
        "r4": "[not a list",
        "r5": "[nor this]",
    }
    body = {
        "v": 1,
        "formId": "f",
        "responseId": 9,
        "submittedAt": "2026-09-01T12:00:00Z",
        "answers": answers,
        "names": {"r1": "agreed"},
    }
    submission = parse("microsoft_forms", body)
    assert submission.fields == {"r1": "Yes", "r2": (("A",), ("B",)), "r4": "[not a list", "r5": "[nor this]"}
    assert (submission.response_id, submission.nested) == ("f/9", ("r3",))
    assert submission.value("agreed") == (True, "Yes")
    assert "jane.roe" not in repr(submission)


def surveyjs(data: dict[str, Any], **body: Any) -> Submission:
    return parse("surveyjs", {"formId": "f", "responseId": "0b1e", "data": data, **body})


def test_surveyjs_rows_cells_items_and_panels() -> None:
    submission = surveyjs(
        {
            "agreed": True,
            "matrix": {"police": "yes"},
            "cells": {"row": {"col": ["a", "b"]}},
            "items": {"first": "x", "second": 2},
            "panels": [{"name": "Jane"}],
            "boxes": ["a", "other"],
            "boxes-Comment": "my own words",
        },
        formVersion=3,
        respondent="p1",
    )
    assert submission.fields == {
        "agreed": True,
        "matrix.police": "yes",
        "cells.row.col": (("a",), ("b",)),
        "items.first": "x",
        "items.second": 2.0,
        "boxes": (("a",), ("other",)),
        "boxes-Comment": "my own words",
    }
    assert (submission.nested, submission.form_version, submission.facts) == (("panels",), "3", {"respondent": "p1"})


@pytest.mark.parametrize(
    ("said", "finished", "ordered_by"),
    [
        ({}, True, "arrival"),
        ({"currentPageNo": 1}, False, "arrival"),
        ({"currentPageNo": 1, "completed": True, "version": 4}, True, "version"),
        ({"completed": False, "updatedAt": "2026-09-01T12:00:00Z"}, False, "updated_at"),
    ],
)
def test_surveyjs_saves_on_the_way(said: dict[str, Any], finished: bool, ordered_by: str) -> None:
    submission = surveyjs({}, **said)
    assert (submission.finished, submission.ordered_by) == (finished, ordered_by)
