"""What is particular to each platform that is asked: how it is spared, what its records hold, how it tells of deletions."""

import io
import json
import zipfile
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from tests.survey.platforms.fakes.alchemer import FakeAlchemer
from tests.survey.platforms.fakes.fake import Fake
from tests.survey.platforms.fakes.formbricks import FakeFormbricks
from tests.survey.platforms.fakes.jotform import FakeJotform
from tests.survey.platforms.fakes.limesurvey import FakeLimeSurvey
from tests.survey.platforms.fakes.odk_central import FakeOdkCentral
from tests.survey.platforms.fakes.qualtrics import FakeQualtrics
from tests.survey.platforms.fakes.redcap import FakeRedcap, line
from tests.survey.platforms.fakes.surveymonkey import FakeSurveyMonkey
from tests.survey.platforms.fakes.typeform import FakeTypeform
from tests.survey.saying import START, Said

from assent_survey.domain.submission import Notice, Submission, Unreadable
from assent_survey.platforms import SOURCES
from assent_survey.platforms.qualtrics_api import QualtricsAccess
from assent_survey.platforms.redcap_rows import Dictionary
from assent_survey.platforms.source import AccessRefused, PlatformAway, SlowDown

WHILE_AGO = START - timedelta(days=1)


def read(name: str, content: dict[str, Any]) -> Submission:
    """A record of our making."""
    return SOURCES[name].read_record(json.dumps(content).encode())


def only(fake: Fake, response: str = "r1") -> Submission:
    """What the only record says."""
    [record] = fake.fetch([response]).values()
    assert record is not None
    return fake.source.read_record(record.raw)


def test_surveymonkey_answers_many_notices_with_one_question_and_asks_details_once() -> None:
    fake = FakeSurveyMonkey()
    fake.say(*(Said(f"r{number}", minute=number) for number in range(40)))
    found = fake.fetch([f"r{number}" for number in range(40)])
    assert all(found.values())
    assert [request.url.path.rpartition("/")[2] for request in fake.requests] == ["bulk", "details"]
    fake.fetch(["r1", "r2"])
    assert len(fake.requests) == 3


def test_surveymonkey_never_takes_more_questions_than_twice_the_notices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assent_survey.platforms.surveymonkey_api.PAGE", 2)
    fake = FakeSurveyMonkey()
    fake.say(*(Said(f"r{number:02}", minute=number) for number in range(60)))
    found = fake.fetch(["r00", "r59"])
    assert all(found.values())
    assert len(fake.requests) <= 5


@pytest.mark.parametrize("fake", [FakeSurveyMonkey(), FakeQualtrics(), FakeAlchemer()])
def test_a_notice_of_another_survey_is_passed_over(fake: Fake) -> None:
    fake.say(Said("r1"))
    with fake.client() as client:
        assert list(fake.source.fetch(fake.access(), [Notice("r1", address={"survey": "another"})], client)) == []


def test_surveymonkey_matrices_others_and_outcomes() -> None:
    answers = [
        {"id": "q1", "answers": [{"row_id": "r1", "choice_id": "c1"}, {"row_id": "r2", "choice_id": "c2"}]},
        {"id": "q2", "answers": [{"row_id": "r1", "col_id": "k1", "choice_id": "c1"}]},
        {"id": "q3", "answers": [{"choice_id": "c1"}, {"other_id": "c9", "text": "Jane's own words"}]},
        {"id": "q4", "answers": [{"row_id": "r1", "text": "12/31/2026"}]},
        {"id": "q5", "answers": [{"download_url": "https://files.example.org/1"}]},
    ]
    response = {
        "id": "r1",
        "response_status": "disqualified",
        "collection_mode": "survey_preview",
        "pages": [{"questions": answers}],
    }
    submission = read("surveymonkey", {"response": response, "wording": {"c1": "Fine", "c9": "Something else"}})
    assert submission.fields == {
        "q1.r1": (("c1", "Fine"),),
        "q1.r2": (("c2",),),
        "q2.r1.k1": (("c1", "Fine"),),
        "q3": (("c1", "Fine"), ("c9", "Something else", "other")),
        "q4.r1": "12/31/2026",
    }
    assert submission.nested == ("q5",)
    assert (submission.finished, submission.test, submission.facts["response_status"]) == (False, True, "disqualified")


def test_qualtrics_shown_and_left_empty_several_choices_and_tests() -> None:
    values = {
        "finished": 1,
        "status": 1,
        "QID1": ["1", "3"],
        "QID2_1": 4,
        "QID3_7_TEXT": "own words",
        "QID5": 17,
        "QID6": {"a": 1},
        "panel": "north",
    }
    labels = {"QID1": ["Fine", "If checked"], "QID2_1": "Rather"}
    shown = ["QID1", "QID2_1", "QID3_7_TEXT", "QID4_TEXT", "QID7", "QID8_2_TEXT", "QID1_DO"]
    submission = read("qualtrics", {"responseId": "R_1", "values": values, "labels": labels, "displayedFields": shown})
    assert submission.fields == {
        "QID1": (("1", "Fine"), ("3", "If checked")),
        "QID2_1": (("4", "Rather"),),
        "QID3_7_TEXT": "own words",
        "QID4_TEXT": None,
        "QID5": 17.0,
        "QID7": None,
    }
    assert submission.nested == ("QID6",)
    assert submission.facts["panel"] == "north"
    assert submission.test


def test_qualtrics_words_in_a_cell_have_the_names_of_both_of_its_exports() -> None:
    values = {"finished": 1, "QID5#3_1_2_TEXT": "cell", "QID7_1_TEXT": "row", "QID4_2": 3, "QID4_2_TEXT": "beside"}
    submission = read("qualtrics", {"responseId": "R_1", "values": values, "labels": {}, "displayedFields": []})
    assert submission.value("QID5#3_1_2") == submission.value("QID5#3_1_2_TEXT") == (True, "cell")
    assert submission.value("QID7_1") == (True, "row")
    assert (submission.value("QID4_2"), submission.value("QID4_2_TEXT")) == ((True, 3.0), (True, "beside"))


def test_qualtrics_waits_for_its_export_without_sleeping() -> None:
    fake = FakeQualtrics()
    fake.say(Said("r1"))
    begun = fake.page()
    assert begun.records == ()
    with pytest.raises(SlowDown) as asked:
        fake.page(cursor=begun.cursor)
    assert asked.value.seconds > 0
    ready = fake.page(cursor=begun.cursor)
    assert [record.response_id for record in fake.page(cursor=ready.cursor).records] == ["r1"]


@pytest.mark.parametrize("members", [0, 2])
def test_an_export_that_is_not_one_file_is_a_failure(members: int) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for number in range(members):
            archive.writestr(f"{number}.ndjson", "{}\n")
    assert_failed_export(packed.getvalue())


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x03\x04 broken"])
def test_an_export_that_is_no_zip_is_a_failure(content: bytes) -> None:
    assert_failed_export(content)


@pytest.mark.parametrize("line", ["[1, 2]", "not json", '"text"'])
def test_an_export_with_other_lines_than_responses_is_a_failure(line: str) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.ndjson", line + "\n")
    assert_failed_export(packed.getvalue())


def assert_failed_export(content: bytes) -> None:
    """A downloaded export that says that the platform failed."""
    fake = FakeQualtrics()
    fake.moods = [httpx.Response(200, content=content)]
    with pytest.raises(PlatformAway):
        fake.page(cursor="file:ES_0:0")


def test_redcap_folds_checkboxes_and_asks_for_no_identifier() -> None:
    fake = FakeRedcap()
    fake.say(Said("r1", link_records=None))
    submission = only(fake)
    assert submission.fields["sources"] == (("a", "Letter"), ("B-2", "Radio"))
    assert submission.fields["link_records"] == ""
    assert "why_not" not in submission.fields
    assert not {"full_name", "contact", "photo", "record_id", "checked_by"} & set(submission.fields)
    asked = b"".join(request.content for request in fake.requests)
    assert not any(name in asked for name in (b"full_name", b"contact", b"photo"))
    assert submission.submitted_at is not None
    assert submission.submitted_at == START


def test_redcap_choices_of_old_projects_are_their_own_codes() -> None:
    dictionary = Dictionary(
        [line("record_id", "text"), line("seen", "checkbox", select_choices_or_calculations="Radio | Letter")], []
    )
    row = {"record_id": "r1", "seen___radio": "0", "seen___letter": "1", "views_complete": "2"}
    [(_, content)] = dictionary.responses(row, "12", ZoneInfo("UTC"))
    assert (content["answers"], content["labels"]) == ({"seen": ["Letter"]}, {"seen": {"Letter": "Letter"}})


def test_redcap_passes_over_other_instruments_and_projects() -> None:
    fake = FakeRedcap()
    fake.say(Said("r1"))
    ours = fake.notice("r1")
    others = [Notice("x", address={**ours.address, "instrument": "office"}), Notice("y", address={**ours.address, "project": "13"})]
    with fake.client() as client:
        found = list(fake.source.fetch(fake.access(), [*others, ours], client))
    assert [notice for notice, _ in found] == [ours]


def test_redcap_repeating_instruments_are_responses_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = FakeRedcap()
    rows = [
        {"record_id": "r1", "redcap_repeat_instrument": "", "redcap_repeat_instance": "", "a": "1", "b": "", "views_complete": "0"},
        *(
            {
                "record_id": "r1",
                "redcap_repeat_instrument": "visits",
                "redcap_repeat_instance": n,
                "a": "",
                "b": str(n),
                "visits_complete": "2",
            }
            for n in (1, 2)
        ),
    ]
    monkeypatch.setattr(
        fake, "dictionary", lambda: [line("record_id", "text"), line("a", "text"), line("b", "text", form="visits")]
    )
    monkeypatch.setattr(fake, "_rows", lambda form: rows)
    with fake.client() as client:
        page = fake.source.pages(fake.access(instruments=[]), client, since=None, cursor=None)
    found = {record.response_id: fake.source.read_record(record.raw) for record in page.records}
    assert {id: (each.fields, each.finished) for id, each in found.items()} == {
        "12/r1//views/": ({"a": "1"}, False),
        "12/r1//visits/1": ({"b": "1"}, True),
        "12/r1//visits/2": ({"b": "2"}, True),
    }


@pytest.mark.parametrize("reads_audits", [True, False])
def test_odk_central_tells_of_deletions_with_or_without_its_audit_log(*, reads_audits: bool) -> None:
    fake = FakeOdkCentral()
    fake.reads_audits = reads_audits
    fake.say(Said("r1"), Said("r2"), Said("r3"))
    fake.delete("r1", minute=5)
    fake.delete("r2", minute=-9000)
    assert list(fake.page(since=WHILE_AGO).deleted) == ["r1"]
    assert list(fake.page().deleted) == []


def test_odk_central_repeats_reviews_and_encryption() -> None:
    system = {"submissionDate": "2026-09-01T12:00:00.000Z", "updatedAt": None, "reviewState": "rejected", "formVersion": "7"}
    row: dict[str, Any] = {
        "__id": "uuid:r1",
        "__system": system,
        "meta": {"instanceID": "uuid:r2"},
        "views": {"age": 34, "height": 1.5, "kept": None, "Child": [{"age": 3}], "Child@odata.navigationLink": "Submissions('r1')"},
    }
    submission = read("odk_central", row)
    assert (submission.response_id, submission.form_version, submission.facts["reviewState"]) == ("r1", "7", "rejected")
    assert submission.fields == {"views/age": "34", "views/height": "1.5", "views/kept": ""}
    assert submission.nested == ("views/Child",)
    with pytest.raises(Unreadable, match="encrypted"):
        read("odk_central", {**row, "__system": {**system, "status": "NotDecrypted"}})


def test_jotform_tells_of_deletions_and_gives_answers_as_the_webhook_does() -> None:
    fake = FakeJotform()
    fake.say(Said("r1"), Said("r2"))
    fake.delete("r1")
    page = fake.page()
    assert (list(page.deleted), [record.response_id for record in page.records]) == (["r1"], ["r2"])
    assert b"192.0.2.1" not in page.records[0].raw
    answers = {
        "3": {
            "name": "when",
            "type": "control_datetime",
            "answer": {"year": "2026", "month": "9", "day": "1", "datetime": "2026-09-01"},
        },
        "4": {"name": "which", "type": "control_checkbox", "answer": {"1": "A", "2": "B"}},
        "5": {"name": "why", "type": "control_textarea"},
        "6": {"name": "chosen", "type": "control_radio"},
    }
    submission = read("jotform", {"submission": {"id": "r1", "form_id": "17", "answers": answers}, "created_at": START.isoformat()})
    assert submission.fields == {"when": "2026-09-01", "which": (("A",), ("B",)), "why": ""}
    assert submission.updated_at == START


def test_a_jotform_submission_of_another_form_is_none_of_ours() -> None:
    fake = FakeJotform()
    fake.say(Said("r1"))
    with fake.client() as client:
        [(_, record)] = fake.source.fetch(fake.access(form="18"), [fake.notice("r1")], client)
    assert record is None


def test_a_formbricks_response_to_another_survey_is_none_of_ours() -> None:
    fake = FakeFormbricks()
    fake.say(Said("r1"))
    with fake.client() as client:
        [(_, record)] = fake.source.fetch(fake.access(survey="s2"), [fake.notice("r1")], client)
    assert record is None


def test_words_that_are_no_text_make_their_own_record_unreadable_and_no_page() -> None:
    """JavaScript cuts words between the two halves of an emoji, and writes what is left."""
    fake = FakeFormbricks()
    fake.say(Said("r1", words="cut here"), Said("r2"))
    honest = fake.answer

    def cut(request: httpx.Request) -> httpx.Response:
        answer = honest(request)
        return httpx.Response(answer.status_code, content=answer.content.replace(b"cut here", b"cut \\ud83d"))

    fake.answer = cut  # type: ignore[method-assign]
    records = {record.response_id: record.raw for record in fake.page().records}
    with pytest.raises(Unreadable):
        fake.source.read_record(records["r1"])
    assert fake.source.read_record(records["r2"]).response_id == "r2"


def test_limesurvey_names_options_by_code_and_label_and_columns_by_both_names() -> None:
    fake = FakeLimeSurvey()
    fake.say(Said("r1", link_records="Fine"))
    submission = only(fake)
    assert submission.fields["link_records"] == (("A3", "Fine"),)
    assert submission.value("123X1X1link_records") == submission.value("link_records")
    assert [submission.value(f"123X1X9SQ001#{scale}")[1] for scale in (0, 1)] == ["A1", "B1"]
    assert "not_shown" not in submission.fields
    assert "ipaddr" not in submission.facts


def test_limesurvey_logs_out_again() -> None:
    fake = FakeLimeSurvey()
    fake.say(Said("r1"))
    fake.page()
    methods = [json.loads(request.content)["method"] for request in fake.requests]
    assert (methods[0], methods[-1]) == ("get_session_key", "release_session_key")


def test_alchemer_drops_test_data_and_tells_trouble_in_the_body_apart() -> None:
    fake = FakeAlchemer()
    fake.say(Said("r1"))
    for code, told in ((401, AccessRefused), (429, SlowDown), (500, PlatformAway)):
        fake.moods = [httpx.Response(200, json={"result_ok": False, "code": code})]
        with pytest.raises(told):
            fake.page()
    [record] = fake.page().records
    response = json.loads(record.raw)
    assert not {"ip_address", "longitude", "user_agent"} & set(response)
    assert read("alchemer", {**response, "is_test_data": "1"}).test


def test_typeform_records_hold_nothing_of_browser_and_network() -> None:
    fake = FakeTypeform()
    fake.say(Said("r1"))
    [record] = fake.page().records
    assert b"browser" not in record.raw
    assert b"192.0.2.1" not in record.raw


def test_tally_a_question_without_a_title_has_one_name_only() -> None:
    questions = [{"id": "a", "type": "INPUT_TEXT", "title": None}, {"id": "b", "type": "INPUT_TEXT", "title": "Why?"}]
    responses = [{"questionId": each["id"], "answer": "x"} for each in questions]
    submission = read("tally", {"submission": {"id": "r1", "isCompleted": True, "responses": responses}, "questions": questions})
    assert submission.aliases == {"Why?": "question_b"}


def test_access_is_refused_where_it_is_none() -> None:
    for wrong in ({"survey": "../me"}, {"base_url": "ftp://x"}, {"base_url": "https://user@x"}, {"unknown": 1}, {"token": ""}):
        with pytest.raises(ValueError, match="validation error"):
            QualtricsAccess.model_validate({"base_url": "https://x.test", "token": "t", "survey": "SV_1", **wrong})
    with pytest.raises(ValueError, match="time zone"):
        SOURCES["jotform"].access.model_validate({"api_key": "t", "form": "1", "time_zone": "Mars/Phobos"})
