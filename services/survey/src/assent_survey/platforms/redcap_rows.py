"""REDCap's flat rows as responses: one instrument of one record, event and instance, with checkboxes folded into one field each.

A row has a column for every field that was asked for, also those of other instruments. What the dictionary calls an identifier, and
texts that are e-mail addresses, telephone numbers or numbers of a person, is not even asked for. Nothing is asked for here.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote, unquote
from zoneinfo import ZoneInfo

from assent_survey.domain.redcap_validations import IDENTIFYING
from assent_survey.platforms.asking import JsonObject

COMPLETE = "2"

_CHOSEN_TYPES = frozenset({"radio", "dropdown", "checkbox", "yesno", "truefalse"})
_NO_ANSWERS = ("descriptive", "file", "signature")
_FIXED_CHOICES = {"yesno": {"1": "Yes", "0": "No"}, "truefalse": {"1": "True", "0": "False"}}


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a project a response is. `event` and `instance` are empty where the project has none."""

    project: str
    record: str
    event: str
    instrument: str
    instance: str

    @property
    def response_id(self) -> str:
        """All of it as one id; no part can be mistaken for another."""
        return "/".join(quote(each, safe="") for each in asdict(self).values())

    @classmethod
    def called(cls, response_id: str) -> "Place | None":
        """The place that has this id; None for an id that is none of ours."""
        parts = [unquote(each) for each in response_id.split("/")]
        return cls(*parts) if len(parts) == 5 else None

    @property
    def address(self) -> dict[str, str]:
        """Those parts that are there."""
        return {name: value for name, value in asdict(self).items() if value}


@dataclass(frozen=True, slots=True)
class Question:
    """One line of the dictionary. `hides` where branching logic may not show it, so that blank need not mean left empty."""

    name: str
    instrument: str
    kind: str
    choices: dict[str, str]
    hides: bool

    def columns(self) -> dict[str, str]:
        """The columns of a checkbox with the code of each; REDCap writes codes in lower case, other signs as underscores."""
        return {f"{self.name}___{_column_code(code)}": code for code in self.choices}


class Dictionary:
    """What the project asks, without direct identifiers and without what is no answer."""

    def __init__(self, metadata: Sequence[JsonObject], instruments: Sequence[str]) -> None:
        self.record_field = str(metadata[0].get("field_name")) if metadata else ""
        questions = [_question(line) for line in metadata[1:] if _may_be_read(line)]
        self.questions = [each for each in questions if not instruments or each.instrument in instruments]
        self.instruments = sorted({each.instrument for each in self.questions})

    @property
    def fields(self) -> list[str]:
        """What to ask for."""
        return [self.record_field, *(each.name for each in self.questions), *(f"{each}_complete" for each in self.instruments)]

    def responses(self, row: JsonObject, project: str, zone: ZoneInfo) -> Iterator[tuple[Place, JsonObject]]:
        """The instruments of a row that hold anything."""
        repeats = str(row.get("redcap_repeat_instrument") or "")
        for instrument in self.instruments:
            if repeats and instrument != repeats:
                continue
            content = self._response(row, instrument, zone)
            if content is not None:
                place = Place(
                    project=project,
                    record=str(row.get(self.record_field)),
                    event=str(row.get("redcap_event_name") or ""),
                    instrument=instrument,
                    instance=str(row.get("redcap_repeat_instance") or ""),
                )
                yield place, {"place": asdict(place), **content}

    def _response(self, row: JsonObject, instrument: str, zone: ZoneInfo) -> JsonObject | None:
        """None where the instrument was not begun: rows have columns for it all the same."""
        complete, stamp = str(row.get(f"{instrument}_complete") or ""), row.get(f"{instrument}_timestamp")
        finished = complete == COMPLETE
        answers: JsonObject = {}
        labels: JsonObject = {}
        for question in (each for each in self.questions if each.instrument == instrument):
            answer = _answer(question, row)
            if answer or (finished and not question.hides):
                answers[question.name] = answer
            chosen = answer if isinstance(answer, list) else [answer]
            if found := {code: question.choices[code] for code in chosen if code in question.choices}:
                labels[question.name] = found
        if not (any(answers.values()) or finished or complete == "1" or stamp):
            return None
        return {"complete": complete, "submitted_at": _in_zone(stamp, zone), "answers": answers, "labels": labels}


def _may_be_read(line: JsonObject) -> bool:
    if str(line.get("identifier", "")).lower() == "y" or line.get("field_type") in _NO_ANSWERS:
        return False
    return line.get("text_validation_type_or_show_slider_number") not in IDENTIFYING


def _question(line: JsonObject) -> Question:
    kind = str(line.get("field_type"))
    listed = str(line.get("select_choices_or_calculations") or "") if kind in _CHOSEN_TYPES else ""
    return Question(
        name=str(line.get("field_name")),
        instrument=str(line.get("form_name")),
        kind=kind,
        choices=_FIXED_CHOICES.get(kind) or dict(_choices(listed)),
        hides=bool(line.get("branching_logic")),
    )


def _choices(listed: str) -> Iterator[tuple[str, str]]:
    """`1, Urban | 2, Rural`; in old projects also words that are their own codes, `Urban | Rural`."""
    for each in listed.split("|"):
        code, _, label = (word.strip() for word in each.partition(","))
        if code:
            yield code, label or code


def _column_code(code: str) -> str:
    return "".join(sign if sign.isascii() and sign.isalnum() else "_" for sign in code.lower())


def _answer(question: Question, row: JsonObject) -> str | list[str]:
    if question.kind != "checkbox":
        return _text(row.get(question.name))
    return [code for column, code in question.columns().items() if _text(row.get(column)) == "1"]


def _text(given: Any) -> str:
    return "" if given is None else str(given)


def _in_zone(stamp: object, zone: ZoneInfo) -> str | None:
    """The server's local time of submission with its zone; `[not completed]` is none."""
    try:
        found = datetime.fromisoformat(str(stamp))
    except ValueError:
        return None
    return (found if found.tzinfo else found.replace(tzinfo=zone)).isoformat()
