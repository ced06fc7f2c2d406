"""R code that gives the same numbers from a file of the same data, so that nobody need believe us.

The file is what `GET /analyses/{analysis}/data` sends: the columns that the recipe names, an empty field where there is nothing.
Every script leaves a data frame `results`, whose rows are told apart as the figures are.
"""

import json
from collections.abc import Sequence

from assent_analytics.service.analyses.frame import Frame, column_of_item, column_of_variable
from assent_analytics.service.analyses.raking_in_r import raking_in_r


def can_be_told(frame: Frame) -> bool:
    """Whether R can be told the design: it draws other bootstraps than we do."""
    replicates = frame.request.design.replicates
    return replicates is None or replicates.method == "jackknife"


class Script:
    """An R script as it is written."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame
        self._lines = _prelude(frame)
        self._rows: list[str] = []

    def add(self, code: str) -> None:
        """Code before the rows of the results: functions, mostly."""
        self._lines.append(code.strip("\n"))

    def rows(self, function: str, *arguments: object) -> None:
        """One call whose data frame is part of the results."""
        self._rows.append(f"{function}({', '.join(quoted(one) for one in arguments)})")

    @staticmethod
    def quoted(value: object) -> str:
        """A Python value as R writes it."""
        return quoted(value)

    def column(self, id: str) -> str:
        """The column of an item."""
        return column_of_item(self._frame.item(id))

    def text(self) -> str:
        """The whole script."""
        rows = ",\n  ".join(self._rows)
        return "\n".join([*self._lines, "", f"results <- rbind(\n  {rows}\n)", "print(results, digits = 10)", ""])


class Raw(str):
    """R code that stands in a call as it is."""

    __slots__ = ()


def quoted(value: object) -> str:
    """A Python value as R writes it."""
    if isinstance(value, Raw):
        return str(value)
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, Sequence):
        return f"c({', '.join(quoted(one) for one in value)})"
    raise TypeError(type(value).__name__)


# R keeps the rows that are left out of a calibrated design, at a probability without end: they are not to be counted.
MEMBERS = (
    "people <- function(design) if (is.null(design$prob)) nrow(design) else sum(is.finite(design$prob))",
    "members <- function(design, variable, group) {",
    '  if (group == "") rep(TRUE, nrow(design)) else design$variables[[paste0("group_", variable)]] %in% group',
    "}",
)


def _prelude(frame: Frame) -> list[str]:
    collection, choice = frame.sample.collection, frame.request.design
    ids = "~cluster" if collection.cluster else "~1"
    strata = "~stratum" if collection.stratum else "NULL"
    lines = [
        "library(survey)",
        f"options(survey.lonely.psu = {quoted(choice.lonely)})",
        'data <- read.csv("data.csv", colClasses = "character", na.strings = "", encoding = "UTF-8")',
        "data$weight <- as.numeric(data$weight)",
        f"design <- svydesign(ids = {ids}, strata = {strata}, weights = ~weight, data = data, nest = TRUE)",
    ]
    if choice.replicates is not None:
        lines.append('design <- as.svrepdesign(design, type = "auto")')
    lines += raking_in_r(frame)
    for variable, groups in frame.request.within.items():
        lines.append(f"design <- subset(design, {column_of_variable(variable)} %in% {quoted(groups)})")
    return [*lines, *MEMBERS]
