"""Microsoft Forms through a flow of Power Automate (docs/platforms/microsoft_forms.md), proved by a secret header that the flow sends.

`{v: 1, formId, responseId, submittedAt, answers: {question id: value}, names?: {question id: name}}`, where `answers` may be the whole
answer of "Get response details": who answered and when are not read from it. Names are aliases. Several choices, a ranking and files
arrive as JSON in a text. Edits are not sent; a response is one of its form: `form/response`.
Source: learn.microsoft.com/connectors/microsoftforms.
"""

from typing import Any

import orjson

from assent_survey.domain.submission import Submission, Unreadable, Value, as_value
from assent_survey.platforms.face import Headers, identifier, moment, part, read_object
from assent_survey.platforms.shared_secret import SharedSecret

_OF_THE_PERSON = frozenset({"responder", "responderName", "responderEmail", "submitDate", "startDate"})


class MicrosoftForms(SharedSecret):
    """The secret is ours, or given: the flow's HTTP action sends it as `x-webhook-secret`."""

    name = "microsoft_forms"

    def parse(self, raw: bytes, headers: Headers) -> Submission | None:  # noqa: ARG002 - JSON needs no content type
        """Answers by the question's id."""
        body = read_object(raw)
        if body.get("v") != 1:
            raise Unreadable("v is not 1: paste the body of the flow's HTTP action anew")
        form = identifier(body, "formId")
        fields: dict[str, Value] = {}
        nested: list[str] = []
        for question, value in part(body, "answers").items():
            if question in _OF_THE_PERSON or question.startswith("@odata."):
                continue
            try:
                fields[question] = as_value(_opened(value))
            except TypeError:
                nested.append(question)
        names = body.get("names")
        given = names.items() if isinstance(names, dict) else ()
        aliases = {
            name: question for question, name in given if isinstance(name, str) and question in fields and name not in fields
        }
        return Submission(
            response_id=f"{form}/{identifier(body, 'responseId')}",
            fields=fields,
            finished=True,
            submitted_at=moment(body.get("submittedAt")),
            facts={"formId": form},
            nested=tuple(nested),
            aliases=aliases,
        )


def _opened(value: Any) -> Any:
    """The list inside a text such as `["A","B"]`."""
    if not isinstance(value, str) or not (value.startswith("[") and value.endswith("]")):
        return value
    try:
        found = orjson.loads(value)
    except orjson.JSONDecodeError:
        return value
    return found if isinstance(found, list) else value
