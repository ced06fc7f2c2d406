"""KoboToolbox's API, version 2, as far as it is asked: the data of an asset, by a query of a few operators."""

import json
from typing import Any, ClassVar

import httpx
from tests.survey.platforms.fakes.fake import TOKEN, Fake, parts, query
from tests.survey.saying import Said
from tests.survey.senders_with_a_secret import Kobo

from assent_survey.platforms.asking import JsonObject

FIELDS = {"agreed": "views/agreed", "link_records": "views/link_records", "own_words": "views/own_words"}


class FakeKobo(Fake):
    name = "kobo"
    entered: ClassVar = {"base_url": "https://kobo.test", "asset": "aAbB12"}
    fields: ClassVar = {**FIELDS, "respondent": "who/panel_id", "design_weight": "design/weight"}
    sizes: ClassVar = {"assent_survey.platforms.kobo_api.PAGE": 2}
    has_partial = False

    def is_allowed(self, request: httpx.Request) -> bool:
        return request.headers.get("authorization") == f"Token {TOKEN}"

    def answer(self, request: httpx.Request) -> httpx.Response:
        if parts(request) != ["api", "v2", "assets", "aAbB12", "data"] or not request.url.path.endswith("/"):
            return httpx.Response(404, json={"detail": "Not found."})
        asked = query(request)
        wanted = json.loads(asked["query"])
        assert json.loads(asked["sort"]) == {"_id": 1}
        found = [row for row in map(self._row, self.readable()) if _fits(row, wanted)]
        limit = int(asked["limit"])
        onward = "https://kobo.test/next" if len(found) > limit else None
        return httpx.Response(200, json={"count": len(found), "next": onward, "previous": None, "results": found[:limit]})

    def _row(self, said: Said) -> JsonObject:
        row: JsonObject = json.loads(Kobo().body(said))
        return {**row, "_id": 1000 + int(said.response.removeprefix("r"))}


def _fits(row: JsonObject, wanted: JsonObject) -> bool:
    """The part of the query language that is used: $or, $in and $gt."""
    for name, condition in wanted.items():
        if name == "$or":
            if not any(_fits(row, each) for each in condition):
                return False
        elif not _meets(row.get(name), condition):
            return False
    return True


def _meets(value: Any, condition: JsonObject) -> bool:
    [(operator, operand)] = condition.items()
    if value is None:
        return False
    return bool(value in operand) if operator == "$in" else bool(value > operand)
