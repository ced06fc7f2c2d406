"""The description of a CSV export as CSV on the Web metadata (W3C, Metadata Vocabulary for Tabular Data, 2015).

The numbers' meaning is an annotation of each column in SKOS: a notation, a label, and for missing answers the reason.
"""

import json
from typing import Any

from assent_survey.domain.codebook import Codebook
from assent_survey.domain.variables import Value, Variable

CONTEXT = "http://www.w3.org/ns/csvw"
UNDETERMINED = "und"
"""BCP 47 for a language that is not stated."""
_DATATYPES: dict[str, Any] = {"category": "integer", "number": "number", "word": "string"}


def description_of(codebook: Codebook, *, data: str, codes: str) -> str:
    """The metadata of a data file and of its table of codes, as JSON."""
    language = codebook.language or UNDETERMINED
    described = {
        "@context": [CONTEXT, {"@language": language}],
        "dc:title": codebook.source.title,
        "dc:created": codebook.source.made_at.date().isoformat(),
        "tables": [
            {
                "url": data,
                "dc:title": "One line a case",
                "tableSchema": {
                    "columns": [_column(variable) for variable in codebook.variables],
                    "primaryKey": codebook.variables[0].name,
                },
            },
            {
                "url": codes,
                "dc:title": "What the numbers mean",
                "tableSchema": {"columns": _CODE_COLUMNS, "primaryKey": ["variable", "code"]},
            },
        ],
    }
    return json.dumps(described, ensure_ascii=False, indent=1)


def _column(variable: Variable) -> dict[str, Any]:
    column: dict[str, Any] = {
        "name": variable.name,
        "titles": variable.name,
        "dc:title": variable.label,
        "datatype": "integer" if variable.part == "version" else _DATATYPES[variable.kind],
        "required": variable.part in ("case", "version", "complete"),
    }
    if variable.item is not None:
        column["dc:description"] = variable.item.wording
    if variable.labelled:
        column["skos:member"] = [_concept(value, value in variable.missing) for value in variable.labelled]
    return column


def _concept(value: Value, missing: bool) -> dict[str, Any]:
    concept: dict[str, Any] = {"skos:notation": value.code, "skos:prefLabel": value.label, "skos:altLabel": value.option}
    return {**concept, "skos:note": "missing"} if missing else concept


_CODE_COLUMNS = [
    {"name": "variable", "titles": "variable", "datatype": "string", "required": True},
    {"name": "code", "titles": "code", "datatype": "integer", "required": True},
    {"name": "option", "titles": "option", "datatype": "string"},
    {"name": "label", "titles": "label", "datatype": "string"},
    {"name": "missing", "titles": "missing", "datatype": {"base": "boolean", "format": "yes|no"}},
]
