"""Stata .dta (release 118, Stata 14 and later), through ReadStat (pyreadstat): missing answers are .a to .d, with their labels.

Stata limits labels of variables to 80 characters and names to 32; both are settled before. The library would write from a whole frame;
the rows are put in as they come (dta_rows).
"""

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from assent_survey.domain.case_rows import NOTHING, Batch, Column
from assent_survey.domain.codebook import Codebook
from assent_survey.domain.fitting import Change, Fitted, Limits, fit, to_bytes, to_characters
from assent_survey.domain.variable_names import STATA
from assent_survey.domain.variables import Variable
from assent_survey.exports.archive import Archive
from assent_survey.exports.dta_rows import numbers, replace_rows, words

LIMITS = Limits(naming=STATA, title=to_characters(80), label=to_characters(80), value_label=to_bytes(32_000))
"""Stata User's Guide, "Limits"; where ReadStat refuses (measured with pyreadstat 1.3.7)."""
VERSION = 14  # as the library counts Stata's versions; of the next one's files only Stata/MP can read all
TAGS = "abcd"
"""Of refused, don't know, not asked and broken off, in the order of their numbers in other formats."""
WIDTHS = {"case": 21, "received": 10, "stratum": 64, "cluster": 64}
"""The longest word of each part, in bytes: pseudonyms, days, and codes of options, which are ASCII."""


class Dta:
    """Stata."""

    name = "dta"
    title = "Stata (.dta)"

    def changes(self, codebook: Codebook, /) -> tuple[Change, ...]:
        """Names that Stata reserves or finds too long, and labels that are too long for it."""
        return fit(codebook, LIMITS).changes

    def write(self, codebook: Codebook, batches: Iterable[Batch], archive: Archive) -> None:
        """Write data.dta."""
        layout = np.dtype([(f"v{number}", _kind(each)) for number, each in enumerate(codebook.variables)])
        with archive.path("data.dta") as path:
            _write_one_row(str(path), fit(codebook, LIMITS), codebook.variables)
            replace_rows(path, layout, _rows(codebook.variables, layout, batches))


def _write_one_row(path: str, fitted: Fitted, variables: tuple[Variable, ...]) -> None:
    """Everything that stands around the rows, and a row by which the library sees what kinds of columns there are."""
    import pandas as pd  # are large, and only these files need them
    import pyreadstat

    columns, labels, tagged = {}, {}, {}
    for name, variable, value_labels in zip(fitted.names, variables, fitted.value_labels, strict=True):
        tags = _tags(variable)
        columns[name] = _one(variable)
        if value_labels:
            labels[name] = {tags.get(code, code): label for code, label in value_labels.items()}
        if tags:
            tagged[name] = list(TAGS)
            columns[name] = columns[name].astype(object)
    pyreadstat.write_dta(
        pd.DataFrame(columns, copy=False),
        path,
        file_label=fitted.title,
        column_labels=list(fitted.labels),
        version=VERSION,
        variable_value_labels=labels,  # type: ignore[arg-type]  # letters are keys too, for missing answers
        missing_user_values=tagged,
    )


def _rows(variables: tuple[Variable, ...], layout: "np.dtype[np.void]", batches: Iterable[Batch]) -> Iterator[NDArray[np.void]]:
    for batch in batches:
        rows = np.empty(len(batch[0]), dtype=layout)
        for number, (variable, column) in enumerate(zip(variables, batch, strict=True)):
            rows[f"v{number}"] = _as_kept(variable, column)
        yield rows


def _as_kept(variable: Variable, column: Column) -> NDArray[np.generic]:
    if variable.kind == "word":
        return words(column, WIDTHS[variable.part])
    absent = column == NOTHING if variable.kind == "category" else np.isnan(column)
    return numbers(column, _kind(variable), absent, {code: 1 + TAGS.index(tag) for code, tag in _tags(variable).items()})


def _kind(variable: Variable) -> str:
    """How a column is kept: a long, a double, or a text of so many bytes."""
    return f"S{WIDTHS[variable.part]}" if variable.kind == "word" else {"category": "<i4", "number": "<f8"}[variable.kind]


def _one(variable: Variable) -> Column:
    """A column of one row, of the right kind."""
    if variable.kind == "word":
        return np.array(["x" * WIDTHS[variable.part]], dtype=object)
    return np.array([1], dtype=_kind(variable))


def _tags(variable: Variable) -> dict[int, str]:
    return dict(zip(sorted(value.code for value in variable.missing), TAGS, strict=False))
