"""Google Forms through our own Apps Script (docs/platforms/google_forms.gs), which signs as Standard Webhooks does.

`{v: 1, formId, responseId, submittedAt, updatedAt, answers: [{itemId, title, type, value, rows?}]}`. Items are named by their ids, their
titles are aliases. A grid is a question for each row, `item.row`. Google gives no version; an edit has the same `responseId` and a newer
`updatedAt`. The respondent's address of email is never sent. Source: developers.google.com/apps-script/reference/forms.
"""

from collections import Counter
from itertools import zip_longest
from typing import Any

from assent_survey.domain.submission import Submission, Unreadable, Value, as_value
from assent_survey.platforms.face import Headers, identifier, moment, read_object
from assent_survey.platforms.standard_webhooks import StandardWebhooks

_GRIDS = ("GRID", "CHECKBOX_GRID")
_FILES = "FILE_UPLOAD"


class GoogleForms(StandardWebhooks):
    """The secret is ours, or given: it is a property of the script."""

    name = "google_forms"

    def parse(self, raw: bytes, headers: Headers) -> Submission | None:  # noqa: ARG002 - JSON needs no content type
        """Answers by the item's id; None for the script's test of the address."""
        body = read_object(raw)
        if body.get("test") is True and "responseId" not in body:
            return None
        if body.get("v") != 1:
            raise Unreadable("v is not 1: the script and this service do not fit together")
        answers = body.get("answers")
        if not isinstance(answers, list) or not all(isinstance(each, dict) for each in answers):
            raise Unreadable("the body has no list 'answers'")
        titles = Counter(str(answer.get("title")) for answer in answers)
        fields: dict[str, Value] = {}
        aliases: dict[str, str] = {}
        nested: list[str] = []
        for answer in answers:
            item, title = identifier(answer, "itemId"), str(answer.get("title"))
            for name, value in _values(item, answer):
                try:
                    fields[name] = _value(answer, value)
                except TypeError:
                    nested.append(name)
                if titles[title] == 1:
                    aliases[title + name.removeprefix(item)] = name
        return Submission(
            response_id=identifier(body, "responseId"),
            fields=fields,
            finished=True,
            submitted_at=moment(body.get("submittedAt")),
            updated_at=moment(body.get("updatedAt")),
            facts={"formId": body["formId"]} if isinstance(body.get("formId"), str) else {},
            nested=tuple(nested),
            aliases={alias: name for alias, name in aliases.items() if alias not in fields},
        )


def _values(item: str, answer: dict[str, Any]) -> list[tuple[str, Any]]:
    """The item's value, or one for each row of a grid. Raises Unreadable."""
    value = answer.get("value")
    if answer.get("type") not in _GRIDS:
        return [(item, value)]
    rows = answer.get("rows")
    if not isinstance(rows, list) or not isinstance(value, list) or len(value) > len(rows):
        raise Unreadable("a grid has not the same number of rows and answers")
    return [(f"{item}.{row}", chosen) for row, chosen in zip_longest(rows, value)]


def _value(answer: dict[str, Any], value: Any) -> Value:
    """Raises TypeError for files: their ids are no answer."""
    if answer.get("type") == _FILES:
        raise TypeError(_FILES)
    return as_value(value)
