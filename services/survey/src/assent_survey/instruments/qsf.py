"""Qualtrics survey files (QSF).

Answers arrive as the API gives them: `QID1`, a row of a matrix `QID1_3`, written text `QID1_TEXT` or, beside an option, `QID1_4_TEXT`;
an option as the value that it is recoded to, else its id. Items are named by the export tags that researchers know from their data.
Source: the shapes of exported files; https://api.qualtrics.com (responses) for the names of fields.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Any

from assent_contracts.events.survey import ItemKind
from assent_survey.domain.draft import Draft, UnreadableInstrument
from assent_survey.instruments.conventional_codes import is_no_answer
from assent_survey.instruments.drafting import Drafting, Question
from assent_survey.instruments.identifiers import not_kept
from assent_survey.instruments.json_shape import listed, within, words
from assent_survey.instruments.languages import Languages
from assent_survey.instruments.missing_options import missing_kind
from assent_survey.instruments.opening import open_json
from assent_survey.instruments.plain_text import plain_line
from assent_survey.instruments.qsf_flow import Placed, placed_questions, skips
from assent_survey.instruments.qsf_payload import (
    Choice,
    Texts,
    besides,
    carried_from,
    choices_of,
    conditions,
    identifying,
    keyed,
    languages_of,
    numeric_bounds,
    slider_bounds,
    slider_words,
    texts_of,
)  # fmt: skip
from assent_survey.instruments.sorted_options import Option
from assent_survey.instruments.tallies import Tallies

SEVERAL = ("MAVR", "MAHR", "MACOL", "MSB")
_ASKED = ("MC", "NPS", "TE", "Slider", "RO", "CS", "Matrix", "SBS")
LOST = {
    "DB": "words that ask nothing",
    "Timing": "how long a page was shown",
    "Meta": "what the browser tells",
    "FileUpload": "a file upload",
    "Draw": "a drawing or a signature",
    "HotSpot": "regions of a picture",
    "HeatMap": "points on a picture",
    "HL": "marks in a text",
    "PGR": "a sorting into groups",
    "DD": "a choice over several levels",
    "Captcha": "a check that a person answers",
    "TreeTest": "a search in a tree",
    "SS": "a choice of a picture",
    "OrgHierarchy": "a choice over several levels",
    "Video": "a recording",
}

_BESIDES_QUESTIONS = {
    "Header": "words on every page, which ask nothing",
    "Footer": "words on every page, which ask nothing",
    "EOSMessage": "a last page, which asks nothing",
    "ScoringCategories": "the scoring of answers",
}


class Qsf:
    """The reader of Qualtrics."""

    name = "qsf"
    title = "Qualtrics (QSF)"

    def recognises(self, content: bytes, filename: str) -> bool:  # noqa: ARG002 - the face's
        """The name under which such a file has everything."""
        return b'"SurveyElements"' in content.replace(b"\0", b"")

    def read(self, content: bytes, filename: str, *, language: str | None = None) -> Draft:
        """The instrument. Raises UnreadableInstrument."""
        file = open_json(content)
        if not listed(file, "SurveyElements"):
            raise UnreadableInstrument("the file holds no SurveyElements of a Qualtrics survey")
        return _Reading(file, language).draft(filename)


@dataclass(frozen=True, slots=True)
class _Part:
    """What arrives by itself of a question: the whole of it, a row, or a cell."""

    payload: dict[str, Any]
    placed: Placed
    name: str
    field: str
    texts: tuple[Texts, ...]
    kind: ItemKind
    choices: Sequence[Choice] = ()
    low: float | None = None
    high: float | None = None


class _Reading:
    """One survey while it is read."""

    def __init__(self, file: dict[str, Any], wanted: str | None) -> None:
        self._entry = within(file, "SurveyEntry")
        self._elements = listed(file, "SurveyElements")
        self._payloads = {
            words(payload.get("QuestionID")) or words(each.get("PrimaryAttribute")): payload
            for each in self._elements
            if words(each.get("Element")) == "SQ" and (payload := within(each, "Payload"))
        }
        self._tagged = Counter(
            words(tag) for payload in self._payloads.values() for tag in keyed(payload.get("ChoiceDataExportTags")).values()
        )
        self._main = words(self._entry.get("SurveyLanguage"))
        named = [language for payload in self._payloads.values() for language in languages_of(payload)]
        self._languages = Languages(named, default=self._main, wanted=wanted)
        self._drafting, self._tallies = Drafting(), Tallies()

    def draft(self, filename: str) -> Draft:
        placed = placed_questions(self._elements, self._drafting)
        in_no_block = "it is in no block" if placed else None
        named = {each.id for each in placed}
        rest = [Placed(id, lost=in_no_block) for id in self._payloads if id not in named]
        for each in (*placed, *rest):
            self._question(each)
        for element in self._elements:
            if words(element.get("Element")) == "QO":
                name = words(within(element, "Payload").get("Name"))
                self._drafting.lose(f"quota {name[:60]!r}", "a quota")
        self._tell_of_options()
        for theirs, tag in self._languages.unknown.items():
            self._drafting.lose("the survey", f"a language called {theirs[:40]!r}, whose code is not known", f"its texts, as {tag}")
        self._tallies.tell(self._drafting)
        title = words(self._entry.get("SurveyName")) or PurePath(filename).stem
        return self._drafting.draft(title, language=self._languages.tag)

    def _tell_of_options(self) -> None:
        """What the survey has besides its questions: the words on every page and on the last one, and a scoring."""
        payloads = [within(each, "Payload") for each in self._elements if words(each.get("Element")) in ("SO", "SCO")]
        for name, what in _BESIDES_QUESTIONS.items():
            if any(each.get(name) for each in payloads):
                self._drafting.lose(name, what)

    def _question(self, placed: Placed) -> None:
        payload = self._payloads.get(placed.id)
        if payload is None:
            self._drafting.lose(placed.id, "a question that a block names and the file does not hold")
            return
        kind, tag = words(payload.get("QuestionType")), words(payload.get("DataExportTag")) or placed.id
        where = f"{placed.id}, {tag}"
        if placed.lost is not None:
            self._drafting.lose(where, placed.lost, field=placed.id)
            return
        if kind == "TE" and (told := identifying(payload)):
            self._drafting.lose(where, not_kept(told), field=f"{placed.id}_TEXT")
            return
        own = " ".join(each for each in (conditions(payload.get(name)) for name in ("DisplayLogic", "InPageDisplayLogic")) if each)
        shown = f"({placed.routing}) and ({own})" if placed.routing and own else placed.routing or own
        routing = "\n".join(each for each in (shown, placed.skips or skips(payload.get("SkipLogic"))) if each)
        asked = list(self._parts(kind, payload, replace(placed, routing=routing), tag))
        if kind in LOST or not asked:
            unknown = (
                f"a question of a type that is not known, {kind[:40]!r}" if kind not in _ASKED else "a question without choices"
            )
            self._drafting.lose(where, LOST.get(kind, unknown), field=placed.id)
            return
        self._tallies.note_those(besides(payload), tag)
        if kind == "Slider" and (along := slider_words(payload)):
            self._drafting.lose(where, f"the words along a slider: {along}", "the numbers")
        for part in asked:
            self._ask(part)

    def _parts(self, kind: str, payload: dict[str, Any], placed: Placed, tag: str) -> Iterator[_Part]:
        """What of the question arrives by itself."""
        whole = _Part(payload, placed, tag, placed.id, (texts_of(payload, self._main),), "text")
        choices = self._choices(payload, placed.id)
        match kind:
            case "MC" | "NPS":
                several = words(payload.get("Selector")) in SEVERAL
                yield replace(whole, kind="multiple" if several else "single", choices=choices)
            case "TE" if words(payload.get("Selector")) == "FORM":
                yield from (self._row(whole, each) for each in choices)
            case "TE":
                is_number, low, high = numeric_bounds(payload)
                yield replace(whole, field=f"{placed.id}_TEXT", kind="number" if is_number else "text", low=low, high=high)
            case "Slider":
                low, high = slider_bounds(payload)
                yield from (replace(self._row(whole, each), kind="number", low=low, high=high) for each in choices)
            case "RO":
                ranks = float(len(choices))
                yield from (replace(self._row(whole, each), kind="number", low=1.0, high=ranks) for each in choices)
            case "CS":
                yield from (replace(self._row(whole, each), kind="number") for each in choices)
            case "Matrix":
                yield from self._matrix(whole, choices)
            case "SBS":
                yield from self._side_by_side(whole, choices)

    def _side_by_side(self, whole: _Part, rows: Sequence[Choice]) -> Iterator[_Part]:
        """Several matrices that have their rows in common."""
        for id, each in keyed(whole.payload.get("AdditionalQuestions")).items():
            if isinstance(each, dict):
                texts = (*whole.texts, texts_of(each, self._main))
                part = replace(whole, payload=each, name=f"{whole.name}_{id}", field=f"{whole.field}#{id}", texts=texts)
                yield from self._matrix(part, rows or self._choices(each, whole.field))

    def _matrix(self, whole: _Part, rows: Sequence[Choice]) -> Iterator[_Part]:
        """An item a row, or a cell where each cell is written in."""
        payload = whole.payload
        columns = choices_of(payload, self._main, "Answer")
        selector, sub = words(payload.get("Selector")), words(payload.get("SubSelector"))
        for row in rows:
            part = self._row(whole, row)
            if selector in ("TE", "CS", "RO"):
                kind: ItemKind = "text" if selector == "TE" else "number"
                yield from (replace(self._row(part, column), kind=kind) for column in columns)
            elif selector == "Profile":
                own = choices_of(payload, self._main, "Answer", keyed(payload.get("Answers")).get(row.id))
                yield replace(part, kind="multiple" if sub == "MultipleAnswer" else "single", choices=own)
            else:
                yield replace(part, kind="multiple" if sub == "MultipleAnswer" else "single", choices=columns)
            if row.has_text:
                yield replace(part, name=f"{part.name}_TEXT", field=f"{part.field}_TEXT")

    def _row(self, whole: _Part, row: Choice) -> _Part:
        tags = keyed(whole.payload.get("ChoiceDataExportTags"))
        named = words(tags.get(row.id)) if whole.field == whole.placed.id else ""
        if named and self._tagged[named] > 1:
            named = f"{whole.name}_{named}"
        return replace(
            whole, name=named or f"{whole.name}_{row.id}", field=f"{whole.field}_{row.id}", texts=(*whole.texts, row.texts)
        )

    def _choices(self, payload: dict[str, Any], id: str) -> list[Choice]:
        """Its own choices, and those that are carried forward to it."""
        own, source = choices_of(payload, self._main), carried_from(payload)
        if not source or source == id:
            return own
        self._drafting.lose(id, f"choices carried forward from what was chosen at {source[:40]}", "all choices of that question")
        carried = choices_of(self._payloads.get(source, {}), self._main)
        known = {each.id for each in own}
        recoded = keyed(payload.get("RecodeValues"))
        named = [(f"x{each.id}", each) for each in carried]
        return own + [replace(each, id=x, value=words(recoded.get(x)) or x) for x, each in named if x not in known]

    def _ask(self, part: _Part) -> None:
        where = f"{part.placed.id}, {part.name}"
        chosen = part.kind in ("single", "multiple")
        wording, translations = self._languages.worded(*part.texts)
        options = [self._option(each) for each in part.choices] if chosen else []
        self._tallies.note_filled_in(part.name, wording, options)
        self._drafting.ask(
            Question(
                where=where,
                name=part.name,
                field=part.field,
                wording=wording,
                kind=part.kind,
                options=options,
                low=part.low if part.kind == "number" else None,
                high=part.high if part.kind == "number" else None,
                translations=translations,
                routing=part.placed.routing or None,
                section=part.placed.section or None,
            )
        )
        for choice in part.choices if chosen else ():
            if choice.has_text:
                written = f"_{choice.id}_TEXT"
                texts = (*part.texts, choice.texts)
                beside = replace(part, kind="text", choices=(), texts=texts, name=part.name + written, field=part.field + written)
                self._ask(beside)

    def _option(self, choice: Choice) -> Option:
        label = self._languages.main_words(choice.texts)
        excluded = choice.excluded and missing_kind(plain_line(label), declared=True) is not None
        return Option(
            code=choice.value,
            label=label,
            labels=self._languages.translations(choice.texts),
            missing=excluded or is_no_answer(choice.value, label),
        )
