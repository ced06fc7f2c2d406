"""Alchemer's API, version 5, as far as it is asked: responses of a survey, and one response. It says in the body what is wrong."""

import json
from typing import ClassVar

import httpx
from tests.survey.platforms.fakes.fake import TOKEN, Fake, parts, query
from tests.survey.saying import Said
from tests.survey.senders_with_a_secret import Alchemer

from assent_survey.platforms.asking import JsonObject


class FakeAlchemer(Fake):
    name = "alchemer"
    entered: ClassVar = {"base_url": "https://api.alchemer.test", "survey": "55"}
    token_names = ("api_token", "api_token_secret")
    fields: ClassVar = {
        "link_records": "Label of link_records",
        "own_words": "Label of own_words",
        "respondent": "url.visitor",
        "design_weight": "url.weight",
    }
    sizes: ClassVar = {"assent_survey.platforms.alchemer_api.PAGE": 2}
    is_steady = False

    def is_allowed(self, request: httpx.Request) -> bool:
        return True  # it answers 200 and says in the body that it refuses

    def answer(self, request: httpx.Request) -> httpx.Response:
        asked = query(request)
        if (asked["api_token"], asked["api_token_secret"]) != (TOKEN, TOKEN):
            return httpx.Response(200, json={"result_ok": False, "code": 401, "message": "Login failed / Invalid auth token"})
        match parts(request):
            case ["v5", "survey", "55", "surveyresponse"]:
                return httpx.Response(200, json=self._listed(asked))
            case ["v5", "survey", "55", "surveyresponse", response] if (said := self.find(response)) is not None:
                return httpx.Response(200, json={"result_ok": True, "data": self._response(said)})
            case _:
                return httpx.Response(200, json={"result_ok": False, "code": 404, "message": "Invalid response"})

    def _listed(self, asked: dict[str, str]) -> JsonObject:
        since = asked.get("filter[value][0]", "")
        found = [each for each in map(self._response, self.readable()) if each["date_submitted"] >= since]
        page, size = int(asked["page"]), int(asked["resultsperpage"])
        listed = found[(page - 1) * size : page * size]
        pages = -(-len(found) // size)
        return {"result_ok": True, "total_count": str(len(found)), "page": page, "total_pages": pages, "data": listed}

    def _response(self, said: Said) -> JsonObject:
        response: JsonObject = json.loads(Alchemer().body(said))
        local = f"{said.at[:10]} {int(said.at[11:13]) - 4:02}{said.at[13:19]} EDT"  # New York's time in September
        return {**response, "date_submitted": local, "ip_address": "192.0.2.1", "longitude": "-1.6", "user_agent": "Jane's browser"}
