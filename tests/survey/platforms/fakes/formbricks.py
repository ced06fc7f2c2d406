"""Formbricks' management API, version 2, as far as it is asked: responses of a survey, and one response."""

import json
from typing import ClassVar

import httpx
from tests.survey.platforms.fakes.fake import TOKEN, Fake, not_there, parts, query
from tests.survey.saying import Said
from tests.survey.senders_that_sign import Formbricks

from assent_survey.platforms.asking import JsonObject


class FakeFormbricks(Fake):
    name = "formbricks"
    entered: ClassVar = {"base_url": "https://formbricks.test", "survey": "s1"}
    token_names = ("api_key",)
    sizes: ClassVar = {"assent_survey.platforms.formbricks_api.PAGE": 3, "assent_survey.platforms.formbricks_api.OVERLAP": 1}
    fields: ClassVar = {
        "link_records": "link_records",
        "own_words": "own_words",
        "respondent": "panel_member",
        "design_weight": "weight",
    }

    def is_allowed(self, request: httpx.Request) -> bool:
        return request.headers.get("x-api-key") == TOKEN

    def answer(self, request: httpx.Request) -> httpx.Response:
        match parts(request):
            case ["api", "v2", "management", "responses"]:
                return httpx.Response(200, json=self._listed(query(request)))
            case ["api", "v2", "management", "responses", response] if (said := self.find(response)) is not None:
                return httpx.Response(200, json={"data": self.response(said)})
            case _:
                return not_there()

    def _listed(self, asked: dict[str, str]) -> JsonObject:
        assert (asked["surveyId"], asked["sortBy"], asked["order"]) == ("s1", "createdAt", "asc")
        found = [said for said in self.readable() if said.at >= asked.get("startDate", "")]
        skip, limit = int(asked["skip"]), int(asked["limit"])
        listed = [self.response(said) for said in found[skip : skip + limit]]
        return {"data": listed, "meta": {"total": len(found), "limit": limit, "offset": skip}}

    def response(self, said: Said) -> JsonObject:
        """As the webhook has it, but for the contact, of whom the API tells the id only."""
        response: JsonObject = json.loads(Formbricks().body(said))["data"]
        del response["contact"]
        return {**response, "contactId": None}
