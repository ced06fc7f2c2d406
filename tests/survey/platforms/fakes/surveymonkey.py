"""SurveyMonkey's API, version 3, as far as it is asked: bulk, one response, and the survey's details."""

from typing import ClassVar

import httpx
from tests.survey.platforms.fakes.fake import TOKEN, Fake, at, not_there, parts, query
from tests.survey.saying import Said

from assent_survey.domain.submission import Notice
from assent_survey.platforms.asking import JsonObject
from assent_survey.platforms.surveymonkey_api import SurveyMonkeyApi

CHOICES = {"Yes": "c1", "No": "c2", "Fine": "c3", "If checked": "c4", "Don't know": "c5"}
QUESTIONS = {"agreed": "q1", "link_records": "q2", "lone_parent": "q3"}


class FakeSurveyMonkey(Fake):
    name = "surveymonkey"
    entered: ClassVar = {"base_url": "https://sm.test/v3", "survey": "s1"}
    fields: ClassVar = {**QUESTIONS, "own_words": "q4", "design_weight": "custom_variables.weight", "respondent": "custom_value"}
    sizes: ClassVar = {"assent_survey.platforms.surveymonkey_api.PAGE": 2}
    is_steady = False

    def __init__(self) -> None:
        super().__init__()
        source = self.source
        assert isinstance(source, SurveyMonkeyApi)
        source.wordings.forget()

    def notice(self, response: str) -> Notice:
        said = self.said.get(response)
        return Notice(response, address={"survey": "s1", **({"at": said.at} if said else {})})

    def is_allowed(self, request: httpx.Request) -> bool:
        return request.headers.get("authorization") == f"bearer {TOKEN}"

    def answer(self, request: httpx.Request) -> httpx.Response:
        match parts(request):
            case ["v3", "surveys", "s1", "details"]:
                return httpx.Response(200, json=self._details())
            case ["v3", "surveys", "s1", "responses", "bulk"]:
                return httpx.Response(200, json=self._bulk(query(request)))
            case ["v3", "surveys", "s1", "responses", response, "details"] if (said := self.find(response)) is not None:
                return httpx.Response(200, json=self._response(said))
            case _:
                return not_there()

    def _bulk(self, wanted: dict[str, str]) -> JsonObject:
        assert wanted["sort_by"] == "date_modified"
        since = wanted.get("start_modified_at", "")
        found = sorted((said for said in self.readable() if said.at > since), key=lambda said: said.minute)
        page, size = int(wanted["page"]), int(wanted["per_page"])
        assert size <= 100
        links = {"next": "https://sm.test/next"} if page * size < len(found) else {}
        listed = [self._response(said) for said in found[(page - 1) * size : page * size]]
        return {"data": listed, "page": page, "per_page": size, "total": len(found), "links": links}

    def _response(self, said: Said) -> JsonObject:
        questions = [
            {"id": QUESTIONS[name], "answers": [{"choice_id": CHOICES[value]}]}
            for name, value in said.answers.items()
            if name in QUESTIONS
        ]
        return {
            "id": said.response,
            "survey_id": "s1",
            "collector_id": "col1",
            "recipient_id": "0",
            "ip_address": "192.0.2.1",
            "email_address": "jane.roe@example.org",
            "response_status": "completed" if said.finished else "partial",
            "collection_mode": "default",
            "custom_value": said.respondent,
            "custom_variables": {"weight": "1.25", "stratum": "north"},
            "date_created": said.at,
            "date_modified": at(said).isoformat(),
            "pages": [{"id": "p1", "questions": [*questions, {"id": "q4", "answers": [{"text": said.words}]}]}],
        }

    def _details(self) -> JsonObject:
        choices = [{"id": id, "text": text} for text, id in CHOICES.items()]
        other = {"id": "c9", "text": "Something else"}
        questions = [{"id": id, "answers": {"choices": choices, "other": other}} for id in QUESTIONS.values()]
        return {"id": "s1", "pages": [{"id": "p1", "questions": [*questions, {"id": "q4"}]}]}
