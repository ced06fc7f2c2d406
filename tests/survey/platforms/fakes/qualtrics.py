"""Qualtrics' API, version 3, as far as it is asked: one response, and an export that is ready when it is asked about again."""

import io
import json
import zipfile
from typing import ClassVar

import httpx
from tests.survey.platforms.fakes.fake import TOKEN, Fake, at, body, not_there, parts
from tests.survey.saying import Said

from assent_survey.domain.submission import Notice
from assent_survey.platforms.asking import JsonObject

QUESTIONS = {"agreed": "QID1", "link_records": "QID2", "lone_parent": "QID3"}
CODES = {"Yes": 1, "No": 2, "Fine": 3, "If checked": 4, "Don't know": 5}


class FakeQualtrics(Fake):
    name = "qualtrics"
    entered: ClassVar = {"base_url": "https://lhr1.qualtrics.test", "survey": "SV_1"}
    fields: ClassVar = {**QUESTIONS, "own_words": "QID4_TEXT", "design_weight": "weight", "respondent": "externalDataReference"}
    sizes: ClassVar = {"assent_survey.platforms.qualtrics_api.PAGE": 2}
    has_partial = False

    def __init__(self) -> None:
        super().__init__()
        self.exports: dict[str, list[Said]] = {}
        self.asked: dict[str, int] = {}

    def notice(self, response: str) -> Notice:
        return Notice(response, address={"survey": "SV_1"})

    def is_allowed(self, request: httpx.Request) -> bool:
        return request.headers.get("x-api-token") == TOKEN

    def answer(self, request: httpx.Request) -> httpx.Response:
        match request.method, parts(request)[2:]:
            case "GET", ["surveys", "SV_1", "responses", response] if (said := self.find(response)) is not None:
                return httpx.Response(200, json={"result": self._response(said), "meta": {"httpStatus": "200 - OK"}})
            case "POST", ["surveys", "SV_1", "export-responses"]:
                export = f"ES_{len(self.exports)}"
                since = body(request).get("startDate", "")
                self.exports[export] = [said for said in self.readable() if said.at > since]
                return httpx.Response(200, json={"result": {"progressId": export, "status": "inProgress"}})
            case "GET", ["surveys", "SV_1", "export-responses", export] if export in self.exports:
                self.asked[export] = self.asked.get(export, 0) + 1
                ready = self.asked[export] > 1
                told = {"status": "complete", "fileId": f"{export}-def"} if ready else {"status": "inProgress"}
                return httpx.Response(200, json={"result": told})
            case "GET", ["surveys", "SV_1", "export-responses", file, "file"] if file.removesuffix("-def") in self.exports:
                return httpx.Response(200, content=self._zip(self.exports[file.removesuffix("-def")]))
            case _:
                return not_there()

    def _zip(self, listed: list[Said]) -> bytes:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("A survey.ndjson", "".join(json.dumps(self._response(said)) + "\n" for said in listed))
        return packed.getvalue()

    def _response(self, said: Said) -> JsonObject:
        chosen = {QUESTIONS[name]: value for name, value in said.answers.items() if name in QUESTIONS}
        return {
            "responseId": said.response,
            "values": {
                "startDate": said.at,
                "endDate": said.at,
                "status": 0,
                "ipAddress": "192.0.2.1",
                "progress": 100 if said.finished else 40,
                "finished": int(said.finished),
                "recordedDate": at(said).isoformat(),
                "recipientFirstName": "Jane",
                "recipientLastName": "Roe",
                "externalDataReference": said.respondent,
                "locationLatitude": "54.9",
                "userLanguage": "EN",
                "weight": 1.25,
                "stratum": "north",
                **{name: CODES[value] for name, value in chosen.items()},
                "QID4_TEXT": said.words,
                "QID2_DO": ["1", "2"],
            },
            "labels": {"status": "IP Address", "finished": "True", **chosen},
            "displayedFields": [*QUESTIONS.values(), "QID4_TEXT"],
            "displayedValues": {},
        }
