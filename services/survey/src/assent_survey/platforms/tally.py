"""Tally: HMAC-SHA256 of the raw body, without a time, so a delivery is known again only by its `eventId`.

Choices arrive as ids beside the list of options; an option is known by its id and its text. Beside the list of a question with
checkboxes Tally sends one yes or no for each option, which would tell the same twice and is left out. A matrix is a question for each
row, `key.row`, and a ranking the place of each option, `key.option`. Only completed submissions are sent, and no version of them.
Source: tally.so/help/webhooks; developers.tally.so.
"""

from collections import Counter
from typing import Any

from assent_survey.domain.submission import Choice, Submission, Unreadable, Value, as_value
from assent_survey.platforms.face import Headers, identifier, moment, part, read_object
from assent_survey.platforms.signed_body import SignedBody
from assent_survey.platforms.tally_api import TallyApi

_FACTS = {"HIDDEN_FIELDS": "hidden", "CALCULATED_FIELDS": "calculated"}
OTHER: Choice = ("other",)


class Tally(TallyApi, SignedBody):
    """The secret is typed into the webhook's settings."""

    name = "tally"
    signature_header = "tally-signature"
    delivery_id = "eventId"
    kept_headers = frozenset({"content-type", "user-agent", "tally-signature"})

    def parse(self, raw: bytes, headers: Headers) -> Submission | None:  # noqa: ARG002 - JSON needs no content type
        """Answers by the field's key, its label being an alias; hidden and calculated fields are facts."""
        body = read_object(raw)
        if body.get("eventType") != "FORM_RESPONSE":
            raise Unreadable("the event is not FORM_RESPONSE")
        data = part(body, "data")
        given = data.get("fields")
        if not isinstance(given, list) or not all(isinstance(each, dict) for each in given):
            raise Unreadable("the body has no list 'fields'")
        reading = _Reading(given)
        return Submission(
            response_id=identifier(data, "responseId" if data.get("responseId") else "submissionId"),
            fields=reading.fields,
            finished=True,
            submitted_at=moment(data.get("createdAt")),
            facts={**reading.facts, **{name: data[name] for name in ("respondentId", "formId") if isinstance(data.get(name), str)}},
            nested=tuple(reading.nested),
            aliases={alias: name for alias, name in reading.aliases.items() if alias not in reading.fields},
        )


class _Reading:
    """The fields of one submission, read one by one."""

    def __init__(self, given: list[dict[str, Any]]) -> None:
        self.fields: dict[str, Value] = {}
        self.facts: dict[str, Value] = {}
        self.aliases: dict[str, str] = {}
        self.nested: list[str] = []
        listed = [f"{field.get('key')}_" for field in given if isinstance(field.get("options"), list)]
        labels = Counter(_label(field) for field in given)
        for field in given:
            key, label = identifier(field, "key"), _label(field)
            if isinstance(field.get("value"), bool) and key.startswith(tuple(listed)):
                continue
            if (fact := _FACTS.get(str(field.get("type")))) is not None:
                self._keep(self.facts, f"{fact}.{label}", field.get("value"))
                continue
            if labels[label] == 1 and label not in ("", key):
                self.aliases[label] = key
            self._take(key, field)

    def _take(self, key: str, field: dict[str, Any]) -> None:
        value, options = field.get("value"), _texts(field.get("options"))
        match field.get("type"), value:
            case "MATRIX", dict() | None:
                rows, columns = _texts(field.get("rows")), _texts(field.get("columns"))
                chosen = value or {}
                for row in {**rows, **chosen}:  # a row that was left empty may not be in the value
                    self._keep_part(key, row, rows, _choices(chosen.get(row), columns))
            case "RANKING", list():
                for place, option in enumerate(value, start=1):
                    self._keep_part(key, str(option), options, float(place))
            case _, (list() | str()) if options:
                self.fields[key] = _choices(value, options)
            case _:
                self._keep(self.fields, key, value)

    def _keep(self, into: dict[str, Value], name: str, value: object) -> None:
        try:
            into[name] = as_value(value)
        except TypeError:
            self.nested.append(name)

    def _keep_part(self, key: str, part_id: str, texts: dict[str, str], value: Value) -> None:
        name = f"{key}.{part_id}"
        self.fields[name] = value
        if part_id in texts:
            self.aliases[f"{key}.{texts[part_id]}"] = name


def _label(field: dict[str, Any]) -> str:
    """What people read above the field; empty where nothing is."""
    label = field.get("label")
    return label if isinstance(label, str) else ""


def _texts(listed: object) -> dict[str, str]:
    """The text of each option, row or column by its id."""
    found = listed if isinstance(listed, list) else []
    return {str(each["id"]): str(each.get("text", "")) for each in found if isinstance(each, dict) and "id" in each}


def _choices(chosen: object, options: dict[str, str]) -> tuple[Choice, ...]:
    """Each chosen option by id and text, by whichever it is given; what is neither are the respondent's own words, and stay raw."""
    listed = chosen if isinstance(chosen, list) else [chosen] if chosen not in (None, "") else []
    return tuple(_choice(str(each), options) for each in listed)


def _choice(given: str, options: dict[str, str]) -> Choice:
    if given in options:
        return (given, options[given])
    return (given,) if given in options.values() else OTHER
