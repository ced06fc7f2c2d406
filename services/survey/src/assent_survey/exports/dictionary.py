"""The codebook as JSON: beside the data in every export, in Parquet's metadata, and at its own address in the API."""

from typing import Any

from assent_survey.domain.codebook import Codebook
from assent_survey.domain.variable_names import SPSS, STATA
from assent_survey.domain.variables import Value, Variable


def dictionary_of(codebook: Codebook) -> dict[str, Any]:
    """The codebook with the names that each format has for its variables, and every item as it was asked."""
    source = codebook.source
    spss, stata = codebook.names(SPSS), codebook.names(STATA)
    return {
        "title": source.title,
        "study": source.study,
        "instrument": source.instrument,
        "number": source.number,
        "collection": source.collection,
        "facts": source.facts.model_dump(mode="json", exclude_none=True) if source.facts else None,
        "language": codebook.language,
        "variables": [
            {**variable_as_json(variable), "names": {"sav": spss[position], "dta": stata[position]}}
            for position, variable in enumerate(codebook.variables)
        ],
        "not_exported": [left._asdict() for left in codebook.left_out],
        "items": [item.model_dump(mode="json", exclude_defaults=True) for item in codebook.items],
    }


def variable_as_json(variable: Variable) -> dict[str, Any]:
    """A variable without its item, which it names."""
    return {
        "name": variable.name,
        "label": variable.label,
        "kind": variable.kind,
        "measure": variable.measure,
        "part": variable.part,
        "item": variable.item.name if variable.item else None,
        "option": variable.option,
        "values": [_value(value) for value in variable.values],
        "missing": [_value(value) for value in variable.missing],
    }


def _value(value: Value) -> dict[str, Any]:
    return value._asdict()
