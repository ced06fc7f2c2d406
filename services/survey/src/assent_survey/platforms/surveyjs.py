"""SurveyJS: a library in the researcher's own page, whose backend posts `survey.data` here with a secret header.

`{formId, responseId, data, version?, updatedAt?, completed?, currentPageNo?, formVersion?, respondent?, test?}`. `responseId` is a UUID
that the page makes once and sends with every save, so that saves of one response are versions of it. A save with `currentPageNo`, or
with `completed: false`, is partial. Rows, cells and items become `question.row.column`; panels that repeat and files stay in the raw
delivery. A browser cannot keep a secret, so it must not call us itself.
Source: surveyjs.io/form-library/documentation/handle-survey-results-store.
"""

from collections.abc import Iterator
from typing import Any

from assent_survey.domain.submission import Submission, Value, as_value
from assent_survey.platforms.face import Headers, identifier, moment, part, read_object
from assent_survey.platforms.shared_secret import SharedSecret
from assent_survey.platforms.standard_webhooks import whole_version

DEEPEST = 4


class SurveyJs(SharedSecret):
    """The secret is ours, or given: the backend of the page sends it as `x-webhook-secret`."""

    name = "surveyjs"

    def parse(self, raw: bytes, headers: Headers) -> Submission | None:  # noqa: ARG002 - JSON needs no content type
        """Answers by the question's name."""
        body = read_object(raw)
        fields: dict[str, Value] = {}
        nested: list[str] = []
        for name, value in _leaves(part(body, "data"), "", 1):
            try:
                fields[name] = as_value(value)
            except TypeError:
                nested.append(name)
        facts: dict[str, Value] = {name: body[name] for name in ("respondent", "locale") if isinstance(body.get(name), str)}
        form_version = body.get("formVersion")
        return Submission(
            response_id=f"{identifier(body, 'formId')}/{identifier(body, 'responseId')}",
            fields=fields,
            finished=body.get("completed", "currentPageNo" not in body) is True,
            updated_at=moment(body.get("updatedAt")),
            version=whole_version(body.get("version")),
            facts=facts,
            nested=tuple(nested),
            test=body.get("test") is True,
            form_version=str(form_version) if isinstance(form_version, str | int) and form_version != "" else None,
        )


def _leaves(given: dict[str, Any], path: str, depth: int) -> Iterator[tuple[str, Any]]:
    """Each value that is no object, under its path; objects that are too deep as they are."""
    for name, value in given.items():
        place = f"{path}.{name}" if path else name
        if isinstance(value, dict) and depth < DEEPEST:
            yield from _leaves(value, place, depth + 1)
        else:
            yield place, value
