"""Deliveries of the platforms that sign them: one respondent's answers to the test instrument, in each platform's own layout."""

import json
from typing import Any

from tests.survey.saying import START, Said, Sender, mapping


class StandardWebhooks(Sender):
    name = "standard_webhooks"
    proof_header = "webhook-signature"
    orders_edits = True
    sends_partials = True
    mapping = mapping(
        respondent="respondent",
        agreed="agreed",
        link_records="link_records",
        lone_parent="lone_parent",
        own_words="own_words",
        design_weight="weight",
        design_stratum="stratum",
    )

    def body(self, said: Said, event: str = "e1") -> bytes:
        data = {
            "id": said.response,
            "respondent": said.respondent,
            "answers": {**said.answers, "weight": 1.25, "stratum": "north"},
            "finished": said.finished,
            "updated_at": said.at,
        }
        return json.dumps({"type": "response", "timestamp": said.at, "data": data}).encode()


class Formbricks(Sender):
    name = "formbricks"
    proof_header = "webhook-signature"
    orders_edits = True
    sends_partials = True
    mapping = mapping(
        respondent="panel_member",
        agreed="agreed",
        link_records="link_records",
        lone_parent="lone_parent",
        own_words="own_words",
        design_weight="weight",
        design_stratum="stratum",
    )

    def body(self, said: Said, event: str = "e1") -> bytes:
        data = {
            "id": said.response,
            "surveyId": "s1",
            "finished": said.finished,
            "createdAt": START.isoformat(),
            "updatedAt": said.at,
            "data": {**said.answers, "panel_member": said.respondent, "weight": 1.25, "stratum": "north"},
            "ttc": {"agreed": 900 + said.minute},
            "contact": None,
            "meta": {"url": "https://forms.example/s1"},
        }
        kind = "responseFinished" if said.finished else "responseUpdated"
        return json.dumps({"webhookId": "w1", "event": kind, "data": data}).encode()


class Typeform(Sender):
    name = "typeform"
    proof_header = "typeform-signature"
    sends_partials = True
    mapping = mapping(
        respondent="hidden.visitor",
        agreed="ref_agreed",
        link_records="ref_link_records",
        lone_parent="ref_lone_parent",
        own_words="ref_own_words",
        design_weight="hidden.weight",
        design_stratum="hidden.stratum",
    )

    def body(self, said: Said, event: str = "e1") -> bytes:
        answers = [self._answer(name, value) for name, value in said.answers.items()]
        response = {
            "form_id": "f1",
            "token": said.response,
            "submitted_at": said.at,
            "hidden": {"visitor": said.respondent, "weight": "1.25", "stratum": "north"},
            "definition": {"id": "f1", "title": "t", "fields": []},
            "answers": answers,
        }
        kind = "form_response" if said.finished else "form_response_partial"
        return json.dumps({"event_id": event, "event_type": kind, "form_response": response}).encode()

    def _answer(self, name: str, value: str) -> dict[str, Any]:
        question = {"id": f"id_{name}", "ref": f"ref_{name}", "type": "multiple_choice"}
        if name == "own_words":
            return {"type": "text", "text": value, "field": question}
        return {"type": "choice", "choice": {"id": f"c_{value}", "label": value, "ref": f"cref_{value}"}, "field": question}


class Tally(Sender):
    name = "tally"
    proof_header = "tally-signature"
    mapping = mapping(
        respondent="hidden.visitor",
        agreed="question_agreed",
        link_records="question_link_records",
        lone_parent="question_lone_parent",
        own_words="question_own_words",
        design_weight="hidden.weight",
        design_stratum="hidden.stratum",
    )

    def body(self, said: Said, event: str = "e1") -> bytes:
        hidden = {"visitor": said.respondent, "weight": "1.25", "stratum": "north"}
        facts = [{"key": f"h_{name}", "label": name, "type": "HIDDEN_FIELDS", "value": value} for name, value in hidden.items()]
        data = {
            "responseId": said.response,
            "submissionId": said.response,
            "respondentId": "tally-17",
            "formId": "f1",
            "formName": "t",
            "createdAt": said.at,
            "fields": [*facts, *(self._field(name, value) for name, value in said.answers.items())],
        }
        return json.dumps({"eventId": event, "eventType": "FORM_RESPONSE", "createdAt": said.at, "data": data}).encode()

    def _field(self, name: str, value: str) -> dict[str, Any]:
        field = {"key": f"question_{name}", "label": f"Label of {name}"}
        if name == "own_words":
            return {**field, "type": "TEXTAREA", "value": value}
        options = [{"id": f"o_{text}", "text": text} for text in dict.fromkeys((value, "Something else"))]
        return {**field, "type": "MULTIPLE_CHOICE", "value": [f"o_{value}"], "options": options}


class GoogleForms(Sender):
    name = "google_forms"
    proof_header = "webhook-signature"
    orders_edits = True
    mapping = mapping(
        respondent="Label of panel",
        agreed="Label of agreed",
        link_records="Label of link_records",
        lone_parent="Label of lone_parent",
        own_words="Label of own_words",
        design_weight="Label of weight",
        design_stratum="Label of stratum",
    )

    def body(self, said: Said, event: str = "e1") -> bytes:
        asked = {**said.answers, "panel": said.respondent, "weight": "1.25", "stratum": "north"}
        answers = [
            {"itemId": 100 + number, "title": f"Label of {name}", "type": "TEXT", "value": value}
            for number, (name, value) in enumerate(asked.items())
        ]
        times = {"submittedAt": said.at, "updatedAt": said.at}
        return json.dumps({"v": 1, "formId": "f1", "responseId": said.response, **times, "answers": answers}).encode()
