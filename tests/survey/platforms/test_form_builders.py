"""Tally, Jotform and Alchemer: choices by id, parts of answers, and two ways of saying the same."""

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import pytest

from assent_survey.domain.submission import Notice, Submission, Unreadable
from assent_survey.platforms import PLATFORMS
from assent_survey.platforms.alchemer_response import eastern


def parse(name: str, raw: bytes, content_type: str = "application/json") -> Submission:
    submission = PLATFORMS[name].parse(raw, {"content-type": content_type})
    assert isinstance(submission, Submission)
    return submission


def tally(*fields: dict[str, Any], **data: Any) -> Submission:
    named = [{"key": f"question_{number}", "label": f"Label {number}", **field} for number, field in enumerate(fields)]
    body = {"eventId": "e", "eventType": "FORM_RESPONSE", "data": {"responseId": "r", "fields": named, **data}}
    return parse("tally", json.dumps(body).encode())


OPTIONS = [{"id": "o1", "text": "Apples"}, {"id": "o2", "text": "Pears"}, {"id": "o3", "text": "Plums"}]


def test_tally_choices_are_resolved_and_checkboxes_told_once() -> None:
    submission = tally(
        {"type": "MULTIPLE_CHOICE", "value": ["o2"], "options": OPTIONS},
        {"type": "CHECKBOXES", "value": ["o1", "o3"], "options": OPTIONS},
        {"key": "question_1_o1", "label": "Label 1 (Apples)", "type": "CHECKBOXES", "value": True},
        {"key": "question_1_o2", "label": "Label 1 (Pears)", "type": "CHECKBOXES", "value": False},
        {"type": "DROPDOWN", "value": "o3", "options": OPTIONS},
        {"type": "MULTI_SELECT", "value": None, "options": OPTIONS},
        {"type": "MULTIPLE_CHOICE", "value": ["words of their own"], "options": OPTIONS},
        {"type": "CHECKBOXES", "value": True},
    )
    assert submission.fields == {
        "question_0": (("o2", "Pears"),),
        "question_1": (("o1", "Apples"), ("o3", "Plums")),
        "question_4": (("o3", "Plums"),),
        "question_5": None,
        "question_6": (("other",),),
        "question_7": True,
    }
    assert submission.value("Label 4") == (True, (("o3", "Plums"),))
    assert "words of their own" not in submission.said()


def test_tally_matrix_ranking_numbers_files_and_hidden_fields() -> None:
    submission = tally(
        {
            "type": "MATRIX",
            "value": {"r1": ["c1"], "r2": ["c1", "c2"]},
            "rows": [{"id": "r1", "text": "Police"}],
            "columns": [{"id": "c1", "text": "Yes"}, {"id": "c2", "text": "No"}],
        },
        {"type": "RANKING", "value": ["o3", "o1"], "options": OPTIONS},
        {"type": "LINEAR_SCALE", "value": 4},
        {"type": "INPUT_DATE", "value": "2026-09-01"},
        {"type": "FILE_UPLOAD", "value": [{"id": "f", "url": "https://files.example/1"}]},
        {"type": "HIDDEN_FIELDS", "label": "visitor", "value": "p1"},
        {"type": "CALCULATED_FIELDS", "label": "score", "value": 3},
        respondentId="t1",
        formId="f1",
    )
    assert submission.fields == {
        "question_0.r1": (("c1", "Yes"),),
        "question_0.r2": (("c1", "Yes"), ("c2", "No")),
        "question_1.o3": 1.0,
        "question_1.o1": 2.0,
        "question_2": 4.0,
        "question_3": "2026-09-01",
    }
    assert submission.nested == ("question_4",)
    assert submission.value("question_0.Police") == (True, (("c1", "Yes"),))
    assert submission.value("question_1.Apples") == (True, 2.0)
    assert submission.facts == {"hidden.visitor": "p1", "calculated.score": 3.0, "respondentId": "t1", "formId": "f1"}


def test_tally_labels_that_two_questions_share_name_neither() -> None:
    submission = tally({"label": "Why?", "type": "INPUT_TEXT", "value": "a"}, {"label": "Why?", "type": "INPUT_TEXT", "value": "b"})
    assert submission.value("Why?") == (False, None)


def test_tally_a_row_that_was_left_empty_was_shown_all_the_same() -> None:
    matrix = {"type": "MATRIX", "rows": [{"id": "r1", "text": "Police"}, {"id": "r2", "text": "Schools"}], "columns": OPTIONS}
    submission = tally({**matrix, "value": {"r2": ["o1"]}}, {**matrix, "value": None}, {"label": None, "value": "x"})
    assert submission.fields == {
        "question_0.r1": (),
        "question_0.r2": (("o1", "Apples"),),
        "question_1.r1": (),
        "question_1.r2": (),
        "question_2": "x",
    }
    assert submission.value("None") == (False, None)


def jotform(answers: dict[str, Any], **parts: str) -> Submission:
    form = {"formID": "1", "submissionID": "s1", "type": "WEB", "ip": "203.0.113.9", "rawRequest": json.dumps(answers), **parts}
    return parse("jotform", urlencode(form).encode(), "application/x-www-form-urlencoded")


def test_jotform_questions_dates_objects_and_lists() -> None:
    submission = jotform(
        {
            "slug": "submit/1",
            "jsExecutionTracker": "build-1",
            "q3_colour": "Red",
            "q4_fruits": ["Apples", "Pears"],
            "q5_when": {"month": "9", "day": "1", "year": "2026"},
            "q6_at": {"month": "09", "day": "01", "year": "2026", "hour": "7", "min": "05", "ampm": "PM"},
            "q7_views": {"Police": "Yes", "Schools": "No"},
            "q8_never": {"month": "", "day": "", "year": ""},
            "q9_long_name": "x",
            "q10_colour": "Blue",
            "q11_files": [{"url": "https://files.example/1"}],
        }
    )
    assert submission.fields == {
        "colour": "Red",
        "fruits": (("Apples",), ("Pears",)),
        "when": "2026-09-01",
        "at": "2026-09-01 07:05 PM",
        "views.Police": "Yes",
        "views.Schools": "No",
        "never": "",
        "long_name": "x",
        "q10_colour": "Blue",
    }
    assert submission.nested == ("files",)
    assert (submission.value("q3"), submission.value("9")) == ((True, "Red"), (True, "x"))
    assert submission.facts == {"formID": "1", "type": "WEB"}


def test_jotform_tables_own_words_and_the_time_of_sending() -> None:
    submission = jotform(
        {
            "submitDate": "1788264000000",
            "q1_table": {"0": "Much", "1": ["A", "B"], "2": {"0": "x", "1": "y"}, "colIds": '["0"]', "rowIds": '["0"]'},
            "q2_ticked": {"0": "Apples", "1": "Pears", "other": "words of their own"},
            "q3_one": {"other": ""},
            "q4_name": {"first": "Jane", "other": "Roe"},
        }
    )
    assert submission.fields == {
        "table.0": "Much",
        "table.1": (("A",), ("B",)),
        "table.2.0": "x",
        "table.2.1": "y",
        "ticked": (("Apples",), ("Pears",), ("other",)),
        "one": (("other",),),
        "name.first": "Jane",
        "name.other": "Roe",
    }
    assert submission.submitted_at == datetime(2026, 9, 1, 12, 0, tzinfo=UTC)
    assert [jotform({"submitDate": each}).submitted_at for each in ("soon", "9" * 30)] == [None, None]


@pytest.mark.parametrize(
    "parts", [{"submissionID": ""}, {"rawRequest": "["}, {"rawRequest": '{"a": 1, "a": 2}'}, {"formID": "\x00"}]
)
def test_jotform_that_cannot_be_read(parts: dict[str, str]) -> None:
    with pytest.raises(Unreadable):
        jotform({}, **parts)


def test_a_file_beside_the_parts_is_passed_over() -> None:
    raw = (
        b'--b\r\ncontent-disposition: form-data; name="submissionID"\r\n\r\ns1\r\n'
        b'--b\r\ncontent-disposition: form-data; name="f"; filename="a.png"\r\ncontent-type: image/png\r\n\r\n'
        + b"\x00\xff"
        * 800_000
        + b"\r\n"
        b'--b\r\ncontent-disposition: form-data; name="rawRequest"\r\n\r\n{"q1_a": "b"}\r\n--b--\r\n'
    )
    assert parse("jotform", raw, 'multipart/form-data; boundary="b"').fields == {"a": "b"}


def alchemer(questions: Any, **response: Any) -> Submission:
    body = {"id": 7, "status": "Complete", "survey_data": questions, **response}
    return parse("alchemer", json.dumps(body).encode())


def test_alchemer_answers_of_every_shape() -> None:
    option = {"id": 10001, "option": "Apples", "answer": "1"}
    submission = alchemer(
        {
            "2": {
                "id": 2,
                "type": "RADIO",
                "question": "One?",
                "answer": "Yes",
                "original_answer": "Y",
                "answer_id": 10001,
                "shown": True,
            },
            "3": {"id": 3, "type": "TEXTBOX", "question": "Why?", "answer": "words", "shown": True},
            "4": {
                "id": 4,
                "type": "CHECKBOX",
                "question": "Which?",
                "shown": True,
                "options": {"10001": option, "10002": {"id": 10002, "option": "Pears"}},
            },
            "5": {
                "id": 5,
                "type": "TABLE",
                "question": "Table",
                "subquestions": {"6": {"id": 6, "question": "Row", "answer": "Col", "answer_id": 3}},
            },
            "7": {
                "id": 7,
                "type": "TABLE",
                "question": "Grid",
                "subquestions": {"8": {"1": {"id": 1, "answer": "A"}, "2": {"id": 2, "answer": None}}},
            },
            "9": {"id": 9, "type": "RANK", "question": "Rank", "options": {"1": {"id": 1, "option": "Pears", "rank": "2"}}},
            "13": {"id": 13, "type": "RANK", "question": "Order", "answer": {"1": {"id": 1, "option": "Plums", "rank": "1"}}},
            "10": {"id": 10, "question": "Not asked", "shown": False},
            "11": {"id": 11, "question": "Left empty", "shown": True},
            "12": {"id": 12, "question": "File", "answer": {"url": "https://files.example/1"}, "shown": True},
        }
    )
    assert submission.fields == {
        "2": (("Yes", "Y", "10001"),),
        "3": "words",
        "4": (("1", "Apples", "10001"),),
        "5.6": (("Col", "3"),),
        "7.8": (("A", "1"),),
        "9.1": "2",
        "13.1": "1",
        "11": None,
    }
    assert submission.nested == ("12",)
    assert submission.value("Table Row") == (True, (("Col", "3"),))
    assert submission.response_id == "7"


def test_alchemer_rows_of_a_grid_that_stand_by_themselves_have_the_same_names() -> None:
    """As the page of the API on question types shows them: each with its `parent`."""
    row = {"id": 7, "type": "RADIO", "parent": 6, "question": "Row 1", "section_id": 1, "answer": "Column 1", "shown": True}
    nested = alchemer({"6": {"id": 6, "type": "TABLE", "question": "Grid", "subquestions": {"7": row}}})
    assert alchemer({"7": row}).fields == nested.fields == {"6.7": "Column 1"}


def test_alchemer_tests_times_status_and_facts() -> None:
    submission = alchemer(
        [{"id": 2, "answer": "x"}],
        status="Disqualified",
        is_test_data="1",
        date_submitted="2026-07-01 08:00:00",
        url_variables={"visitor": {"key": "visitor", "value": "p1", "type": "url"}, "arm": "b"},
        ip_address="203.0.113.9",
        language="English",
    )
    assert (submission.finished, submission.test, submission.fields) == (False, True, {"2": "x"})
    assert submission.submitted_at == datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
    assert submission.facts == {"url.visitor": "p1", "url.arm": "b", "language": "English", "status": "Disqualified"}


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-01-15 07:00:00", "2026-01-15T12:00:00+00:00"),
        ("2026-11-01 01:30:00 EDT", "2026-11-01T05:30:00+00:00"),
        ("2026-11-01 01:30:00 EST", "2026-11-01T06:30:00+00:00"),
    ],
)
def test_alchemer_has_the_time_of_new_york(text: str, utc: str) -> None:
    found = eastern(text)
    assert found is not None
    assert found.isoformat() == utc


def test_alchemer_fields_that_the_researcher_chose() -> None:
    form = urlencode(
        {"response_id": "7", "status": "Partial", "answer_agreed": "Yes", "fact_visitor": "p1", "city": "Leeds"}
    ).encode()
    submission = parse("alchemer", form, "application/x-www-form-urlencoded")
    assert (submission.response_id, submission.finished, submission.fields) == ("7", False, {"agreed": "Yes"})
    assert submission.facts == {"visitor": "p1"}


@pytest.mark.parametrize(
    ("body", "happening"),
    [({"response_id": 7, "survey_id": 5}, "changed"), ({"data": {"id": "7", "survey_id": "5", "status": "Deleted"}}, "deleted")],
)
def test_alchemer_with_nothing_but_ids_is_a_notice(body: dict[str, Any], happening: str) -> None:
    assert PLATFORMS["alchemer"].parse(json.dumps(body).encode(), {}) == Notice("7", happening, {"survey": "5"})  # type: ignore[arg-type]


@pytest.mark.parametrize("body", ["a=1&a=2", "response[a]=1&response[a][b]=2", "a[b]=1&a=2", "id=%FF", "a" + "[a]" * 20 + "=1"])
def test_forms_that_are_none(body: str) -> None:
    with pytest.raises(Unreadable):
        PLATFORMS["alchemer"].parse(body.encode(), {})
