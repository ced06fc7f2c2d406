"""CSV in UTF-8, safe to open in a spreadsheet, with a table of codes and a description of both as CSV on the Web (W3C).

A cell, or a part of one, that a spreadsheet would take for a formula gets an apostrophe in front (spreadsheet_cells). Taking it off gives
the text back, because whatever begins with an apostrophe gets another.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import csv

from assent_survey.domain.case_rows import Batch
from assent_survey.domain.codebook import Codebook
from assent_survey.domain.fitting import Change, Limits, fit
from assent_survey.domain.spreadsheet_cells import safe_cell
from assent_survey.exports.archive import Archive
from assent_survey.exports.csvw import description_of
from assent_survey.exports.tables import fields_of, record_batch

DATA, CODES, DESCRIPTION = "data.csv", "codes.csv", "data.csv-metadata.json"
CODE_COLUMNS = ("variable", "code", "option", "label", "missing")


class Csv:
    """CSV with CSVW."""

    name = "csv"
    title = "CSV with a CSVW description"

    def changes(self, codebook: Codebook, /) -> tuple[Change, ...]:
        """Names that are not safe anywhere, or taken; labels are as they are in the codebook."""
        return fit(codebook, Limits()).changes

    def write(self, codebook: Codebook, batches: Iterable[Batch], archive: Archive) -> None:
        """Write the data, the codes, and the description of both."""
        write_data(codebook, batches, archive, DATA)
        archive.add_text(CODES, _codes(codebook))
        archive.add_text(DESCRIPTION, description_of(codebook, data=DATA, codes=CODES))


def write_data(codebook: Codebook, batches: Iterable[Batch], archive: Archive, name: str, *, exponents: bool = True) -> None:
    """Write one line a case, under a line of the variables' names; a cell that holds nothing is empty.

    Numbers from 10¹⁰ and below 10⁻⁶ have exponents, unless these are not wanted.
    """
    schema = pa.schema(fields_of(codebook))
    words = [position for position, variable in enumerate(codebook.variables) if variable.kind == "word"]
    written = schema if exponents else _digits_for_fractions(schema)
    options = csv.WriteOptions(quoting_style="needed" if exponents else "none")  # no word that is exported needs quotes
    with archive.open(name) as file, csv.CSVWriter(file, written, write_options=options) as writer:
        for batch in batches:
            safe = list(batch)
            for position in words:
                safe[position] = np.array([text and safe_cell(text) for text in batch[position]], dtype=object)
            made = record_batch(schema, codebook, tuple(safe))
            writer.write_batch(made if exponents else _in_digits(made))


def _digits_for_fractions(schema: pa.Schema) -> pa.Schema:
    return pa.schema([field.with_type(pa.string()) if pa.types.is_floating(field.type) else field for field in schema])


def _in_digits(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The batch with texts for numbers that may be fractions: their digits, without exponents."""
    columns = [_digits(column) if pa.types.is_floating(column.type) else column for column in batch.columns]
    return pa.RecordBatch.from_arrays(columns, schema=_digits_for_fractions(batch.schema))


def _digits(numbers: "pa.Array[Any]") -> "pa.Array[Any]":
    texts = numbers.cast(pa.string()).to_pylist()
    plain = [np.format_float_positional(float(text), trim="-") if text is not None and "e" in text else text for text in texts]
    return pa.array(plain, pa.string())


def _codes(codebook: Codebook) -> str:
    """Every number that means something, for people who do not read the description."""
    rows = [
        (variable.name, str(value.code), value.option, value.label, "yes" if value in variable.missing else "no")
        for variable in codebook.variables
        for value in variable.labelled
    ]
    return "".join(_line(row) for row in [CODE_COLUMNS, *rows])


def _line(cells: Iterable[str]) -> str:
    return ",".join('"' + safe_cell(cell).replace('"', '""') + '"' for cell in cells) + "\r\n"
