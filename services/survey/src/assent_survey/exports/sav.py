"""SPSS .sav, through ReadStat (pyreadstat): labels, measures, and missing answers as one range of user-missing values.

ReadStat cuts labels in silence and refuses names that SPSS reserves; so both are settled before. The file is plain .sav with row
compression, which Dataverse takes too. The library writes from a whole frame.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from assent_survey.domain.case_rows import NOTHING, Batch, Column
from assent_survey.domain.codebook import Codebook
from assent_survey.domain.fitting import Change, Limits, fit, to_bytes
from assent_survey.domain.variable_names import SPSS
from assent_survey.domain.variables import Variable
from assent_survey.exports.archive import Archive
from assent_survey.exports.columns import gather

if TYPE_CHECKING:
    from pyreadstat.pyclasses import MissingRange

LIMITS = Limits(naming=SPSS, title=to_bytes(64), label=to_bytes(256), value_label=to_bytes(120))
"""Where ReadStat cuts (measured with pyreadstat 1.3.7)."""


class Sav:
    """SPSS."""

    name = "sav"
    title = "SPSS (.sav)"

    def changes(self, codebook: Codebook, /) -> tuple[Change, ...]:
        """Names that SPSS reserves, and labels that are too long for it."""
        return fit(codebook, LIMITS).changes

    def write(self, codebook: Codebook, batches: Iterable[Batch], archive: Archive) -> None:
        """Write data.sav."""
        import pandas as pd  # are large, and only these files need them
        import pyreadstat

        fitted = fit(codebook, LIMITS)
        by_name = dict(zip(fitted.names, codebook.variables, strict=True))
        columns = {name: _as_written(column) for name, column in zip(fitted.names, gather(codebook, batches), strict=True)}
        labels = {name: _keyed(each, columns[name]) for name, each in zip(fitted.names, fitted.value_labels, strict=True) if each}
        with archive.path("data.sav") as path:
            pyreadstat.write_sav(
                pd.DataFrame(columns, copy=False),
                path,
                file_label=fitted.title,
                column_labels=list(fitted.labels),
                variable_value_labels=labels,
                missing_ranges={name: [_range(each)] for name, each in by_name.items() if each.missing},
                variable_measure={name: each.measure for name, each in by_name.items()},
                variable_format={name: "F8.0" for name, each in by_name.items() if each.kind == "category"},
                row_compress=True,
            )


def _as_written(column: Column) -> Column:
    """SPSS has one kind of number and calls an absent one system-missing: NaN here."""
    if column.dtype != np.int32 or not (absent := column == NOTHING).any():
        return column
    return np.where(absent, np.nan, column)


def _keyed(labels: dict[int, str], column: Column) -> dict[int | float, str]:
    """Labels by numbers of the column's own type, as the library wants them."""
    number = int if column.dtype == np.int32 else float
    return {number(code): label for code, label in labels.items()}


def _range(variable: Variable) -> "MissingRange":
    from pyreadstat.pyclasses import MissingRange

    codes = [value.code for value in variable.missing]
    return MissingRange(lo=min(codes), hi=max(codes))
