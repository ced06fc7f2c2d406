"""A LimeSurvey export as what it is, a dump of tables, made into groups, questions and answers with their texts by language.

Two dialects are read alike: since version 4 texts are in tables of their own (`question_l10ns`), before that each row was there once
for each language. Also the exports of one group (.lsg), of one question (.lsq), and the survey inside an archive (.lsa).
"""

import io
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from assent_survey.domain.draft import UnreadableInstrument
from assent_survey.instruments.face import LARGEST
from assent_survey.instruments.opening import open_xml

_OTHERS = ("quota", "assessments", "conditions", "defaultvalues", "survey_url_parameters")

Row = dict[str, str]
Texts = dict[str, str]


@dataclass(slots=True)
class Answer:
    """An option of a question, on the first scale or on the second."""

    code: str
    scale: str
    order: float
    texts: Texts = field(default_factory=dict)
    scored: bool = False


@dataclass(slots=True)
class Asked:
    """A question or a subquestion, as its row has it."""

    row: Row
    texts: Texts = field(default_factory=dict)
    helps: Texts = field(default_factory=dict)
    attributes: dict[str, Texts] = field(default_factory=dict)
    answers: list[Answer] = field(default_factory=list)
    parts: list["Asked"] = field(default_factory=list)

    @property
    def code(self) -> str:
        """By which its answer arrives."""
        return self.row.get("title", "")

    @property
    def kind(self) -> str:
        """The letter of its type."""
        return self.row.get("type", "")

    @property
    def relevance(self) -> str:
        """The condition under which it is shown, empty where it always is."""
        return condition(self.row.get("relevance", ""))

    def attribute(self, name: str) -> str:
        """An attribute that has no language, empty where it is not set."""
        return next((value for value in self.attributes.get(name, {}).values() if value), "")

    def on_scale(self, scale: str) -> list["Asked"]:
        """The subquestions of the first scale, the rows, or of the second, the columns."""
        return [each for each in self.parts if (each.row.get("scale_id") or "0") == scale]

    def options(self, scale: str = "0") -> list[Answer]:
        """The answers of a scale, in order."""
        return [each for each in self.answers if each.scale == scale]


@dataclass(slots=True)
class Group:
    """A group of questions."""

    row: Row
    titles: Texts = field(default_factory=dict)
    questions: list[Asked] = field(default_factory=list)

    @property
    def relevance(self) -> str:
        """The condition under which it is shown, empty where it always is."""
        return condition(self.row.get("grelevance", ""))


@dataclass(slots=True)
class Survey:
    """What the export holds. `language` is the survey's own, empty where the export does not say; `settings` are its own texts, a row
    for each language; `others` are tables not used here.
    """

    language: str
    languages: list[str]
    titles: Texts
    groups: list[Group]
    settings: list[Row]
    others: dict[str, list[Row]]


def condition(written: str) -> str:
    """A condition that says anything."""
    return "" if written.strip() in ("", "1", "true") else written.strip()


def read_survey(content: bytes) -> Survey:
    """Raises UnreadableInstrument."""
    root = open_xml(_unpacked(content))
    tables = {table.tag: _rows(table) for table in root if isinstance(table.tag, str)}
    if root.tag != "document" or "questions" not in tables:
        raise UnreadableInstrument("the file holds no questions of a LimeSurvey export")
    named = [each.text.strip() for each in root.iterfind("languages/language") if each.text and each.text.strip()]
    main = next((row["language"] for row in tables.get("surveys", ()) if row.get("language")), "")
    settings = tables.get("surveys_languagesettings", [])
    questions = _questions(tables)
    return Survey(
        language=main or (named[0] if named else ""),
        languages=named,
        titles={row.get("surveyls_language", ""): row["surveyls_title"] for row in settings if row.get("surveyls_title")},
        groups=_groups(tables, list(questions.values())),
        settings=settings,
        others={name: rows for name, rows in tables.items() if name in _OTHERS and rows},
    )


def _unpacked(content: bytes) -> bytes:
    """The survey of an archive, or the file itself."""
    if not content.startswith(b"PK\x03\x04"):
        return content
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            found = next((each for each in archive.infolist() if each.filename.lower().endswith(".lss")), None)
            if found is None:
                raise UnreadableInstrument("the archive holds no survey (.lss)")
            with archive.open(found) as packed:
                unpacked = packed.read(LARGEST + 1)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, OSError, EOFError, zlib.error) as error:
        raise UnreadableInstrument("the archive is damaged") from error
    if len(unpacked) > LARGEST:
        raise UnreadableInstrument(f"the survey in the archive is larger than {LARGEST // 1024 // 1024} MiB")
    return unpacked


def _rows(table: Element) -> list[Row]:
    return [{cell.tag: cell.text or "" for cell in row if isinstance(cell.tag, str)} for row in table.iterfind("rows/row")]


def _questions(tables: dict[str, list[Row]]) -> dict[str, Asked]:
    """Every question by its id, with its subquestions, answers and attributes in order."""
    found: dict[str, Asked] = {}
    for row in [*tables["questions"], *tables.get("subquestions", ())]:
        asked = found.setdefault(row.get("qid", ""), Asked(row))
        _word(asked.texts, row, "question")
        _word(asked.helps, row, "help")
        _word(asked.attributes.setdefault("script", {}), row, "script")
    for row in tables.get("question_l10ns", ()):
        if (known := found.get(row.get("qid", ""))) is not None:
            _word(known.texts, row, "question")
            _word(known.helps, row, "help")
            _word(known.attributes.setdefault("script", {}), row, "script")
    for row in tables.get("question_attributes", ()):
        if (known := found.get(row.get("qid", ""))) is not None and row.get("value"):
            known.attributes.setdefault(row.get("attribute", ""), {})[row.get("language", "")] = row["value"]
    for qid, answer in _answers(tables):
        if (known := found.get(qid)) is not None:
            known.answers.append(answer)
    for asked in found.values():
        asked.answers.sort(key=lambda each: each.order)
    _nest(found)
    return found


def _nest(found: dict[str, Asked]) -> None:
    """Put each subquestion into its question."""
    for asked in found.values():
        parent = found.get(asked.row.get("parent_qid") or "0")
        if parent is not None and parent is not asked:
            parent.parts.append(asked)
    for asked in found.values():
        asked.parts.sort(key=lambda each: _number(each.row.get("question_order", "")))


def _answers(tables: dict[str, list[Row]]) -> Iterator[tuple[str, Answer]]:
    """Each answer once, with the id of its question. Texts belong to an answer by its id; programs that write no ids repeat its code."""
    worded: dict[tuple[str, ...], Texts] = {}
    for row in tables.get("answer_l10ns", ()):
        _word(worded.setdefault(_identity(row), {}), row, "answer")
    found: dict[tuple[str, str, str], Answer] = {}
    assessed = all(row.get("assessments") != "N" for row in tables.get("surveys", ()))  # a value may be there although it is off
    for row in tables.get("answers", ()):
        key = row.get("qid", ""), row.get("code", ""), row.get("scale_id") or "0"
        answer = found.setdefault(key, Answer(key[1], key[2], _number(row.get("sortorder", ""))))
        answer.scored = assessed and _number(row.get("assessment_value", "")) != 0
        _word(answer.texts, row, "answer")
        answer.texts.update(worded.get(_identity(row)) or worded.get(key, {}))
    yield from ((qid, answer) for (qid, _, _), answer in found.items())


def _identity(row: Row) -> tuple[str, ...]:
    return (row["aid"],) if row.get("aid") else (row.get("qid", ""), row.get("code", ""), row.get("scale_id") or "0")


def _groups(tables: dict[str, list[Row]], questions: list[Asked]) -> list[Group]:
    """The groups in order with their questions. Questions of no group that is there stand in one of no name, at the end."""
    found: dict[str, Group] = {}
    for row in tables.get("groups", ()):
        _word(found.setdefault(row.get("gid", ""), Group(row)).titles, row, "group_name")
    for row in tables.get("group_l10ns", ()):
        if (known := found.get(row.get("gid", ""))) is not None:
            _word(known.titles, row, "group_name")
            known.row.setdefault("description", row.get("description", ""))
    rest = Group({})
    for asked in questions:
        if (asked.row.get("parent_qid") or "0") == "0":
            found.get(asked.row.get("gid", ""), rest).questions.append(asked)
    ordered = sorted(found.values(), key=lambda each: _number(each.row.get("group_order", "")))
    for group in (*ordered, rest):
        group.questions.sort(key=lambda each: _number(each.row.get("question_order", "")))
    return [*ordered, rest]


def _word(texts: Texts, row: Row, column: str) -> None:
    if row.get(column, "").strip():
        texts.setdefault(row.get("language", ""), row[column])


def _number(written: str) -> float:
    try:
        return float(int(written))
    except ValueError:
        return 0.0
