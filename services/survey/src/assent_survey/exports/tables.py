"""Batches of cases as Arrow tables, which CSV and Parquet are written from."""

from typing import Any

import numpy as np
import pyarrow as pa

from assent_survey.domain.case_rows import NOTHING, Batch, Column
from assent_survey.domain.codebook import Codebook
from assent_survey.domain.variables import Variable

_TYPES: dict[str, pa.DataType] = {"category": pa.int32(), "number": pa.float64(), "word": pa.string()}


def fields_of(codebook: Codebook) -> "list[pa.Field[Any]]":
    """A field for each variable; all may be null, which means: neither an answer nor a reason why there is none."""
    return [pa.field(variable.name, _type(variable)) for variable in codebook.variables]


def record_batch(schema: pa.Schema, codebook: Codebook, batch: Batch) -> pa.RecordBatch:
    """A batch of cases in a schema whose fields are those of `fields_of`."""
    columns = [_array(variable, column) for variable, column in zip(codebook.variables, batch, strict=True)]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _type(variable: Variable) -> pa.DataType:
    return pa.int32() if variable.part == "version" else _TYPES[variable.kind]


def _array(variable: Variable, column: Column) -> "pa.Array[Any]":
    if variable.part == "version":
        return pa.array(column.astype(np.int32))
    match variable.kind:
        case "category":
            return pa.array(column, mask=column == NOTHING)
        case "number":
            return pa.array(column, from_pandas=True)
        case _:
            return pa.array(column, pa.string())
