"""The sheets of an XLSForm: workbook, CSV or Markdown, as rows whose columns have XLSForm's own names.

pyxform reads the file and knows the columns' other names. Its conversion to XForms is not used: it refuses many forms that work in the
field, and loses the numbers of their rows.
"""

import io
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pyxform import aliases
from pyxform.errors import PyXFormError
from pyxform.parsing.sheet_headers import process_header
from pyxform.xls2json_backends import DefinitionData, get_xlsform

from assent_survey.domain.draft import UnreadableInstrument, clipped
from assent_survey.instruments.face import LARGEST
from assent_survey.instruments.opening import beginning_of, open_text
from assent_survey.instruments.plain_text import without_emphasis

MOST_UNPACKED = 10 * LARGEST
"""Bytes that a workbook may hold when it is unpacked."""
MOST_ROWS = 100_000

_COLUMNS = {
    "type",
    "name",
    "label",
    "hint",
    "guidance_hint",
    "list_name",
    "default",
    "parameters",
    "choice_filter",
    "trigger",
    "disabled",
}
_SETTINGS = {"title", "id_string", "version", "default_language", "instance_name"}
_WORKBOOK, _OLD_WORKBOOK = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_MARKDOWN = re.compile(r"^\s*\|\s*survey\s*\|", re.IGNORECASE | re.MULTILINE)
_CSV = re.compile(r'^\ufeff?"?survey"?\s*(,|$)', re.IGNORECASE | re.MULTILINE)

Words = dict[str, str]
"""A text in each of its languages; the empty name is a column without a language."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row and where it is. `plain` are its single columns, `worded` those that have a language."""

    where: str
    plain: Mapping[str, str]
    worded: Mapping[str, Words] = field(default_factory=dict)

    def __getitem__(self, column: str) -> str:
        return self.plain.get(column, "")

    def words(self, column: str) -> Words:
        """A text in each of its languages. What Markdown emphasises is as plain as the rest."""
        return {language: without_emphasis(text) for language, text in self.worded.get(column, {}).items()}

    @property
    def said_in(self) -> str:
        """The column that has its words: the label, or the hint, in which alone a question may have them."""
        return "label" if self.worded.get("label") else "hint"


@dataclass(frozen=True, slots=True)
class Sheets:
    """The rows of an XLSForm; `settings` is its one row, or an empty one. `external` are the choices of `select_one_external`."""

    survey: Sequence[Row]
    choices: Sequence[Row]
    external: Sequence[Row]
    settings: Row


def kind_of_file(content: bytes) -> str | None:
    """What an XLSForm is written in, as the ending of such files; None where it is no XLSForm."""
    if content.startswith(_WORKBOOK):
        return ".xlsx" if b"xl/workbook.xml" in content else None
    if content.startswith(_OLD_WORKBOOK):
        return ".xls"
    beginning = beginning_of(content, 65536)
    if _MARKDOWN.search(beginning):
        return ".md"
    return ".csv" if _CSV.search(beginning) else None


def open_sheets(content: bytes) -> Sheets:
    """Raises UnreadableInstrument."""
    if len(content) > LARGEST:
        raise UnreadableInstrument(f"the file is larger than {LARGEST // 1024 // 1024} MiB")
    kind = kind_of_file(content)
    if kind is None:
        raise UnreadableInstrument("the file is neither a workbook nor a CSV or Markdown file with a sheet called survey")
    if kind == ".xlsx":
        _check_unpacked(content)
    found = _read(content if kind.startswith(".xls") else open_text(content).encode(), kind)
    if not found.survey:
        raise UnreadableInstrument("the file has no sheet called survey, or nothing is in it")
    settings = next(iter(_rows("settings", found.settings)), Row("settings", {}))
    return Sheets(
        survey=_rows("survey", found.survey),
        choices=_rows("choices", found.choices),
        external=_rows("external_choices", found.external_choices),
        settings=settings,
    )


def _check_unpacked(content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            size = sum(each.file_size for each in archive.infolist())
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
        raise UnreadableInstrument("the workbook is damaged") from error
    if size > MOST_UNPACKED:
        raise UnreadableInstrument(f"the workbook holds more than {MOST_UNPACKED // 1024 // 1024} MiB when it is unpacked")


def _read(content: bytes, kind: str) -> DefinitionData:
    try:
        return get_xlsform(content, file_type=kind)
    except PyXFormError as error:
        raise UnreadableInstrument(
            f"the {kind} file cannot be read as sheets: {clipped(' '.join(str(error).split()), 300)}"
        ) from error
    except Exception as error:  # what two libraries for workbooks raise on broken ones has no end
        raise UnreadableInstrument(f"the {kind} file cannot be read as sheets ({type(error).__name__})") from error


def _rows(sheet: str, given: Sequence[Mapping[str, Any]] | None) -> list[Row]:
    """The rows that hold anything, with their columns' other names made one."""
    given = (given or ())[:MOST_ROWS]
    headers = dict.fromkeys(header for row in given for header in row if isinstance(header, str) and header.strip())
    columns = _columns(sheet, headers)
    numbered = [(number, row) for number, row in enumerate(given, start=2) if any(map(_text, row.values()))]
    return [_row(f"{sheet}, row {number}", row, columns) for number, row in numbered]


def _columns(sheet: str, headers: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """What each header means: `label::French (fr)` is the label in French."""
    others = {"survey": aliases.survey_header, "settings": aliases.settings_header}.get(sheet, aliases.list_header)
    known = _SETTINGS if sheet == "settings" else _COLUMNS
    headers = list(headers)
    doubled = any("::" in each for each in headers)
    found = {}
    for header in headers:
        try:
            found[header] = process_header(header, doubled, others, known)[1]
        except (IndexError, AttributeError):  # `jr:` with nothing after it
            found[header] = (header,)
    return found


def _row(where: str, given: Mapping[str, Any], columns: Mapping[str, tuple[str, ...]]) -> Row:
    plain: dict[str, str] = {}
    worded: dict[str, Words] = {}
    for header, value in given.items():
        text = _text(value)
        if not text or header not in columns:
            continue
        match columns[header]:
            case ("label" | "hint" | "media" as column, *language):
                worded.setdefault(column, {}).setdefault(language[-1] if language else "", text)
            case ("bind" | "control", name, *_) | (name, *_):
                plain.setdefault(name.replace("list name", "list_name"), text)
    return Row(where, plain, worded)


def _text(value: Any) -> str:
    return "" if value is None else str(value).strip()
