"""LimeSurvey's RemoteControl 2 as far as it is asked: JSON-RPC over one address, with a session key for everything."""

import base64
import json
from typing import Any, ClassVar

import httpx
from tests.survey.platforms.fakes.fake import TOKEN, Fake, body
from tests.survey.saying import Said

from assent_survey.platforms.asking import JsonObject

CODES = {"Yes": "A1", "No": "A2", "Fine": "A3", "If checked": "A4", "Don't know": "A5"}
CHOSEN = ("agreed", "link_records", "lone_parent")


class FakeLimeSurvey(Fake):
    name = "limesurvey"
    entered: ClassVar = {"base_url": "https://lime.test/surveys", "username": "reader", "survey": 123}
    token_names = ("password",)
    fields: ClassVar = {
        "link_records": "123X1X1link_records",
        "own_words": "own_words",
        "respondent": "token",
        "design_weight": "weight",
    }
    sizes: ClassVar = {"assent_survey.platforms.limesurvey_api.PAGE": 2}
    tells_since = False

    def response_id(self, response: str) -> str:
        return f"123/{self.number(response)}"

    def number(self, response: str) -> int:
        """LimeSurvey's number of a response."""
        return int(response.removeprefix("r")) + 10

    def is_allowed(self, request: httpx.Request) -> bool:
        return True  # it answers 200 and says in the body that it refuses

    def answer(self, request: httpx.Request) -> httpx.Response:
        assert request.url.path == "/surveys/index.php/admin/remotecontrol"
        called = body(request)
        result = self._call(called["method"], called["params"])
        return httpx.Response(200, json={"id": called["id"], "result": result, "error": None})

    def _call(self, method: str, params: list[Any]) -> Any:
        match method, params:
            case "get_session_key", ["reader", password, _]:
                return "key" if password == TOKEN else {"status": "Invalid user name or password"}
            case "release_session_key", ["key"]:
                return "OK"
            case "get_fieldmap", ["key", 123]:
                scales = {
                    f"123X1X9SQ001#{scale}": {"title": "both", "aid": "SQ001", "type": "1", "scale_id": scale} for scale in (0, 1)
                }
                return scales | {
                    f"123X1X1{name}": {"title": name, "aid": "", "type": "L"} for name in (*CHOSEN, "own_words", "weight")
                }
            case "export_responses", ["key", 123, "json", None, "all", "code", kind, first, last, columns, None]:
                return self._export(kind, first, last, columns)
            case _, ["key", *_]:
                raise AssertionError(f"{method} is not asked so")
            case _:
                return {"status": "Invalid session key"}

    def _export(self, kind: str, first: int, last: int | None, columns: list[str] | None) -> Any:
        found = [said for said in self.readable() if first <= self.number(said.response) <= (last or 10**9)]
        if not found:
            return {"status": "No Data, survey table does not exist."}
        rows = [self._row(said, labelled=kind == "long") for said in found]
        kept = [{name: value for name, value in row.items() if columns is None or name in columns} for row in rows]
        return base64.b64encode(json.dumps({"responses": kept}).encode()).decode()

    def _row(self, said: Said, *, labelled: bool) -> JsonObject:
        answers = {name: value if labelled or name not in CHOSEN else CODES[value] for name, value in said.answers.items()}
        return {
            "id": str(self.number(said.response)),
            "submitdate": said.at[:19].replace("T", " ") if said.finished else None,
            "lastpage": "2",
            "startlanguage": "en",
            "seed": "5",
            "ipaddr": "192.0.2.1",
            "token": said.respondent,
            **answers,
            "weight": "1.25",
            "both[SQ001][1]": "A1",
            "both[SQ001][2]": "B1",
            "not_shown": None,
        }
