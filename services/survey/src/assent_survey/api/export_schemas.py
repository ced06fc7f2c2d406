"""Exports as they are asked for and told."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from assent_kit.schemas import Answer, Flag, Request
from assent_survey.domain.instrument import Language
from assent_survey.domain.variables import Kind, Measure, Part

Format = Literal["csv", "sav", "dta", "parquet", "triple_s", "ddi"]


class ExportIn(Request):
    """What is wanted. `language` chooses a translation of wordings and labels; `received_day` adds the day on which each response was
    received, which may single people out where few answer on a day.
    """

    format: Format
    include_partial: Flag = True
    language: Language | None = None
    received_day: Flag = False


class ChangeOut(Answer):
    """A name or label that the format does not take as it is. `code` is that of the value whose label was cut."""

    variable: str
    what: Literal["name", "label", "value_label", "title"]
    code: int | None
    was: str
    became: str


class NotExported(Answer):
    """An item that has no column, and why."""

    item: str
    why: str


class LeftOut(Answer):
    """Responses that are not in an export, by why."""

    test: int = 0
    no_consent: int = 0
    partial: int = 0


class ExportSummary(Answer):
    """An export: what was asked for and, once it is ready, what its file holds."""

    id: str
    collection: str
    format: Format
    include_partial: bool
    language: str | None
    received_day: bool
    state: Literal["pending", "ready", "failed", "cancelled"]
    job: str = Field(description="the path of the job that makes it")
    asked_by: str
    asked_at: datetime
    made_at: datetime | None
    expires_at: datetime | None
    rows: int | None
    size: int | None = Field(description="bytes of the file")
    sha256: str | None


class ExportOut(ExportSummary):
    """With what was left out, and what the format could not carry as it was."""

    left_out: LeftOut
    changes: list[ChangeOut]
    not_exported: list[NotExported]


class ValueOut(Answer):
    """A number, the option or the reason that it stands for, and its label."""

    code: int
    option: str
    label: str


class VariableNames(Answer):
    """What a variable is called where its name is not taken as it is."""

    sav: str
    dta: str


class VariableOut(Answer):
    """A column of an export. `option` is the one of which a 0/1 column of an item with several answers tells whether it was chosen."""

    name: str
    label: str
    kind: Kind
    measure: Measure
    part: Part
    item: str | None
    option: str | None
    values: list[ValueOut]
    missing: list[ValueOut]
    names: VariableNames


class CodebookOut(Answer):
    """The columns that an export has or would have. `items` are the questions as they were asked, without what is left at its default."""

    title: str
    study: str
    instrument: str
    number: int
    collection: str | None
    facts: dict[str, object] | None
    language: str | None
    variables: list[VariableOut]
    not_exported: list[NotExported]
    items: list[dict[str, object]]


ByLanguage = Annotated[Language | None, Field(description="a translation of wordings and labels")]
