"""Stata .dta (version 118, Stata 14 and later), through ReadStat (pyreadstat): missing answers are .a to .d, with their labels.

Stata limits labels of variables to 80 characters and names to 32; both are settled before. The library writes from a whole frame.
"""

from collections.abc import Iterable

import numpy as np
import pandas as pd
import pyreadstat

from assent_survey.domain.case_rows import NOTHING, Batch, Column
from assent_survey.domain.codebook import Codebook
from assent_survey.domain.fitting import Change, Limits, fit, to_bytes, to_characters
from assent_survey.domain.variable_names import STATA
from assent_survey.domain.variables import Variable
from assent_survey.exports.archive import Archive
from assent_survey.exports.columns import gather

LIMITS = Limits(naming=STATA, title=to_characters(80), label=to_characters(80), value_label=to_bytes(32_000))
"""Stata User's Guide, "Limits"; where ReadStat refuses (measured with pyreadstat 1.3.7)."""
VERSION = 15  # as the library counts Stata's versions; the newest it writes, and read by Stata 14 and later
TAGS = "abcd"
"""Of refused, don't know, not asked and broken off, in the order of their numbers in other formats."""


class Dta:
    """Stata."""

    name = "dta"
    title = "Stata (.dta)"

    def changes(self, codebook: Codebook, /) -> tuple[Change, ...]:
        """Names that Stata reserves or finds too long, and labels that are too long for it."""
        return fit(codebook, LIMITS).changes

    def write(self, codebook: Codebook, batches: Iterable[Batch], archive: Archive) -> None:
        """Write data.dta."""
        fitted, variables, whole = fit(codebook, LIMITS), codebook.variables, gather(codebook, batches)
        columns, labels, tagged = {}, {}, {}
        for name, variable, value_labels in zip(fitted.names, variables, fitted.value_labels, strict=True):
            tags = _tags(variable)
            columns[name] = _as_written(whole.pop(0), tags)
            if value_labels:
                labels[name] = {tags.get(code, code): label for code, label in value_labels.items()}
            if tags:
                tagged[name] = list(TAGS)
        with archive.path("data.dta") as path:
            pyreadstat.write_dta(
                pd.DataFrame(columns, copy=False),
                path,
                file_label=fitted.title,
                column_labels=list(fitted.labels),
                version=VERSION,
                variable_value_labels=labels,  # type: ignore[arg-type]  # letters are keys too, for missing answers
                missing_user_values=tagged,
            )


def _tags(variable: Variable) -> dict[int, str]:
    return dict(zip(sorted(value.code for value in variable.missing), TAGS, strict=False))


def _as_written(column: Column, tags: dict[int, str]) -> Column:
    """Numbers, letters for missing answers, and None for nothing; each distinct value is one object that all its cells share."""
    if column.dtype == object or not tags:
        return column
    distinct, where = np.unique(column, return_inverse=True)
    meant = np.empty(len(distinct), dtype=object)
    meant[:] = [None if value in (NOTHING,) or value != value else tags.get(value, value) for value in distinct.tolist()]
    return meant[where]
