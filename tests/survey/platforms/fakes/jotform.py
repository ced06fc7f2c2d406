"""Jotform's API as far as it is asked: submissions of a form, newest first, by a filter of ids and times; and one submission."""

import json
from typing import ClassVar

import httpx
from tests.survey.platforms.fakes.fake import TOKEN, Fake, parts, query
from tests.survey.saying import Said

from assent_survey.platforms.asking import JsonObject


class FakeJotform(Fake):
    name = "jotform"
    entered: ClassVar = {"base_url": "https://eu-api.jotform.test", "form": "17", "time_zone": "Europe/London"}
    token_names = ("api_key",)
    fields: ClassVar = {"link_records": "link_records", "own_words": "own_words", "respondent": "panel", "design_weight": "weight"}
    sizes: ClassVar = {"assent_survey.platforms.jotform_api.PAGE": 2}
    has_partial = False

    def is_allowed(self, request: httpx.Request) -> bool:
        return request.headers.get("apikey") == TOKEN

    def answer(self, request: httpx.Request) -> httpx.Response:
        match parts(request):
            case ["form", "17", "submissions"]:
                return httpx.Response(200, json={"responseCode": 200, "content": self._listed(query(request))})
            case ["submission", response] if (said := self.find(response)) is not None:
                return httpx.Response(200, json={"responseCode": 200, "content": self._submission(said)})
            case _:
                return httpx.Response(404, json={"responseCode": 404, "content": ""})

    def _listed(self, asked: dict[str, str]) -> list[JsonObject]:
        assert asked["orderby"] == "id"
        wanted = json.loads(asked.get("filter", "{}"))
        found = [
            self._submission(said)
            for said in reversed(self.readable())
            if said.response < wanted.get("id:lt", "~") and _local(said) > wanted.get("created_at:gt", "")
        ]
        deleted = [{"id": id, "form_id": "17", "status": "DELETED"} for id in self.deleted if id < wanted.get("id:lt", "~")]
        return [*found, *deleted][: int(asked["limit"])]

    def _submission(self, said: Said) -> JsonObject:
        asked = {"panel": said.respondent, "weight": "1.25", "stratum": "north", **said.answers}
        answers = {
            str(number): {"name": name, "order": str(number), "text": f"Label of {name}", "type": "control_radio", "answer": value}
            for number, (name, value) in enumerate(asked.items(), start=1)
        }
        head = {"name": "heading", "order": "0", "text": "A survey", "type": "control_head"}
        return {
            "id": said.response,
            "form_id": "17",
            "ip": "192.0.2.1",
            "created_at": _local(said),
            "updated_at": None,
            "status": "ACTIVE",
            "new": "1",
            "answers": {**answers, "99": head},
        }


def _local(said: Said) -> str:
    """London's time in September."""
    return said.at[:11].replace("T", " ") + f"{int(said.at[11:13]) + 1:02}" + said.at[13:19]
