"""Parquet, one row group a batch, with what the numbers mean as JSON in the metadata of the fields and of the schema."""

import json
from collections.abc import Iterable
from io import IOBase
from typing import cast

import pyarrow as pa
from pyarrow import parquet

from assent_survey.domain.case_rows import Batch
from assent_survey.domain.codebook import Codebook
from assent_survey.domain.fitting import Change, Limits, fit
from assent_survey.exports.archive import Archive
from assent_survey.exports.dictionary import variable_as_json
from assent_survey.exports.tables import fields_of, record_batch

KEY = "assent"
"""Under which the metadata are."""
ROWS_A_GROUP = 20_000


class Parquet:
    """Parquet."""

    name = "parquet"
    title = "Parquet"

    def changes(self, codebook: Codebook, /) -> tuple[Change, ...]:
        """Names that are not safe anywhere, or taken; labels are as they are in the codebook."""
        return fit(codebook, Limits()).changes

    def write(self, codebook: Codebook, batches: Iterable[Batch], archive: Archive) -> None:
        """Write data.parquet."""
        schema = _schema(codebook)
        waiting: list[pa.RecordBatch] = []
        with archive.open("data.parquet") as file, parquet.ParquetWriter(pa.PythonFile(cast(IOBase, file), "w"), schema) as writer:
            for batch in batches:
                waiting.append(record_batch(schema, codebook, batch))
                if sum(each.num_rows for each in waiting) >= ROWS_A_GROUP:
                    writer.write_table(pa.Table.from_batches(waiting))
                    waiting.clear()
            writer.write_table(pa.Table.from_batches(waiting, schema=schema))


def _schema(codebook: Codebook) -> pa.Schema:
    fields = [
        field.with_metadata({KEY: json.dumps(variable_as_json(variable), ensure_ascii=False)})
        for field, variable in zip(fields_of(codebook), codebook.variables, strict=True)
    ]
    about = {"title": codebook.source.title, "language": codebook.language, "collection": codebook.source.collection}
    return pa.schema(fields, metadata={KEY: json.dumps(about, ensure_ascii=False)})
