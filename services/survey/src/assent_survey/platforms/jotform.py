"""Jotform: a multipart form whose part `rawRequest` is the answers as JSON; nothing is signed, so the secret is part of the address.

Keys such as `q3_colour` are the question's number and name: the field is `colour`, and `q3` and `3` are aliases of it. A date in parts
becomes `2026-09-01`, another object `name.part`, a table `name.row` or `name.row.column`. Own words beside boxes to tick are just
`other`, and stay in the raw delivery. What Jotform adds beside the questions is no answer. There is no version and no time of an edit:
arrival orders them. Since the body proves nothing, a study that must be sure has each response confirmed through the API.
Source: api.jotform.com, webhooks; n8n's JotForm trigger.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from assent_survey.domain.submission import Submission, Unreadable, Value, split_values
from assent_survey.platforms.face import Headers, Proof, identifier, is_identifier, moment, part, read_object
from assent_survey.platforms.form_bodies import URLENCODED, read_form
from assent_survey.platforms.jotform_api import JotformApi, as_sent
from assent_survey.platforms.shared_secret import SharedSecret

_QUESTION = re.compile(r"q(\d{1,9})_(.+)", re.DOTALL)
_FACTS = ("formID", "type")
_DATE_PARTS = frozenset({"year", "month", "day"})
_TIME_PARTS = frozenset({"hour", "min", "ampm", "timeInput"})
_BESIDE_CELLS = frozenset({"colIds", "rowIds"})
_OTHER = "other"


class Jotform(JotformApi, SharedSecret):
    """The whole address, with the secret at its end, is entered as the form's webhook."""

    name = "jotform"
    proof: Proof = "path_secret"

    def parse(self, raw: bytes, headers: Headers) -> Submission | None:
        """Answers by the question's name."""
        form = read_form(raw, headers)
        response_id = form.get("submissionID", "")
        if not is_identifier(response_id):
            raise Unreadable("the form has no submissionID")
        if "rawRequest" not in form:
            raise Unreadable("the form has no rawRequest")
        answered = read_object(form["rawRequest"].encode())
        return submission_of(response_id, questions(answered), form, submitted_at=_sent_at(answered.get("submitDate")))

    def read_record(self, raw: bytes) -> Submission:
        """The same answers as in the webhook, and the times that it does not tell. Raises Unreadable."""
        content = read_object(raw)
        submission = part(content, "submission")
        answers = submission.get("answers")
        if not isinstance(answers, dict) or not all(isinstance(each, dict) for each in answers.values()):
            raise Unreadable("the submission has no answers")
        answered = {(number, str(each.get("name"))): value for number, each in answers.items() for value in as_sent(each)}
        made, changed = (moment(content.get(name)) for name in ("created_at", "updated_at"))
        facts = {"formID": str(submission["form_id"])} if submission.get("form_id") else {}
        return submission_of(identifier(submission, "id"), answered, facts, submitted_at=made, updated_at=changed or made)

    def content_type(self, raw: bytes) -> str:
        """Multipart, with the boundary that the body begins with; older integrations send urlencoded."""
        boundary = raw.split(b"\r\n", 1)[0].removeprefix(b"--").decode("latin-1")
        return f"multipart/form-data; boundary={boundary}" if raw.startswith(b"--") else URLENCODED


def _sent_at(milliseconds: object) -> datetime | None:
    """When the respondent's browser says that it sent the form; older forms do not say it."""
    try:
        return datetime.fromtimestamp(int(str(milliseconds)) / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def questions(answered: dict[str, Any]) -> dict[tuple[str, str], Any]:
    """Answers by the question's number and name, out of keys such as `q3_colour`."""
    found = {match.groups(): value for key, value in answered.items() if (match := _QUESTION.fullmatch(key))}
    return {(str(number), str(name)): value for (number, name), value in found.items()}


def submission_of(response_id: str, answered: dict[tuple[str, str], Any], facts: dict[str, str], **said: Any) -> Submission:
    """Answers by number and name as a submission; `said` is what else is known of it."""
    named: dict[str, Any] = {}
    aliases: dict[str, str] = {}
    for (number, name), value in answered.items():
        field = f"q{number}_{name}" if name in named else name
        named[field] = _value(value)
        aliases |= {f"q{number}": field, number: field}
    fields, nested = split_values(named)
    known: dict[str, Value] = {name: facts[name] for name in _FACTS if name in facts}
    return Submission(
        response_id=response_id,
        fields=fields,
        finished=True,
        facts=known,
        nested=nested,
        aliases={alias: field for alias, field in aliases.items() if field in fields and alias not in fields},
        **said,
    )


def _value(value: Any) -> Any:
    """A date in one, ticked boxes as a list, and a table without the names of its rows and columns; everything else as it is."""
    if not isinstance(value, dict):
        return value
    if _OTHER in value and all(key == _OTHER or key.isdigit() for key in value):
        return [_OTHER if key == _OTHER else chosen for key, chosen in value.items()]
    return _whole_date(dict(_cells(value)))


def _cells(parts: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """The parts of an answer; those of a table by row, or by `row.column` where each cell has its own."""
    for name, part_ in parts.items():
        if isinstance(part_, dict):
            yield from ((f"{name}.{column}", cell) for column, cell in part_.items())
        elif name not in _BESIDE_CELLS:
            yield name, part_


def _whole_date(value: dict[str, Any]) -> Any:
    """A date in parts as `2026-09-01`, with the time where there is one; an empty one as empty; everything else as it is."""
    if not value.keys() >= _DATE_PARTS or value.keys() - _DATE_PARTS - _TIME_PARTS:
        return value
    year, month, day = (str(value[name]).strip() for name in ("year", "month", "day"))
    if not (year or month or day):
        return ""
    date = f"{year:0>4}-{month:0>2}-{day:0>2}"
    hour, minute, half = (str(value.get(name) or "").strip() for name in ("hour", "min", "ampm"))
    return f"{date} {hour:0>2}:{minute:0>2} {half}".rstrip() if hour else date
