"""XLSForm, the spreadsheets of ODK and KoboToolbox, in a workbook, CSV or Markdown.

Answers arrive as Kobo gives them: a question by its groups and its name, `group/question`, a choice by its name. A question within a
repeat has no single answer and is a loss. Expressions are kept to be read; only a constraint that is a plain range becomes one.
Reference: https://xlsform.org/en/ and https://support.kobotoolbox.org (scores and ranks).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

from assent_survey.domain.draft import Draft
from assent_survey.instruments.conventional_codes import is_no_answer
from assent_survey.instruments.drafting import Drafting, Question
from assent_survey.instruments.languages import Languages
from assent_survey.instruments.sorted_options import Option
from assent_survey.instruments.tallies import Tallies
from assent_survey.instruments.xlsform_sheets import Row, Sheets, kind_of_file, open_sheets
from assent_survey.instruments.xlsform_types import DATES, Asking, asking_of, lost_as, parameters, plain_range

_GROUP = re.compile(
    r"(?P<edge>begin|end)[ _](?P<what>group|repeat|looped group|lgroup|loop|score|rank|kobomatrix)\b.*", re.IGNORECASE
)
_REPEATED = ("repeat", "looped group", "lgroup", "loop", "kobomatrix")
_DEEPEST = 50
_SPECIFY = "Specify other."  # pyxform's words
_BESIDES = {
    "hint": "a hint beside the question",
    "media": "a picture, sound or film",
    "required": "an answer is required",
    "readonly": "an answer that nobody can change",
    "default": "an answer that is given beforehand",
    "calculate": "an answer that is computed",
    "choice_filter": "a condition under which its choices are shown",
    "trigger": "a calculation when another answer changes",
}
_YES_OR_NO = ("required", "readonly")
_NO = ("no", "false", "false()", "0")
_READING_TEST = "literacy"
_SEARCHED = "search("  # then the list only says in which columns of a file the choices are


class XlsForm:
    """The reader of XLSForm."""

    name = "xlsform"
    title = "XLSForm (ODK, KoboToolbox)"

    def recognises(self, content: bytes, filename: str) -> bool:  # noqa: ARG002 - the face's
        """A workbook, or a text with a sheet called survey."""
        return kind_of_file(content) is not None

    def read(self, content: bytes, filename: str, *, language: str | None = None) -> Draft:
        """The instrument. Raises UnreadableInstrument."""
        return _Reading(open_sheets(content), language).draft(filename)


@dataclass(frozen=True, slots=True)
class _Group:
    """A group that is open. `lost` says why its questions cannot be carried; `choices` is the list that all of them take."""

    name: str
    what: str
    label: str
    relevant: str
    lost: str | None = None
    choices: str = ""


class _Reading:
    """One form while it is read."""

    def __init__(self, sheets: Sheets, wanted: str | None) -> None:
        self._sheets = sheets
        self._drafting, self._tallies = Drafting(), Tallies()
        named = [name for row in (*sheets.survey, *sheets.choices, *sheets.external) for name in row.words(row.said_in)]
        default = _main([name for row in sheets.survey for name in row.words(row.said_in)], sheets.settings["default_language"])
        self._languages = Languages(named, default=default, wanted=wanted)
        self._groups: list[_Group] = []
        asked = (asking_of(" ".join(row["type"].split())) for row in sheets.survey)
        self._with_other = {each.choices for each in asked if each is not None and each.or_other}
        self._lists: dict[tuple[bool, str], list[Row]] = {}
        for external, rows in ((False, sheets.choices), (True, sheets.external)):
            for row in rows:
                self._lists.setdefault((external, row["list_name"]), []).append(row)

    def draft(self, filename: str) -> Draft:
        for row in self._sheets.survey:
            kind = " ".join(row["type"].split())
            if not kind:
                self._drafting.lose(row.where, "a row without a type")
            elif row["disabled"].casefold() in ("yes", "true", "true()"):
                self._tallies.note("a row that the form disables", row["name"] or row.where)
            elif edge := _GROUP.fullmatch(kind):
                self._turn(row, edge["edge"].lower(), edge["what"].lower())
            else:
                self._row(row, kind)
        for theirs, tag in self._languages.unknown.items():
            self._drafting.lose(
                "the columns' names", f"a language called {theirs[:40]!r}, whose code is not known", f"its texts, as {tag}"
            )
        self._tallies.tell(self._drafting)
        settings = self._sheets.settings
        title = settings["title"] or settings["id_string"] or PurePath(filename).stem
        return self._drafting.draft(title, language=self._languages.tag, version=settings["version"])

    def _turn(self, row: Row, edge: str, what: str) -> None:
        """Into a group, or out of one."""
        if edge == "end":
            if self._groups:
                self._groups.pop()
            return
        lost = self._groups[-1].lost if self._groups else None
        if what in _REPEATED:
            thing = "table" if what == "kobomatrix" else "repeat"
            lost = f"a question within a {thing}, whose answers are several"
            self._drafting.lose(row.where, f"the {thing} {row['name'][:60]!r}", field=self._path(row["name"]))
        if len(self._groups) >= _DEEPEST:
            lost = f"a question within more than {_DEEPEST} groups"
        choices = row["kobo--score-choices"] or row["kobo--rank-items"]
        label = self._languages.main_words(row.words("label"))
        self._groups.append(_Group(row["name"], what, label, row["relevant"], lost, choices))

    def _path(self, name: str) -> str:
        return "/".join([*(each.name for each in self._groups if each.name), name])

    def _row(self, row: Row, kind: str) -> None:
        name, field = row["name"] or kind, self._path(row["name"] or kind)
        asking = asking_of(kind, self._groups[-1].choices if self._groups else "")
        lost = self._groups[-1].lost if self._groups else None
        if asking is None:
            self._drafting.lose(f"{row.where}, {name}", lost_as(kind), field=field)
        elif lost is not None:
            self._drafting.lose(f"{row.where}, {name}", lost, field=field)  # a repeat that was filled in once arrives like a group
        elif _READING_TEST in row["appearance"].split():
            self._drafting.lose(f"{row.where}, {name}", "a reading test, whose answer begins with its counts", field=field)
        elif not row["name"]:
            self._drafting.lose(row.where, "a question without a name, by which no answer arrives")
        else:
            self._ask(row, asking, field)

    def _ask(self, row: Row, asking: Asking, field: str) -> None:
        where, name = f"{row.where}, {row['name']}", row["name"]
        for column, what in _BESIDES.items():
            denied = column in _YES_OR_NO and row[column].casefold() in _NO
            if column != row.said_in and ((row[column] and not denied) or row.words(column)):
                self._tallies.note(what, name)
        if asking.kind_name in DATES:
            self._tallies.note("the type of the answer, a date or time: open text is kept", name)
        low, high = self._bounds(row, asking, where)
        texts, options = row.words(row.said_in), self._options(where, asking, row["appearance"])
        wording = self._languages.main_words(texts)
        self._tallies.note_filled_in(name, wording, options)
        self._drafting.ask(
            Question(
                where=where,
                name=name,
                field=field,
                wording=wording,
                kind=asking.kind,
                options=options,
                low=low,
                high=high,
                translations=self._languages.translations(texts),
                routing=_all(*(each.relevant for each in self._groups), row["relevant"]) or None,
                section=" / ".join(each.label for each in self._groups if each.label) or None,
            )
        )
        if asking.or_other:
            chosen = f"selected(${{{name}}}, 'other')"
            self._drafting.ask(
                Question(where=where, name=f"{name}_other", field=f"{field}_other", wording=_SPECIFY, kind="text", routing=chosen)
            )

    def _bounds(self, row: Row, asking: Asking, where: str) -> tuple[float | None, float | None]:
        if asking.kind_name == "range":
            given = parameters(row["parameters"])
            return given.get("start", 0.0), given.get("end", 10.0)
        constraint = row["constraint"]
        found = plain_range(constraint, whole=asking.kind_name in ("integer", "int")) if asking.kind == "number" else None
        if constraint and found is None:
            self._drafting.lose(where, f"a rule that answers are checked by: {constraint[:200]}")
        return found or (None, None)

    def _options(self, where: str, asking: Asking, appearance: str) -> Sequence[Option]:
        if asking.kind_name in ("acknowledge", "trigger"):
            return [Option(code="OK", label="OK")]
        if asking.from_elsewhere or _SEARCHED in appearance:
            self._drafting.lose(where, "choices out of another file or a repeat")
        options = [self._option(row) for row in self._lists.get((asking.external, asking.choices), ()) if row["name"]]
        if asking.choices in self._with_other and options and all(each.code != "other" for each in options):
            options.append(Option(code="other", label="Other"))
        return options

    def _option(self, row: Row) -> Option:
        texts, code = row.words("label"), row["name"]
        label = self._languages.main_words(texts)
        return Option(code=code, label=label, labels=self._languages.translations(texts), missing=is_no_answer(code, label))


def _main(named: Sequence[str], stated: str) -> str:
    """The language that the form states, where it has it or a column without a language, which then is in it; else the first column's."""
    if stated in named or (stated and "" in named and stated.lower() != "default"):
        return stated
    return "" if "" in named or not named else named[0]


def _all(*conditions: str) -> str:
    stated = [each for each in conditions if each]
    return stated[0] if len(stated) == 1 else " and ".join(f"({each})" for each in stated)
