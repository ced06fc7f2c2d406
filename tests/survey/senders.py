"""Deliveries as the platforms send them: one respondent's answers to the test instrument, in each platform's own layout."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

START = datetime(2026, 9, 1, 12, 0, tzinfo=UTC)

INSTRUMENT: dict[str, Any] = {
    "title": "What parents find acceptable",
    "items": [
        {
            "name": "agreed",
            "wording": "Do you agree to take part?",
            "kind": "single",
            "role": "consent",
            "scale": [{"option": "yes", "label": "Yes"}, {"option": "no", "label": "No"}],
            "supports": ["yes"],
        },
        {
            "name": "link_records",
            "wording": "Your council joins school and police records. How acceptable is this?",
            "kind": "single",
            "role": "attitude",
            "scale": [
                {"option": "acceptable", "label": "Acceptable"},
                {"option": "with_check", "label": "Acceptable if checked"},
                {"option": "unacceptable", "label": "Not acceptable"},
            ],
            "missing": {"dont_know": "dont_know", "refused": "prefer_not"},
            "practice": {"data_types": ["school_records", "police_records"], "operation": "link"},
            "supports": ["acceptable"],
            "conditional": ["with_check"],
            "opposes": ["unacceptable"],
            "condition": {"safeguards": ["independent_oversight"]},
        },
        {
            "name": "lone_parent",
            "wording": "Are you bringing up a child on your own?",
            "kind": "single",
            "role": "demographic",
            "scale": [{"option": "yes", "label": "Yes"}, {"option": "no", "label": "No"}],
            "missing": {"refused": "prefer_not"},
            "variable": "lone_parent",
            "groups": {"yes": "lone", "no": "couple"},
        },
        {"name": "own_words", "wording": "Why?", "kind": "text", "role": "attitude"},
        {"name": "design_weight", "wording": "Weight", "kind": "number", "role": "weight"},
        {"name": "design_stratum", "wording": "Stratum", "kind": "single", "role": "stratum"},
    ],
}

COLLECTION: dict[str, Any] = {
    "wave": "2026",
    "population": "Parents of children under 16",
    "sampling": "probability",
    "mode": "web",
    "fieldwork": {"from": "2026-09-01"},
    "issued": 1000,
    "weight": "design_weight",
    "stratum": "design_stratum",
}


def mapping(**fields: str) -> dict[str, Any]:
    """A mapping of the test instrument; `fields` are the platform's names of respondent and items."""
    acceptable = {
        "Fine": "acceptable",
        "If checked": "with_check",
        "No": "unacceptable",
        "Don't know": "dont_know",
        "-": "prefer_not",
    }
    return {
        "respondent": fields["respondent"],
        "items": {
            "agreed": {"field": fields["agreed"], "codes": {"Yes": "yes", "No": "no"}},
            "link_records": {"field": fields["link_records"], "codes": acceptable},
            "lone_parent": {"field": fields["lone_parent"], "codes": {"Yes": "yes", "No": "no", "-": "prefer_not"}},
            "own_words": {"field": fields["own_words"]},
            "design_weight": {"field": fields["design_weight"]},
            "design_stratum": {"field": fields["design_stratum"]},
        },
        "ignore": [],
    }


@dataclass(frozen=True)
class Said:
    """What a respondent said, and when; `minute` counts from START and orders edits."""

    response: str = "r1"
    respondent: str = "panel-0001"
    link_records: str | None = "No"
    words: str = "because of Jane Roe"
    finished: bool = True
    minute: int = 0
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def at(self) -> str:
        return (START + timedelta(minutes=self.minute)).isoformat(timespec="milliseconds").replace("+00:00", "Z")

    @property
    def answers(self) -> dict[str, Any]:
        """The answers without those that were not given."""
        given = {"agreed": "Yes", "link_records": self.link_records, "lone_parent": "Yes", "own_words": self.words}
        return {**{name: value for name, value in given.items() if value is not None}, **self.extra}


class Sender:
    """How one platform would send what somebody said."""

    name: str
    mapping: dict[str, Any]
    orders_edits = True

    def body(self, said: Said, event: str = "e1") -> bytes:
        raise NotImplementedError


class StandardWebhooks(Sender):
    name = "standard_webhooks"
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
    orders_edits = False
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


class Kobo(Sender):
    name = "kobo"
    orders_edits = False
    mapping = mapping(
        respondent="who/panel_id",
        agreed="views/agreed",
        link_records="views/link_records",
        lone_parent="you/lone_parent",
        own_words="views/own_words",
        design_weight="design/weight",
        design_stratum="design/stratum",
    )

    def body(self, said: Said, event: str = "e1") -> bytes:
        rooms = {"agreed": "views", "link_records": "views", "lone_parent": "you", "own_words": "views"}
        return json.dumps(
            {
                "_id": 17,
                "_uuid": f"{said.response}-v",
                "meta/rootUuid": f"uuid:{said.response}",
                "_submission_time": said.at.removesuffix("Z"),
                "_attachments": [],
                "_geolocation": [None, None],
                "who/panel_id": said.respondent,
                "design/weight": "1.25",
                "design/stratum": "north",
                **{f"{rooms.get(name, 'views')}/{name}": value for name, value in said.answers.items()},
            }
        ).encode()


SENDERS: dict[str, Sender] = {sender.name: sender for sender in (StandardWebhooks(), Formbricks(), Typeform(), Kobo())}
