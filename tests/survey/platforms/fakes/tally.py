"""Tally's API as far as it is asked: submissions of a form, two a page, and one submission."""

from typing import ClassVar

import httpx
from tests.survey.platforms.fakes.fake import TOKEN, Fake, not_there, parts, query
from tests.survey.saying import Said

from assent_survey.platforms.asking import JsonObject

ASKED = ("agreed", "link_records", "lone_parent", "own_words")
HIDDEN = {"visitor": "", "weight": "1.25", "stratum": "north"}
FIELDS = {"link_records": "question_link_records", "own_words": "question_own_words"}


class FakeTally(Fake):
    name = "tally"
    entered: ClassVar = {"base_url": "https://tally.test", "form": "f1"}
    token_names = ("api_key",)
    is_steady = False
    fields: ClassVar = {**FIELDS, "respondent": "hidden.visitor", "design_weight": "hidden.weight"}

    def is_allowed(self, request: httpx.Request) -> bool:
        return request.headers.get("authorization") == f"Bearer {TOKEN}"

    def answer(self, request: httpx.Request) -> httpx.Response:
        match parts(request):
            case ["forms", "f1", "submissions"]:
                return httpx.Response(200, json=self._listed(query(request)))
            case ["forms", "f1", "submissions", response] if (said := self.find(response)) is not None:
                return httpx.Response(200, json={"questions": self._questions(), "submission": self._submission(said)})
            case _:
                return not_there()

    def _listed(self, asked: dict[str, str]) -> JsonObject:
        assert asked["filter"] == "all"
        found = [said for said in reversed(self.readable()) if said.at >= asked.get("startDate", "")]
        page = int(asked["page"])
        totals = {"all": len(found), "completed": 0, "partial": 0}
        return {
            "page": page,
            "limit": 2,
            "hasMore": page * 2 < len(found),
            "totalNumberOfSubmissionsPerFilter": totals,
            "questions": self._questions(),
            "submissions": [self._submission(said) for said in found[(page - 1) * 2 : page * 2]],
        }

    def _questions(self) -> list[JsonObject]:
        hidden = [{"id": f"h_{name}", "type": "HIDDEN_FIELDS", "title": name} for name in HIDDEN]
        return [*hidden, *({"id": name, "type": "TEXTAREA", "title": f"Label of {name}"} for name in ASKED)]

    def _submission(self, said: Said) -> JsonObject:
        hidden = {f"h_{name}": value for name, value in {**HIDDEN, "visitor": said.respondent}.items()}
        given = {**hidden, **{name: value if name == "own_words" else [value] for name, value in said.answers.items()}}
        return {
            "id": said.response,
            "formId": "f1",
            "respondentId": "tally-17",
            "isCompleted": said.finished,
            "submittedAt": said.at,
            "responses": [{"id": f"a_{name}", "questionId": name, "answer": value} for name, value in given.items()],
        }
