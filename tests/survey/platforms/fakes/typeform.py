"""Typeform's Responses API as far as it is asked: responses of a form, newest first, by token and by their ids."""

import json
from typing import ClassVar

import httpx
from tests.survey.platforms.fakes.fake import TOKEN, Fake, not_there, parts, query
from tests.survey.saying import Said
from tests.survey.senders_that_sign import Typeform

from assent_survey.platforms.asking import JsonObject

FIELDS = {"link_records": "ref_link_records", "own_words": "ref_own_words"}


class FakeTypeform(Fake):
    name = "typeform"
    entered: ClassVar = {"base_url": "https://typeform.test", "form": "f1"}
    fields: ClassVar = {**FIELDS, "respondent": "hidden.visitor", "design_weight": "hidden.weight"}
    sizes: ClassVar = {"assent_survey.platforms.typeform_api.PAGE": 2}
    is_steady = False

    def is_allowed(self, request: httpx.Request) -> bool:
        return request.headers.get("authorization") == f"Bearer {TOKEN}"

    def answer(self, request: httpx.Request) -> httpx.Response:
        if parts(request) != ["forms", "f1", "responses"]:
            return not_there()
        asked = query(request)
        found = sorted(self.readable(), key=lambda said: (said.minute, said.response), reverse=True)
        if "included_response_ids" in asked:
            found = [said for said in found if said.response in asked["included_response_ids"].split(",")]
        if "since" in asked:
            found = [said for said in found if said.at > asked["since"]]
        total = len(found)
        if "before" in asked:
            tokens = [said.response for said in found]
            found = found[tokens.index(asked["before"]) + 1 :]
        items = [self._item(said) for said in found[: int(asked["page_size"])]]
        return httpx.Response(200, json={"total_items": total, "page_count": 1, "items": items})

    def _item(self, said: Said) -> JsonObject:
        response: JsonObject = json.loads(Typeform().body(said))["form_response"]
        beside = {name: response[name] for name in ("token", "submitted_at", "hidden", "answers")}
        noted = {"user_agent": "Jane's browser", "network_id": "192.0.2.1"}
        kind = "completed" if said.finished else "partial"
        return {**beside, "landing_id": said.response, "response_id": said.response, "response_type": kind, "metadata": noted}
