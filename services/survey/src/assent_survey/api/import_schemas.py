"""Imports as they are asked for and told."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from assent_kit.schemas import Answer, Request
from assent_survey.domain.import_plan import ImportPlan

Kind = Literal["csv", "sav", "dta"]


class ImportIn(Request):
    """The metadata beside a file: what its columns are. With `dry_run` everything is read and compared, and nothing is kept."""

    format: Kind = "csv"
    mapping: ImportPlan
    dry_run: bool = False


class RejectedRow(Answer):
    """A row that was not taken. `row` counts as a spreadsheet does, the first line being 1; in SPSS and Stata files the first case is 1."""

    row: int
    why: str


class ItemProblem(Answer):
    """In how many rows an item's answer had no place in the instrument, and why; the responses were kept without it."""

    item: str
    why: str
    rows: int


class Outcomes(Answer):
    """What became of the rows.

    `made` responses; `changed`: another version of a response; `unchanged`: what stands already; `superseded`: a newer account stands;
    `withdrawn`: of somebody who withdrew, and dropped; `to_compare`: a dry run does not say what becomes of rows whose response is known
    with other answers, that name a response twice, or whose respondents have tokens for tests or vignettes.
    """

    made: int = 0
    changed: int = 0
    unchanged: int = 0
    superseded: int = 0
    withdrawn: int = 0
    to_compare: int = 0


class ImportReport(Answer):
    """What the file held. Empty rows are skipped; of the rejected rows the first thousand are named."""

    rows: int
    blank: int
    rejected: int
    rejected_rows: list[RejectedRow]
    with_problems: int
    problems: list[ItemProblem]
    columns_not_read: list[str]


class ImportOut(Answer):
    """An import: what was asked for, how far it is, and what came of it."""

    id: str
    collection: str
    format: Kind
    mapping: ImportPlan
    dry_run: bool
    state: Literal["receiving", "pending", "done", "failed", "cancelled"]
    job: str | None = Field(description="the path of the job that reads it")
    file_kept: bool = Field(description="until the import is over; the file holds whatever people were called")
    report: ImportReport | None
    outcomes: Outcomes
    asked_by: str
    asked_at: datetime
    ended_at: datetime | None
