"""Deliveries of the platforms that send a secret along: one respondent's answers, in each platform's own layout."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode
from xml.etree.ElementTree import Element, SubElement, tostring

from tests.survey.saying import Said, Sender, mapping

from assent_survey.platforms.face import PATH_SECRET

XFORM_MAPPING = mapping(
    respondent="who/panel_id",
    agreed="views/agreed",
    link_records="views/link_records",
    lone_parent="you/lone_parent",
    own_words="views/own_words",
    design_weight="design/weight",
    design_stratum="design/stratum",
)
_GROUPS = {"lone_parent": "you"}


def paths(said: Said) -> dict[str, str]:
    """What was said, by the path of each question in a form with groups."""
    answers = {f"{_GROUPS.get(name, 'views')}/{name}": value for name, value in said.answers.items()}
    return {"who/panel_id": said.respondent, "design/weight": "1.25", "design/stratum": "north", **answers}


def instance(said: Said) -> bytes:
    """What was said as an XForms instance."""
    root = Element("data", {"id": "acceptable", "version": "7"})
    for path, value in {**paths(said), "meta/instanceID": f"uuid:{said.response}"}.items():
        group, name = path.split("/")
        found = root.find(group)
        SubElement(SubElement(root, group) if found is None else found, name).text = value
    return tostring(root, encoding="utf-8", xml_declaration=True)


def multipart(xml: bytes, **attachments: bytes) -> bytes:
    """An instance with its attachments, as OpenRosa clients send them."""
    files = {"xml_submission_file": ("text/xml", xml), **{name: ("image/jpeg", content) for name, content in attachments.items()}}
    parts = [
        f'--made-by-us\r\nContent-Disposition: form-data; name="{name}"; filename="{name}"\r\nContent-Type: {kind}\r\n\r\n'.encode()
        + content
        + b"\r\n"
        for name, (kind, content) in files.items()
    ]
    return b"".join([*parts, b"--made-by-us--\r\n"])


def brackets(tree: Any, path: str) -> Iterator[tuple[str, str]]:
    """A tree as PHP writes it into the names of a form."""
    if not isinstance(tree, dict):
        yield path, str(tree)
        return
    for name, value in tree.items():
        yield from brackets(value, f"{path}[{name}]")


class Kobo(Sender):
    name = "kobo"
    proof_header = "x-webhook-secret"
    mapping = XFORM_MAPPING

    def body(self, said: Said, event: str = "e1") -> bytes:
        return json.dumps(
            {
                "_id": 17,
                "_uuid": f"{said.response}-v",
                "meta/rootUuid": f"uuid:{said.response}",
                "_submission_time": said.at.removesuffix("Z"),
                "_attachments": [],
                "_geolocation": [None, None],
                **paths(said),
            }
        ).encode()

    def other_bodies(self, said: Said) -> list[bytes]:
        return [instance(said)]


class OdkCentral(Sender):
    name = "odk_central"
    proof_header = "x-api-key"
    mapping = XFORM_MAPPING

    def body(self, said: Said, event: str = "e1") -> bytes:
        xml = instance(said).decode()
        return json.dumps({"type": "submission.create", "id": f"uuid:{said.response}", "data": {"xml": xml}}).encode()


class OpenRosa(Sender):
    name = "openrosa"
    proof_header = PATH_SECRET
    mapping = XFORM_MAPPING

    def body(self, said: Said, event: str = "e1") -> bytes:
        return multipart(instance(said))

    def other_bodies(self, said: Said) -> list[bytes]:
        return [multipart(instance(said), photo=b"\xff\xd8 no photo"), instance(said)]

    def garbled(self, raw: bytes, name: str) -> bytes:
        return raw.replace(b"instanceID", b"nobody")


class LimeSurvey(Sender):
    name = "limesurvey"
    proof_header = None
    mapping = mapping(
        respondent="token",
        agreed="123X1X1agreed",
        link_records="123X1X1link_records",
        lone_parent="123X1X1lone_parent",
        own_words="123X1X1own_words",
        design_weight="123X1X2weight",
        design_stratum="123X1X2stratum",
    )

    def body(self, said: Said, event: str = "e1") -> bytes:
        return json.dumps(self._said(said)).encode()

    def other_bodies(self, said: Said) -> list[bytes]:
        whole = self._said(said)
        flat = {name: value for name, value in whole.items() if isinstance(value, str | int)}
        as_json = urlencode({**flat, "response": json.dumps(whole["response"])})
        in_brackets = urlencode({**flat, **{f"response[{name}]": value for name, value in whole["response"].items()}})
        return [as_json.encode(), in_brackets.encode()]

    def sealed(self, raw: bytes, proof: str | None) -> bytes:
        if proof is None:
            return raw
        if not raw.startswith(b"{"):
            return raw + b"&api_token=" + proof.encode()
        inside = raw.removeprefix(b"{").lstrip()
        return b'{"api_token": ' + json.dumps(proof).encode() + (b"" if inside.startswith(b"}") else b", ") + inside

    def garbled(self, raw: bytes, name: str) -> bytes:
        return raw.replace(b'"respondId"', b'"nobody"')

    def _said(self, said: Said) -> dict[str, Any]:
        row = {"id": "7", "submitdate": said.at, "lastpage": "2", "startlanguage": "en", "seed": "5", "token": said.respondent}
        answers = {f"123X1X1{name}": value for name, value in said.answers.items()}
        return {
            "survey": 123,
            "event": "afterSurveyComplete",
            "respondId": said.response,
            "response": {**row, **answers, "123X1X2weight": "1.25", "123X1X2stratum": "north"},
            "submitDate": "1980-01-01 00:00:00",
            "token": said.respondent,
        }


class Jotform(Sender):
    name = "jotform"
    proof_header = PATH_SECRET
    mapping = mapping(
        respondent="q1",
        agreed="agreed",
        link_records="link_records",
        lone_parent="lone_parent",
        own_words="own_words",
        design_weight="weight",
        design_stratum="3",
    )

    def body(self, said: Said, event: str = "e1") -> bytes:
        parts = [
            f'--made-by-us\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode() + value.encode() + b"\r\n"
            for name, value in self._parts(said).items()
        ]
        return b"".join([*parts, b"--made-by-us--\r\n"])

    def other_bodies(self, said: Said) -> list[bytes]:
        return [urlencode(self._parts(said)).encode()]

    def garbled(self, raw: bytes, name: str) -> bytes:
        return raw.replace(b'"submissionID"', b'"nobody"')

    def _parts(self, said: Said) -> dict[str, str]:
        asked = {"panel": said.respondent, "weight": "1.25", "stratum": "north", **said.answers}
        questions = {f"q{number}_{name}": value for number, (name, value) in enumerate(asked.items(), start=1)}
        raw_request = json.dumps({"slug": "submit/17", **questions, "event_id": "17_x"}, ensure_ascii=False)
        return {"formID": "17", "submissionID": said.response, "type": "WEB", "rawRequest": raw_request}


class Alchemer(Sender):
    name = "alchemer"
    proof_header = PATH_SECRET
    sends_partials = True
    mapping = mapping(
        respondent="url.visitor",
        agreed="Label of agreed",
        link_records="Label of link_records",
        lone_parent="Label of lone_parent",
        own_words="Label of own_words",
        design_weight="url.weight",
        design_stratum="url.stratum",
    )

    def body(self, said: Said, event: str = "e1") -> bytes:
        return json.dumps(self._said(said)).encode()

    def other_bodies(self, said: Said) -> list[bytes]:
        response = self._said(said)
        wrapped, in_form = json.dumps({"response": response}), urlencode({"response": json.dumps(response)})
        return [wrapped.encode(), in_form.encode(), urlencode(dict(brackets(response, "response"))).encode()]

    def _said(self, said: Said) -> dict[str, Any]:
        url = {"visitor": said.respondent, "weight": "1.25", "stratum": "north"}
        return {
            "id": said.response,
            "status": "Complete" if said.finished else "Partial",
            "is_test_data": "0",
            "date_submitted": said.at[:19].replace("T", " "),
            "url_variables": {name: {"key": name, "value": value, "type": "url"} for name, value in url.items()},
            "survey_data": {
                str(number): {"id": number, "question": f"Label of {name}", "shown": "1", **self._answer(name, value)}
                for number, (name, value) in enumerate(said.answers.items(), start=2)
            },
        }

    def _answer(self, name: str, value: str) -> dict[str, Any]:
        return (
            {"type": "ESSAY", "answer": value} if name == "own_words" else {"type": "RADIO", "answer": value, "answer_id": "10001"}
        )


class MicrosoftForms(Sender):
    name = "microsoft_forms"
    proof_header = "x-webhook-secret"
    mapping = mapping(
        respondent="r_panel",
        agreed="r_agreed",
        link_records="r_link_records",
        lone_parent="r_lone_parent",
        own_words="Label of own_words",
        design_weight="r_weight",
        design_stratum="r_stratum",
    )

    def body(self, said: Said, event: str = "e1") -> bytes:
        asked = {**said.answers, "panel": said.respondent, "weight": "1.25", "stratum": "north"}
        answers = {f"r_{name}": value for name, value in asked.items()}
        names = {f"r_{name}": f"Label of {name}" for name in asked}
        beside = {"responder": "somebody@example.org", "submitDate": "9/1/2026 12:00:00 PM"}
        facts = {"v": 1, "formId": "f1", "responseId": said.response, "submittedAt": said.at}
        return json.dumps({**facts, "answers": {**beside, **answers}, "names": names}).encode()


class SurveyJs(Sender):
    name = "surveyjs"
    proof_header = "x-webhook-secret"
    orders_edits = True
    sends_partials = True
    mapping = mapping(
        respondent="respondent",
        agreed="agreed",
        link_records="views.link_records",
        lone_parent="lone_parent",
        own_words="own_words",
        design_weight="weight",
        design_stratum="stratum",
    )

    def body(self, said: Said, event: str = "e1") -> bytes:
        answers = {**said.answers, "weight": 1.25, "stratum": "north"}
        if "link_records" in answers:
            answers["views"] = {"link_records": answers.pop("link_records")}  # a row of a matrix
        page = {"completed": True} if said.finished else {"currentPageNo": 1}
        facts = {"formId": "f1", "responseId": said.response, "respondent": said.respondent, "updatedAt": said.at}
        return json.dumps({**facts, **page, "data": answers}).encode()
