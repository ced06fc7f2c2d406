"""REDCap: the data dictionary as CSV, with the headings of its designer or of its API.

Answers arrive by the field's name and in raw codes; the columns `field___code` of a checkbox are one field of choices by then. What is
marked as an identifier is listed and not kept. Source: REDCap, data dictionary of 18 columns.
"""

import csv
import re
from collections.abc import Iterator

from assent_contracts.events.survey import ItemKind
from assent_survey.domain.draft import Draft, UnreadableInstrument
from assent_survey.domain.redcap_validations import IDENTIFYING
from assent_survey.instruments.conventional_codes import is_no_answer
from assent_survey.instruments.drafting import Drafting, Question
from assent_survey.instruments.identifiers import not_kept
from assent_survey.instruments.json_shape import number
from assent_survey.instruments.opening import beginning_of, open_text
from assent_survey.instruments.plain_text import plain_text
from assent_survey.instruments.sorted_options import Option
from assent_survey.instruments.tallies import FILLED_IN, Tallies

_HEADINGS = {
    "variable / field name": "field_name",
    "form name": "form_name",
    "section header": "section_header",
    "field type": "field_type",
    "field label": "field_label",
    "choices, calculations, or slider labels": "choices",
    "choices or calculations": "choices",
    "select_choices_or_calculations": "choices",
    "field note": "field_note",
    "text validation type or show slider number": "validation",
    "text_validation_type_or_show_slider_number": "validation",
    "text validation min": "text_validation_min",
    "text validation max": "text_validation_max",
    "identifier?": "identifier",
    "branching logic (show field only if...)": "branching_logic",
    "required field?": "required_field",
    "matrix group name": "matrix_group_name",
    "matrix ranking?": "matrix_ranking",
    "field annotation": "field_annotation",
}
_KINDS: dict[str, ItemKind] = {
    "radio": "single",
    "dropdown": "single",
    "select": "single",
    "yesno": "single",
    "truefalse": "single",
    "checkbox": "multiple",
    "slider": "number",
    "calc": "number",
    "text": "text",
    "notes": "text",
    "textarea": "text",
    "sql": "text",
}
_FIXED = {"yesno": (Option("1", "Yes"), Option("0", "No")), "truefalse": (Option("1", "True"), Option("0", "False"))}
_NOT_CODED = {"descriptive": "a text that asks nothing", "file": "a file", "signature": "a signature"}
_PIPED = re.compile(r"\[([a-z][a-z0-9_-]*+)[^\[\]]*\]")
_NUMERIC = re.compile(r"integer|number.*|float", re.IGNORECASE)
_TELLING = (("field name", "form name"), ("field_name", "form_name"), ("form name", "section header", "field type"))
_EMPTY_IN_R = "NA"  # as R writes a dictionary that it was given through the API
_RECORD_NAME = re.compile(r"(.*_)?(id|record|pid|sid|uid|subject|participant)", re.IGNORECASE)

Row = dict[str, str]


class RedcapDictionary:
    """Reads a dictionary whose project's records arrive by the platform `redcap`."""

    name = "redcap"
    title = "REDCap data dictionary (CSV)"

    def recognises(self, content: bytes, filename: str) -> bool:  # noqa: ARG002 - every dictionary is called .csv
        """Headings of the first columns."""
        beginning = beginning_of(content).lower()
        return any(all(heading in beginning for heading in told) for told in _TELLING)

    def read(self, content: bytes, filename: str, *, language: str | None = None) -> Draft:  # noqa: ARG002 - a dictionary has one language
        """Raises UnreadableInstrument."""
        return _Reading(_rows(open_text(content)), filename).draft()


def _rows(text: str) -> list[tuple[int, Row]]:
    """The rows that name a field, with their number in the file."""
    text = text.replace("\0", "").lstrip("\ufeff\r\n ")
    heading = text[:4096].partition("\n")[0]
    delimiter = max(",;\t", key=heading.count)
    try:
        table = list(csv.reader(text.splitlines(keepends=True), delimiter=delimiter))
    except csv.Error as error:
        raise UnreadableInstrument(f"the file is not CSV: {error}") from error
    names = (
        [_HEADINGS.get(" ".join(each.strip().lower().split()), each.strip().lower().replace(" ", "_")) for each in table[0]]
        if table
        else []
    )
    if "field_name" not in names and names[1:4] == ["form_name", "section_header", "field_type"]:
        names[0] = "field_name"  # the columns have their order, also where somebody spoilt the first heading
    if "field_name" not in names or "field_type" not in names:
        raise UnreadableInstrument(
            "the first row has no headings `Variable / Field Name` and `Field Type`, so it is no data dictionary"
        )
    rows = (
        (number, dict(zip(names, ("" if each.strip() == _EMPTY_IN_R else each.strip() for each in cells), strict=False)))
        for number, cells in enumerate(table[1:], start=2)
    )
    return [(number, row) for number, row in rows if row.get("field_name") or row.get("field_label") or row.get("field_type")]


class _Reading:
    """One dictionary while it is read."""

    def __init__(self, rows: list[tuple[int, Row]], filename: str) -> None:
        self._rows = rows
        self._fields = {row.get("field_name", "") for _, row in rows}
        self._title = re.sub(r"(_?data_?dictionary.*|_\d{4}-\d{2}-\d{2}.*)?\.csv$", "", filename, flags=re.IGNORECASE)
        self._drafting = Drafting()
        self._tallies = Tallies()

    def draft(self) -> Draft:
        """The whole dictionary."""
        form = section = ""
        forms: dict[str, None] = {}
        for place, (number_, row) in enumerate(self._rows):
            if row.get("form_name", "") != form:
                form, section = row.get("form_name", ""), ""
                forms[form] = None
            section = row.get("section_header") or section
            name = row.get("field_name", "")
            where = f"row {number_}, {name or 'without a name'}"
            if not name:
                self._drafting.lose(where, "a row that names no field")
            elif place == 0 and _names_the_record(row):
                self._drafting.lose(where, "the record's own name, which is no question", field=name)
            else:
                self._take(row, name, where, " / ".join(filter(None, (form, plain_text(section)))))
        for each in filter(None, forms):
            self._drafting.lose(f"form {each}", "whether the form is complete, which is no question", field=f"{each}_complete")
        self._tallies.tell(self._drafting)
        return self._drafting.draft(self._title or next(iter(forms), ""))

    def _take(self, row: Row, name: str, where: str, section: str) -> None:
        kind = row.get("field_type", "").lower()
        if row.get("identifier", "").lower() in ("y", "yes", "1") or row.get("validation", "").lower() in IDENTIFYING:
            self._drafting.lose(where, not_kept(), field=name)
        elif kind in _NOT_CODED:
            self._drafting.lose(where, _NOT_CODED[kind], field=None if kind == "descriptive" else name)
        elif kind not in _KINDS:
            self._drafting.lose(where, "a field of a type that is not known")
        else:
            self._note(row, kind, name)
            self._drafting.ask(self._question(row, kind, name, where, section))

    def _note(self, row: Row, kind: str, name: str) -> None:
        """What no item carries."""
        beside = {
            "an annotation with action tags": row.get("field_annotation"),
            "that an answer is required": row.get("required_field", "").lower() in ("y", "yes", "1"),
            "that it is a row of a matrix": row.get("matrix_group_name"),
            "that no two rows of a matrix have the same rank": row.get("matrix_ranking", "").lower() in ("y", "yes", "1"),
            "the formula of a calculation": kind == "calc" and row.get("choices"),
            "the words along a slider": kind == "slider" and row.get("choices"),
            "a service that answers are searched for in": kind == "text" and row.get("choices"),
            "options that come from a query, so that the file does not have them": kind == "sql",
            FILLED_IN: any(map(self._is_piped, (row.get("field_label", ""), row.get("field_note", ""), row.get("choices", "")))),
        }
        self._tallies.note_those(beside, name)

    def _is_piped(self, words: str) -> bool:
        """Whether an earlier answer is filled in among words: a field in brackets, or one of REDCap's own names, which have hyphens."""
        return any(each in self._fields or "-" in each for each in _PIPED.findall(words))

    def _question(self, row: Row, kind: str, name: str, where: str, section: str) -> Question:
        validation = row.get("validation", "")
        numeric = kind == "text" and _NUMERIC.fullmatch(validation) is not None
        limits = [row.get(f"text_validation_{end}", "") for end in ("min", "max")]
        low, high = (number(each.replace(",", ".")) if numeric or kind == "slider" else None for each in limits)
        if any(limits) and low is None and high is None:
            self._drafting.lose(where, "a least and a greatest value that are not plain numbers")
        if kind == "text" and validation.lower().startswith(("date", "time")):
            self._drafting.lose(where, "a date or a time", "open text")
        if kind == "slider":
            low, high = 0.0 if low is None else low, 100.0 if high is None else high
        return Question(
            where=where,
            name=name,
            wording="\n".join(filter(None, (row.get("field_label", ""), row.get("field_note", "")))),
            kind="number" if numeric else _KINDS[kind],
            options=_FIXED.get(kind) or (tuple(_choices(row.get("choices", ""))) if _KINDS[kind] in ("single", "multiple") else ()),
            low=low,
            high=high,
            routing=row.get("branching_logic"),
            section=section,
        )


def _names_the_record(row: Row) -> bool:
    """Whether the first row is the record's name, as it is in the dictionary of a whole project."""
    return row.get("field_type", "").lower() == "text" and _RECORD_NAME.fullmatch(row.get("field_name", "")) is not None


def _choices(listed: str) -> Iterator[Option]:
    """`1, Urban | 2, Rural`; also one a line, as they are typed."""
    parts = listed.split("|") if "|" in listed else listed.splitlines()
    for each in parts:
        code, _, label = (part.strip() for part in each.partition(","))
        if code:
            yield Option(code=code, label=label or code, missing=is_no_answer(code, label))
