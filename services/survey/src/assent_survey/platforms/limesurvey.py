"""LimeSurvey through a webhook plugin: no signature; the plugin's `api_token` stands in the body and is the proof.

JSON from version 3 of LimeSurveyWebhook, form fields with the same names from version 1 and its forerunners, of which some send the
response's number in the row only. `response` is the row that LimeSurvey gives to plugins, by `Q1_SQ001`, or by columns such as
`123456X12X34` where codes repeat; headings of exports, `Q1[SQ001]`, are aliases. Where `response_pretty` has a label under the same
name, it is a further name of the option. NULL is a question that was not shown, an empty text one that was left empty. Neither the token
nor the participant's name and address are kept. The plugin sends completed responses once, inside the respondent's own request, and
never again; a double click may send one twice: `survey/response` names it. `submitDate` has no zone and is a fact.
Source: github.com/triat/LimeSurveyWebhook, 3.0.0.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from assent_survey.domain.submission import Identity, Refused, Submission, Unreadable, Value
from assent_survey.platforms.face import Headers, Proof, begins, body_digest, is_identifier, matches_any, part, read_object
from assent_survey.platforms.form_bodies import URLENCODED, nest, read_form
from assent_survey.platforms.limesurvey_api import LimeSurveyApi
from assent_survey.platforms.limesurvey_names import other_names
from assent_survey.platforms.shared_secret import SharedSecret

EVENT = "afterSurveyComplete"
_NEVER_KEPT = ("api_token", "participant")
_OF_THE_ROW = frozenset(
    {"id", "submitdate", "lastpage", "startlanguage", "seed", "token", "startdate", "datestamp", "ipaddr", "refurl"}
)
_FACTS = ("startlanguage", "lastpage", "seed", "token")
_NO_DATE = "1980-01-01 00:00:00"  # what LimeSurvey writes where a survey stamps no dates
_CODE = re.compile(r"[A-Za-z0-9-]{1,5}")


class LimeSurvey(LimeSurveyApi, SharedSecret):
    """The secret is ours, or given: it is the plugin's "API token"."""

    name = "limesurvey"
    proof: Proof = "body_secret"

    def verify(self, raw: bytes, headers: Headers, secrets: Sequence[str], now: datetime) -> Identity:  # noqa: ARG002 - no time is sent
        """Raises Refused."""
        try:
            given = _read(raw, headers).get("api_token")
        except Unreadable as error:
            raise Refused("unsigned", f"no api_token can be read: {error}") from error
        if not isinstance(given, str) or not given:
            raise Refused("unsigned", "the body has no api_token; set it in the plugin's settings")
        if not matches_any(given.encode(), [secret.encode() for secret in secrets]):
            raise Refused("wrong_signature", "the api_token is not a secret of this connection")
        return Identity(body_digest(raw))

    def parse(self, raw: bytes, headers: Headers) -> Submission | None:
        """Answers by the row's column."""
        return read_plugin_body(_read(raw, headers))

    def read_record(self, raw: bytes) -> Submission:
        """A row of RemoteControl, laid out as the plugin lays it out; finished where it has a date. Raises Unreadable."""
        body = read_object(raw)
        submission = read_plugin_body(body)
        aliases = body.get("aliases")
        known = {alias: str(code) for alias, code in aliases.items()} if isinstance(aliases, dict) else {}
        known |= submission.aliases
        return replace(
            submission,
            finished=bool(body["response"].get("submitdate")),
            aliases={alias: code for alias, code in known.items() if code in submission.fields and alias not in submission.fields},
        )

    def keepable(self, raw: bytes, headers: Headers) -> bytes:
        """The body as JSON, without token and participant; nothing of a body in which they cannot be told from the rest."""
        try:
            body = _read(raw, headers)
        except Unreadable:
            return b""
        return json.dumps({name: value for name, value in body.items() if name not in _NEVER_KEPT}).encode()

    def sign(self, raw: bytes, secret: str, *, delivery: str, at: datetime) -> dict[str, str]:  # noqa: ARG002 - the secret is in the body
        """The content type only."""
        return {"content-type": "application/json" if raw.startswith(b"{") else URLENCODED}


def read_plugin_body(body: dict[str, Any]) -> Submission:
    """What the plugin says. Raises Unreadable."""
    if body.get("event", EVENT) != EVENT:
        raise Unreadable(f"the event is not {EVENT}")
    row = part(body, "response")
    survey, number = str(body.get("survey", "")), str(body.get("respondId", row.get("id", "")))
    if not is_identifier(survey) or not is_identifier(number):
        raise Unreadable("survey or respondId is not there")
    said = {"submitDate": body.get("submitDate"), **{name: row.get(name) for name in _FACTS}, **_token(body)}
    fields = read_row(row, body.get("response_pretty"))
    return Submission(
        response_id=f"{survey}/{number}",
        fields=fields,
        aliases={other: column for other, column in other_names(row).items() if column in fields},
        finished=True,
        facts={name: str(value) for name, value in said.items() if isinstance(value, str | int) and value not in ("", _NO_DATE)},
    )


def read_row(row: dict[str, Any], labels: object = None) -> dict[str, Value]:
    """The answers of a stored row; an option has its code and, where `labels` has one under the same column, its label as names."""
    named = labels if isinstance(labels, dict) else {}
    fields: dict[str, Value] = {}
    for column, value in row.items():
        if column in _OF_THE_ROW or value is None:
            continue
        label = named.get(column)
        if isinstance(value, str) and isinstance(label, str) and _CODE.fullmatch(value) and label not in ("", value):
            fields[column] = ((value, label),)
        else:
            fields[column] = value if isinstance(value, str | bool) else str(value)
    return fields


def _token(body: dict[str, Any]) -> dict[str, Any]:
    """The participant's token, which names nobody by itself."""
    return {"token": body["token"]} if body.get("token") else {}


def _read(raw: bytes, headers: Headers) -> dict[str, Any]:
    """The body, JSON or form. Raises Unreadable."""
    if begins(raw, b"{"):
        return read_object(raw)
    body = nest(read_form(raw, headers))
    opened = {name: read_object(body[name].encode()) for name in ("response", "response_pretty") if _is_json(body.get(name))}
    return {**body, **opened}


def _is_json(value: object) -> bool:
    return isinstance(value, str) and value.lstrip().startswith("{")
