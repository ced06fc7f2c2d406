"""ODK Central's OData feed of one form and its audit log, as far as they are asked; this user may or may not read the log."""

import base64
import re
from typing import ClassVar

import httpx
from tests.survey.platforms.fakes.fake import TOKEN, Fake, at, not_there, parts, query
from tests.survey.saying import START, Said
from tests.survey.senders_with_a_secret import paths

from assent_survey.platforms.asking import JsonObject

FIELDS = {"link_records": "views/link_records", "own_words": "views/own_words"}


class FakeOdkCentral(Fake):
    name = "odk_central"
    entered: ClassVar = {"base_url": "https://central.test", "email": "viewer@example.org", "project": 7, "form": "acceptable"}
    token_names = ("password",)
    fields: ClassVar = {**FIELDS, "respondent": "who/panel_id", "design_weight": "design/weight"}
    sizes: ClassVar = {"assent_survey.platforms.odk_central_api.PAGE": 2}
    has_partial = False
    reads_audits = True

    def is_allowed(self, request: httpx.Request) -> bool:
        credentials = base64.b64encode(f"viewer@example.org:{TOKEN}".encode()).decode()
        return request.headers.get("authorization") == f"Basic {credentials}"

    def answer(self, request: httpx.Request) -> httpx.Response:
        match parts(request):
            case ["v1", "projects", "7", "forms", "acceptable.svc", "Submissions"]:
                return self._feed(query(request))
            case ["v1", "projects", "7", "forms", "acceptable.svc", table]:
                named = re.fullmatch(r"Submissions\('uuid:(\w+)'\)", table)
                said = self.find(named[1]) if named else None
                return httpx.Response(200, json={"value": [self._row(said)]}) if said else not_there()
            case ["v1", "audits"]:
                return self._audits(query(request)) if self.reads_audits else httpx.Response(403)
            case _:
                return not_there()

    def _feed(self, asked: dict[str, str]) -> httpx.Response:
        wanted = asked.get("$filter", "")
        since = wanted.rpartition(" gt ")[2]
        if "deletedAt" in wanted:
            return httpx.Response(200, json={"value": [{"__id": f"uuid:{id}"} for id in self._deleted_since(since)]})
        assert not wanted or "submissionDate gt" in wanted
        assert (asked["$expand"], asked["$count"]) == ("*", "true")
        found = [said for said in self.readable() if said.at > since]
        begin = [said.response for said in found].index(asked["$skiptoken"]) + 1 if "$skiptoken" in asked else 0
        listed = found[begin : begin + int(asked["$top"])]
        answer: JsonObject = {
            "@odata.context": "#Submissions",
            "value": [self._row(said) for said in listed],
            "@odata.count": len(found),
        }
        if begin + len(listed) < len(found):
            answer["@odata.nextLink"] = f"https://central.test/Submissions?%24top=2&%24skiptoken={listed[-1].response}"
        return httpx.Response(200, json=answer)

    def _audits(self, asked: dict[str, str]) -> httpx.Response:
        assert asked["action"] == "submission.delete"
        entries = [
            {"action": "submission.delete", "details": {"instanceId": f"uuid:{id}", "submissionId": 1}}
            for id in self._deleted_since(asked["start"])
        ]
        return httpx.Response(200, json=entries[int(asked["offset"]) :][: int(asked["limit"])])

    def _deleted_since(self, since: str) -> list[str]:
        return [id for id, minute in self.deleted.items() if at(Said(minute=minute)).isoformat() > since]

    def _row(self, said: Said) -> JsonObject:
        row: JsonObject = {
            "__id": f"uuid:{said.response}",
            "__system": {
                "submissionDate": START.isoformat().replace("+00:00", "Z") if said.minute else said.at,
                "updatedAt": said.at if said.minute else None,
                "submitterId": "3",
                "submitterName": "Jane Roe",
                "attachmentsPresent": 0,
                "status": None,
                "reviewState": None,
                "edits": 0,
                "formVersion": "7",
            },
            "meta": {"instanceID": f"uuid:{said.response}"},
        }
        for path, value in paths(said).items():
            group, name = path.split("/")
            row.setdefault(group, {})[name] = value
        return row
