"""What each platform's body says: shapes of answers that only that platform has."""

import json
from typing import Any

import pytest

from assent_survey.domain.submission import Submission, Unreadable
from assent_survey.platforms import PLATFORMS


def parse(name: str, body: dict[str, Any]) -> Submission:
    submission = PLATFORMS[name].parse(json.dumps(body).encode(), {})
    assert isinstance(submission, Submission)
    return submission


def typeform(*answers: dict[str, Any], **response: Any) -> Submission:
    answers = tuple({"field": {"id": f"id{number}", "ref": f"ref{number}"}, **answer} for number, answer in enumerate(answers))
    form = {"token": "t", "answers": list(answers), **response}
    return parse("typeform", {"event_id": "e", "event_type": "form_response", "form_response": form})


def test_typeform_answers_of_every_type() -> None:
    submission = typeform(
        {"type": "text", "text": "words"},
        {"type": "choice", "choice": {"id": "c1", "label": "Yes", "ref": "r1"}},
        {"type": "choice", "choice": {"other": "in my own words"}},
        {"type": "choices", "choices": {"ids": ["c1", "c2"], "labels": ["A", "B"], "refs": ["r1", "r2"], "other": "own"}},
        {"type": "number", "number": 7},
        {"type": "boolean", "boolean": True},
        {"type": "date", "date": "2026-09-01"},
        {"type": "payment", "payment": {"amount": "$1", "name": "Jane Roe"}},
        {"type": "multi_format", "multi_format": {"video_url": "https://files.example/1"}},
    )
    assert submission.fields == {
        "ref0": "words",
        "ref1": (("r1", "Yes", "c1"),),
        "ref2": (("other",),),
        "ref3": (("r1", "A", "c1"), ("r2", "B", "c2"), ("other",)),
        "ref4": 7.0,
        "ref5": True,
        "ref6": "2026-09-01",
    }
    assert submission.nested == ("ref7", "ref8")
    assert submission.value("id1") == (True, (("r1", "Yes", "c1"),))


def test_typeform_choices_are_all_there_where_a_list_of_names_is_short() -> None:
    """As a payload that was seen: three labels, one id."""
    submission = typeform({"type": "choices", "choices": {"ids": ["c1"], "labels": ["9", "10", "11"], "refs": ["r1"]}})
    assert submission.fields == {"ref0": (("9",), ("10",), ("11",))}


def test_typeform_a_response_that_says_so_is_partial_whatever_the_event() -> None:
    assert [typeform(response_type=each).finished for each in ("completed", "partial", "started")] == [True, False, False]


def test_typeform_choices_also_come_one_by_one() -> None:
    chosen = [{"id": "c1", "label": "I accept", "ref": "r1"}, {"label": "I read it"}]
    assert typeform({"type": "choices", "choices": chosen}).fields == {"ref0": (("r1", "I accept", "c1"), ("I read it",))}


def test_tally_options_are_known_by_id_and_by_text() -> None:
    options = [{"id": "o1", "text": "Fine"}, {"id": "o2", "text": "No"}]
    fields = [
        {"key": f"question_{number}", "label": "q", "type": "MULTIPLE_CHOICE", "value": value, "options": options}
        for number, value in enumerate((["o1"], "Fine", ["No", "in my own words"], None))
    ]
    submission = parse("tally", {"eventId": "e", "eventType": "FORM_RESPONSE", "data": {"responseId": "r", "fields": fields}})
    assert submission.fields == {
        "question_0": (("o1", "Fine"),),
        "question_1": (("Fine",),),
        "question_2": (("No",), ("other",)),
        "question_3": None,
    }


def test_typeform_hidden_fields_and_variables_are_facts() -> None:
    submission = typeform(
        calculated={"score": 9},
        ending={"id": "e1", "ref": "thanks"},
        hidden={"visitor": 17, "not_sent": None},
        variables=[
            {"key": "score", "type": "number", "number": 3},
            {"key": "arm", "type": "text", "text": "b"},
            {"key": "outcome", "type": "outcome_id", "outcome_id": "o1"},
        ],
    )
    told = {"calculated.score": 9, "ending.id": "e1", "ending.ref": "thanks", "variables.outcome": "o1"}
    assert submission.facts == {"hidden.visitor": "17", "variables.score": 3, "variables.arm": "b", **told}
    assert submission.text("hidden.visitor") == "17"
    assert submission.ordered_by == "arrival"


def test_typeform_names_the_version_of_a_form_by_its_definition() -> None:
    first, again = {"id": "f", "fields": [{"id": "a", "title": "One"}]}, {"fields": [{"title": "One", "id": "a"}], "id": "f"}
    versions = [typeform(definition=each).form_version for each in (first, again, {**first, "title": "new"})]
    assert versions[0] == versions[1] != versions[2]
    assert typeform().form_version is None


def test_formbricks_matrix_lists_and_facts() -> None:
    data = {
        "id": "r",
        "finished": False,
        "updatedAt": "2026-09-01T12:00:00.000Z",
        "data": {"many": ["A", "B"], "matrix": {"row one": "col"}, "skipped": "", "deep": {"a": {"b": 1}}, "n": 3},
        "contact": {"id": "c1"},
        "singleUseId": "s1",
        "language": "cy",
        "endingId": "thanks",
        "tags": [{"name": "spam"}],
        "survey": {"title": "t", "updatedAt": "2026-08-31T08:00:00.000Z"},
    }
    submission = parse("formbricks", {"event": "responseUpdated", "data": data})
    assert submission.fields == {"many": (("A",), ("B",)), "matrix.row one": "col", "skipped": "", "n": 3.0}
    assert submission.nested == ("deep.a",)
    assert submission.facts == {"contact.id": "c1", "singleUseId": "s1", "endingId": "thanks", "language": "cy"}
    assert submission.form_version == "2026-08-31T08:00:00.000Z"
    assert (submission.finished, submission.ordered_by) == (False, "updated_at")


def test_formbricks_an_event_that_a_response_is_finished_says_so_itself() -> None:
    assert parse("formbricks", {"event": "responseFinished", "data": {"id": "r", "data": {}}}).finished


def test_kobo_groups_repeats_and_root_uuid() -> None:
    body = {
        "_uuid": "second",
        "meta/rootUuid": "uuid:first",
        "meta/instanceID": "uuid:second",
        "__version__": "v1",
        "_submission_time": "2026-09-01T12:00:00",
        "group/question": "a b",
        "children": [{"children/age": "3"}],
        "start": "2026-09-01T11:00:00Z",
    }
    submission = parse("kobo", body)
    assert (submission.response_id, submission.separator, submission.finished) == ("first", " ", True)
    assert submission.fields == {"group/question": "a b"}
    assert submission.nested == ("children",)
    assert submission.form_version == "v1"
    assert submission.submitted_at is not None
    assert submission.submitted_at.isoformat() == "2026-09-01T12:00:00+00:00"


def test_standard_webhooks_version_comes_before_times() -> None:
    data = {"id": "r", "answers": {}, "version": 3, "updated_at": "2026-09-01T12:00:00Z"}
    submission = parse("standard_webhooks", {"type": "response", "timestamp": "2026-09-01T13:00:00Z", "data": data})
    assert (submission.ordered_by, submission.revision) == ("version", 3.0)
    del data["version"], data["updated_at"]
    by_event = parse("standard_webhooks", {"type": "response", "timestamp": "2026-09-01T13:00:00Z", "data": data})
    assert by_event.ordered_by == "updated_at"
    bare = parse("standard_webhooks", {"type": "response", "data": data})
    assert bare.ordered_by == "arrival"


def test_kobo_inside_the_object_of_a_payload_template() -> None:
    body = {"_uuid": "u", "group/question": "a"}
    assert parse("kobo", {"fields": body, "hook": {"name": "ours"}}) == parse("kobo", body)


def test_standard_webhooks_version_of_the_form() -> None:
    data = {"id": "r", "answers": {}, "form_version": 3, "respondent": "p1"}
    submission = parse("standard_webhooks", {"type": "response", "data": data})
    assert (submission.form_version, submission.facts) == ("3", {"respondent": "p1"})


@pytest.mark.parametrize(("given", "known"), [(17, "17"), ("17", "17"), (True, None), (1.5, None), (None, None)])
def test_an_id_may_be_a_whole_number(given: object, known: str | None) -> None:
    body = {"type": "response", "data": {"id": given, "answers": {}}}
    if known is None:
        with pytest.raises(Unreadable):
            parse("standard_webhooks", body)
    else:
        assert parse("standard_webhooks", body).response_id == known


def test_a_type_that_is_no_text_hides_nothing_of_tally() -> None:
    field = {"key": "question_a", "label": "A", "type": [], "value": "said"}
    body = {"eventId": "e", "data": {"responseId": "r", "fields": [field]}}
    submission = PLATFORMS["tally"].parse(json.dumps({**body, "eventType": "FORM_RESPONSE"}).encode(), {})
    assert isinstance(submission, Submission)
    assert submission.fields == {"question_a": "said"}
