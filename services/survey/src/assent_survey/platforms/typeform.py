"""Typeform: HMAC-SHA256 of the raw body, without a time, so a delivery is known again only by its `event_id`.

A response is named by `form_response.token`; unanswered questions are left out; respondents are known by hidden fields only. Typeform
gives no version of a response: arrival orders them, and a partial one never replaces a finished one. The form as it was travels with
each response, and its digest names the form's version. A ranking arrives as choices in their order, a matrix as a question for each row.
Source: Typeform, Webhooks: example payload and signature.
"""

import hashlib
import json
from typing import Any

from assent_survey.domain.submission import Choice, Submission, Unreadable, Value, as_value, split_values
from assent_survey.platforms.face import Headers, identifier, moment, part, read_object
from assent_survey.platforms.signed_body import SignedBody
from assent_survey.platforms.typeform_api import TypeformApi

_EVENTS = {"form_response": True, "form_response_partial": False}
_COMPLETED = "completed"  # a form can be set to send partial responses by the same event


class Typeform(TypeformApi, SignedBody):
    """The secret is typed into the form's webhook settings."""

    name = "typeform"
    signature_header = "typeform-signature"
    prefix = "sha256="
    delivery_id = "event_id"
    kept_headers = frozenset({"content-type", "user-agent", "typeform-signature"})

    def parse(self, raw: bytes, headers: Headers) -> Submission:  # noqa: ARG002 - JSON needs no content type
        """Answers by the question's reference, its id being an alias; hidden fields, variables, score and ending are facts."""
        body = read_object(raw)
        finished = _EVENTS.get(str(body.get("event_type")))
        if finished is None:
            raise Unreadable("the event is neither form_response nor form_response_partial")
        response = part(body, "form_response")
        fields: dict[str, Value] = {}
        aliases: dict[str, str] = {}
        nested: list[str] = []
        for answer in _list(response, "answers"):
            question = part(answer, "field")
            name = identifier(question, "ref" if question.get("ref") else "id")
            aliases[str(question.get("id", name))] = name
            try:
                fields[name] = _value(answer)
            except TypeError:
                nested.append(name)
        return Submission(
            response_id=identifier(response, "token"),
            fields=fields,
            finished=finished and response.get("response_type", _COMPLETED) == _COMPLETED,
            submitted_at=moment(response.get("submitted_at")),
            facts=_facts(response),
            nested=tuple(nested),
            aliases=aliases,
            form_version=_version(response.get("definition")),
        )

    def read_record(self, raw: bytes) -> Submission:
        """An item of the Responses API, which is kept as the webhook would send it. Raises Unreadable."""
        return self.parse(raw, {})


def _list(body: dict[str, Any], name: str) -> list[dict[str, Any]]:
    found = body.get(name) or []
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise Unreadable(f"the body has no list {name!r}")
    return found


def _value(answer: dict[str, Any]) -> Value:
    """The value under the answer's own type. Raises TypeError for one with a shape of its own, such as a payment or a recording."""
    kind = str(answer.get("type"))
    given = answer.get(kind)
    match kind, given:
        case "choice", dict():
            return (_choice(given),)
        case "choices", dict():
            return _choices(given)
        case "choices", list() if all(isinstance(each, dict) for each in given):
            return tuple(map(_choice, given))
        case ("number", int() | float()) if not isinstance(given, bool):
            return as_value(given)
        case _, bool() | str() | None:
            return given
        case _:
            raise TypeError(kind)


def _choice(chosen: dict[str, Any]) -> Choice:
    """Every name of the option; an answer in the respondent's own words is just `other`, and the words stay in the raw delivery."""
    names = tuple(str(chosen[key]) for key in ("ref", "label", "id") if chosen.get(key))
    return names or ("other",)


def _choices(chosen: dict[str, Any]) -> tuple[Choice, ...]:
    """Every option that was chosen. A list that is shorter than another tells nothing of which of them its names are."""
    columns = [chosen[key] for key in ("refs", "labels", "ids") if isinstance(chosen.get(key), list)]
    longest = max(map(len, columns), default=0)
    whole = [column for column in columns if len(column) == longest]
    found = tuple(tuple(str(name) for name in names) for names in zip(*whole, strict=True))
    return (*found, ("other",)) if chosen.get("other") else found


def _facts(response: dict[str, Any]) -> dict[str, Value]:
    """`hidden.…`, `variables.…`, `calculated.score` and `ending.…`."""
    hidden = response.get("hidden")
    given = hidden.items() if isinstance(hidden, dict) else ()
    facts: dict[str, Value] = {f"hidden.{name}": str(value) for name, value in given if value is not None}
    variables = {f"variables.{each.get('key')}": each.get(str(each.get("type"))) for each in _list(response, "variables")}
    beside = {name: response[name] for name in ("calculated", "ending") if isinstance(response.get(name), dict)}
    return facts | split_values({**variables, **beside})[0]


def _version(definition: object) -> str | None:
    """A name for the form as it was when it was answered: the same form gives the same name."""
    if not isinstance(definition, dict):
        return None
    return hashlib.sha256(json.dumps(definition, sort_keys=True).encode()).hexdigest()[:16]
