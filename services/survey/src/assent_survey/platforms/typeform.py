"""Typeform: HMAC-SHA256 of the raw body, without a time, so a delivery is known again only by its `event_id`.

A response is named by `form_response.token`; unanswered questions are left out; respondents are known by hidden fields only. Typeform
gives no version of a response: arrival orders them, and a partial one never replaces a finished one.
Source: Typeform, Webhooks: example payload and signature.
"""

import base64
import hmac
import secrets as randomness
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import orjson

from assent_survey.domain.submission import Choice, Identity, Refused, Submission, Unreadable, Value, split_values
from assent_survey.platforms.face import Headers, KeepsWholeBody, Proof, body_digest, identifier, matches_any, moment, part, read_object

_PREFIX = "sha256="
_EVENTS = {"form_response": True, "form_response_partial": False}


class Typeform(KeepsWholeBody):
    """The secret is ours: it is typed into the form's webhook settings."""

    name = "typeform"
    makes_secret = False
    proof: Proof = "signature"
    kept_headers = frozenset({"content-type", "user-agent", "typeform-signature"})

    def new_secret(self) -> str:
        """256 random bits, in digits that a command line does not take for an option."""
        return randomness.token_hex(32)

    def check_secret(self, secret: str) -> None:
        """Raises ValueError for a secret that could be guessed."""
        if len(secret) < 16:
            raise ValueError("the secret is shorter than 16 characters")

    def verify(self, raw: bytes, headers: Headers, secrets: Sequence[str], now: datetime) -> Identity:  # noqa: ARG002 - no time is signed
        """Raises Refused."""
        given = headers.get("typeform-signature", "")
        if not given:
            raise Refused("unsigned", "Typeform-Signature is not there; set the secret in the form's webhook settings")
        if not given.startswith(_PREFIX):
            raise Refused("malformed_signature", "Typeform-Signature does not begin with sha256=")
        if not matches_any(given.removeprefix(_PREFIX).encode(), [_signature(secret, raw) for secret in secrets]):
            raise Refused("wrong_signature", "the signature was not made with a secret of this connection")
        return Identity(_event_id(raw))

    def parse(self, raw: bytes, headers: Headers) -> Submission | None:  # noqa: ARG002 - JSON needs no content type
        """Answers by the question's reference, its id being an alias; hidden fields and variables are facts."""
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
        hidden = response.get("hidden")
        facts = {f"hidden.{name}": str(value) for name, value in hidden.items()} if isinstance(hidden, dict) else {}
        return Submission(
            response_id=identifier(response, "token"),
            fields=fields,
            finished=finished,
            submitted_at=moment(response.get("submitted_at")),
            facts={**facts, **_variables(response)},
            nested=tuple(nested),
            aliases=aliases,
        )

    def sign(self, raw: bytes, secret: str, *, delivery: str, at: datetime) -> dict[str, str]:  # noqa: ARG002 - both are in the body
        """`Typeform-Signature`."""
        return {"content-type": "application/json", "typeform-signature": _PREFIX + _signature(secret, raw).decode()}


def _signature(secret: str, raw: bytes) -> bytes:
    return base64.b64encode(hmac.digest(secret.encode(), raw, "sha256"))


def _event_id(raw: bytes) -> str:
    """The delivery's id; a signed body without one is known by its digest, and found unreadable when it is parsed under the rules."""
    try:
        return identifier(orjson.loads(raw), "event_id")
    except (orjson.JSONDecodeError, AttributeError, Unreadable):
        return body_digest(raw)


def _list(body: dict[str, Any], name: str) -> list[dict[str, Any]]:
    found = body.get(name, [])
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise Unreadable(f"the body has no list {name!r}")
    return found


def _value(answer: dict[str, Any]) -> Value:
    """The value under the answer's own type. Raises TypeError for one with a shape of its own, such as a payment."""
    kind = str(answer.get("type"))
    given = answer.get(kind)
    match kind, given:
        case "choice", dict():
            return (_choice(given),)
        case "choices", dict():
            return _choices(given)
        case ("number", int() | float()) if not isinstance(given, bool):
            return float(given)
        case _, bool() | str() | None:
            return given
        case _:
            raise TypeError(kind)


def _choice(chosen: dict[str, Any]) -> Choice:
    """Every name of the option; an answer in the respondent's own words is just `other`, and the words stay in the raw delivery."""
    names = tuple(str(chosen[key]) for key in ("ref", "label", "id") if chosen.get(key))
    return names or ("other",)


def _choices(chosen: dict[str, Any]) -> tuple[Choice, ...]:
    columns = [chosen[key] for key in ("refs", "labels", "ids") if isinstance(chosen.get(key), list)]
    found = tuple(tuple(str(name) for name in names) for names in zip(*columns, strict=False))
    return (*found, ("other",)) if chosen.get("other") else found


def _variables(response: dict[str, Any]) -> dict[str, Value]:
    named = {str(variable.get("key")): variable for variable in _list(response, "variables")}
    return split_values({f"variables.{key}": variable.get("number", variable.get("text")) for key, variable in named.items()})[0]
