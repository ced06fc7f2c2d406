"""LimeSurvey's exports: a survey (.lss), a group (.lsg), a question (.lsq) or an archive (.lsa).

Answers arrive as RemoteControl 2 gives them with codes as headings: a question by its code, a subquestion as `Q1[SQ001]`, the second of
two scales as `Q1[SQ001][2]`. Expressions are kept to be read.
Reference: https://manual.limesurvey.org/Question_types and https://manual.limesurvey.org/Export_responses.
"""

from collections.abc import Sequence
from pathlib import PurePath

from assent_contracts.events.survey import ItemKind
from assent_survey.domain.draft import Draft
from assent_survey.instruments.conventional_codes import is_no_answer
from assent_survey.instruments.drafting import Drafting, Question
from assent_survey.instruments.languages import Languages, Texts, tag_of
from assent_survey.instruments.limesurvey_conditions import Conditions
from assent_survey.instruments.limesurvey_tables import Answer, Asked, Group, Survey, read_survey
from assent_survey.instruments.limesurvey_types import (
    BOXES,
    FIXED,
    LISTED,
    LOST,
    NUMBERS,
    TEXTS,
    WORDED,
    Cell,
    bounds,
    cells_of,
    is_array_of_boxes,
)  # fmt: skip
from assent_survey.instruments.opening import beginning_of
from assent_survey.instruments.plain_text import plain_text
from assent_survey.instruments.sorted_options import Option
from assent_survey.instruments.tallies import Tallies

_OTHER = "Other"
_BESIDES = {
    "array_filter": "rows that an earlier answer shows",
    "array_filter_exclude": "rows that an earlier answer hides",
    "em_validation_q": "a rule that answers are checked by",
    "em_validation_q_tip": "a hint beside the question",
    "em_validation_sq_tip": "a hint beside the question",
    "em_validation_sq": "a rule that answers are checked by",
    "exclude_all_others": "an option that excludes all others",
    "random_order": "an order that is random",
    "answer_order": "an order that is random",
    "subquestion_order": "an order that is random",
    "random_group": "an order that is random",
    "min_answers": "a rule that answers are checked by",
    "max_answers": "a rule that answers are checked by",
    "min_num_value": "a rule that answers are checked by",
    "max_num_value": "a rule that answers are checked by",
    "equals_num_value": "a rule that answers are checked by",
    "num_value_int_only": "a rule that answers are checked by",
    "maximum_chars": "a rule that answers are checked by",
    "date_min": "a rule that answers are checked by",
    "date_max": "a rule that answers are checked by",
    "prefix": "words beside the answer",
    "suffix": "words beside the answer",
    "dropdown_prepostfix": "words beside the answer",
    "other_numbers_only": "a rule that answers are checked by",
    "other_comment_mandatory": "an answer is required",
    "time_limit": "a limit of time",
    "image": "a picture beside the question",
    "script": "a program that runs in the question",
}
_ASKING_NOTHING = {
    "surveyls_welcometext": "a first page, which asks nothing",
    "surveyls_endtext": "a last page, which asks nothing",
    "surveyls_description": "words about the survey, which ask nothing",
    "surveyls_policy_notice": "a notice on the protection of data, whose acceptance is no answer",
}


class LimeSurvey:
    """The reader of LimeSurvey."""

    name = "limesurvey"
    title = "LimeSurvey (.lss, .lsg, .lsq, .lsa)"

    def recognises(self, content: bytes, filename: str) -> bool:  # noqa: ARG002 - the face's
        """The name of the document type near the beginning, or an archive with a survey in it."""
        return "<LimeSurveyDocType>" in beginning_of(content) or (content.startswith(b"PK\x03\x04") and b".lss" in content)

    def read(self, content: bytes, filename: str, *, language: str | None = None) -> Draft:
        """The instrument. Raises UnreadableInstrument."""
        return _Reading(read_survey(content), language).draft(filename)


class _Reading:
    """One export while it is read."""

    def __init__(self, survey: Survey, wanted: str | None) -> None:
        self._survey = survey
        self._drafting, self._tallies = Drafting(), Tallies()
        self._languages = Languages(survey.languages, default=survey.language, wanted=wanted)
        self._conditions = Conditions(survey)
        self._in_english = all((tag_of(each) or "").partition("-")[0] in ("", "en") for each in survey.languages)

    def draft(self, filename: str) -> Draft:
        for group in self._survey.groups:
            name = f"group {self._languages.main_words(group.titles)[:60]!r}"
            if group.row.get("description", "").strip():
                self._tallies.note("words at the beginning of a group", name)
            if group.row.get("randomization_group", "").strip():
                self._tallies.note("an order that is random", name)
            for asked in group.questions:
                self._question(asked, group)
        self._tell()
        title = self._languages.main_words(self._survey.titles) or PurePath(filename).stem
        return self._drafting.draft(title, language=self._languages.tag)

    def _tell(self) -> None:
        """What belongs to no question."""
        for column, what in _ASKING_NOTHING.items():
            if any(plain_text(row.get(column, "")) for row in self._survey.settings):
                self._drafting.lose(column, what)
        for row in self._survey.others.get("quota", ()):
            self._drafting.lose(f"quota {row.get('name', '')[:60]!r}", f"a quota of {row.get('qlimit', '?')[:20]}")
        for row in self._survey.others.get("survey_url_parameters", ()):
            self._drafting.lose(
                f"parameter {row.get('parameter', '')[:60]!r}", "a value out of the survey's address, which is no question"
            )
        for table, what in (("assessments", "the scoring of answers"), ("defaultvalues", "answers that are given beforehand")):
            if self._survey.others.get(table):
                self._drafting.lose(table, what)
        for theirs, tag in self._languages.unknown.items():
            self._drafting.lose("the survey", f"a language called {theirs[:40]!r}, whose code is not known", f"its texts, as {tag}")
        self._tallies.tell(self._drafting)

    def _question(self, asked: Asked, group: Group) -> None:
        where = asked.code or f"question {asked.row.get('qid', '?')[:20]}"
        if not asked.code:
            self._drafting.lose(where, "a question without a code, by which no answer arrives")
            return
        self._note(asked, where)
        kind = asked.kind
        if kind in LOST or kind not in (*LISTED, *FIXED, *BOXES, *NUMBERS, *TEXTS, "1", "F", "H", ";", ":", "R"):
            self._drafting.lose(where, LOST.get(kind, f"a question of a type that is not known, {kind[:20]!r}"), field=asked.code)
            return
        if kind == "S" and asked.attribute("location_mapservice") not in ("", "0"):
            self._drafting.lose(where, "a place", field=asked.code)
            return
        cells = cells_of(asked)
        if not cells:
            self._drafting.lose(where, "a table without rows")
        for cell in cells:
            self._cell(asked, cell, group)
        if asked.row.get("other") == "Y" and kind in (*LISTED, *BOXES):
            self._beside(asked, "[other]", "other", group, asked.attributes.get("other_replace_text") or {"": _OTHER})

    def _note(self, asked: Asked, where: str) -> None:
        if asked.row.get("mandatory", "N") in ("Y", "S"):
            self._tallies.note("an answer is required", where)
        if asked.helps:
            self._tallies.note("a hint beside the question", where)
        if asked.row.get("preg"):
            self._tallies.note("a pattern that answers are checked by", where)
        if any(each.scored for each in asked.answers):
            self._tallies.note("the scores of answers", where)
        for name, what in _BESIDES.items():
            if asked.attribute(name) not in ("", "0", "normal"):
                self._tallies.note(what, where)
        if asked.attribute("hidden") == "1":
            self._tallies.note("it is hidden from respondents", where)

    def _cell(self, asked: Asked, cell: Cell, group: Group) -> None:
        """One answer that arrives by itself: an item."""
        kind, options = self._answered(asked, cell)
        low, high = bounds(asked) if kind == "number" else (None, None)
        wording, translations = self._languages.worded(asked.texts, *(each.texts for each in cell.parts), *cell.headings)
        self._tallies.note_filled_in(asked.code, wording, options)
        self._drafting.ask(
            Question(
                where=asked.code + cell.suffix,
                name=asked.code + cell.suffix,
                field=asked.code + cell.suffix,
                wording=wording,
                kind=kind,
                options=options,
                low=low,
                high=high,
                translations=translations,
                routing=self._conditions.of(group, asked, *cell.parts) or None,
                section=self._languages.main_words(group.titles) or None,
            )
        )
        if asked.kind in ("O", "P"):
            suffix = cell.suffix.replace("]", "comment]") if cell.suffix else "[comment]"
            self._beside(asked, suffix, suffix.strip("[]"), group, *(each.texts for each in cell.parts), {"": "Comment"})

    def _answered(self, asked: Asked, cell: Cell) -> tuple[ItemKind, Sequence[Option]]:
        kind = asked.kind
        if kind in BOXES or is_array_of_boxes(asked):
            self._tallies.note("a box that is ticked or not: an item for each, and one left empty arrives empty", asked.code)
            yes, no = ("Y", "N") if kind in BOXES else ("1", "0")
            return "single", [Option(code=yes, label="Ticked"), Option(code=no, label="Not ticked", names=(no, ""))]
        if kind in NUMBERS or kind == ":":
            return "number", ()
        if kind in (*TEXTS, ";") and kind != "D" and asked.attribute("numbers_only") == "1":
            return "number", ()
        if kind in TEXTS or kind == ";":
            if kind == "D":
                self._tallies.note("the type of the answer, a date or time: open text is kept", asked.code)
            return "text", ()
        if kind in FIXED:
            if kind in WORDED and not self._in_english:
                self._tallies.note("words of answers that LimeSurvey has itself in each language: they are in English", asked.code)
            return "single", [Option(code=code, label=label) for code, label in FIXED[kind]]
        answers = asked.options(cell.scale) or (
            [Answer(each.code, "0", 0.0, each.texts) for each in asked.parts] if kind == "R" else []
        )
        options = [self._option(each) for each in answers]
        if kind in LISTED and asked.row.get("other") == "Y":
            texts = asked.attributes.get("other_replace_text", {})
            label = self._languages.main_words(texts) or _OTHER
            options.append(Option(code="-oth-", label=label, labels=self._languages.translations(texts)))
        return "single", options

    def _option(self, answer: Answer) -> Option:
        label = self._languages.main_words(answer.texts)
        return Option(
            answer.code, label, labels=self._languages.translations(answer.texts), missing=is_no_answer(answer.code, label)
        )

    def _beside(self, asked: Asked, suffix: str, name: str, group: Group, *labels: Texts) -> None:
        """The open text that is asked beside a question or an option."""
        wording, translations = self._languages.worded(asked.texts, *labels)
        self._drafting.ask(
            Question(
                where=asked.code + suffix,
                name=f"{asked.code}_{name}",
                field=asked.code + suffix,
                wording=wording,
                kind="text",
                translations=translations,
                routing=self._conditions.of(group, asked) or None,
                section=self._languages.main_words(group.titles) or None,
            )
        )
