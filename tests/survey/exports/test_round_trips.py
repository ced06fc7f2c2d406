"""Every format read back by a reader that is not ours: the same numbers, labels, and kinds of missing answers."""

import csv
import json
import math
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
import polars
import pyarrow.parquet
import pyreadstat
import pytest
from csvw import CSVW, TableGroup
from hypothesis import HealthCheck, given, settings
from lxml import etree
from tests.survey.exports.made_up import Survey, batches_of, case, cells, survey_of, surveys, write

from assent_survey.domain.fitting import fit
from assent_survey.domain.spreadsheet_cells import plain_cell
from assent_survey.exports import EXPORTERS
from assent_survey.exports import dta as stata
from assent_survey.exports import sav as spss
from assent_survey.exports.dta import TAGS
from assent_survey.instruments.ddi import DdiCodebook
from assent_survey.instruments.triples import TripleS

SCHEMA = etree.XMLSchema(etree.parse(Path(__file__).parent / "schemas" / "ddi-codebook-2.5-part.xsd"))
DDI = {"d": "ddi:codebook:2_5"}
made_up = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])

Read = Callable[[Path], dict[str, list[Any]]]


def read_back(format: str, survey: Survey, read: Callable[[Path, Survey], dict[str, list[Any]]]) -> None:
    """Write a survey in a format, and compare what a reader finds with what was written, case by case."""
    batches, _ = batches_of(survey)
    with TemporaryDirectory() as folder:
        path = write(EXPORTERS[format], survey, batches, Path(folder))
        assert read(path, survey) == cells(survey, batches)


def by_case(rows: list[list[Any]]) -> dict[str, list[Any]]:
    return {
        row[0]: [None if cell == "" or (isinstance(cell, float) and math.isnan(cell)) else cell for cell in row] for row in rows
    }


@made_up
@given(surveys())
def test_spss(survey: Survey) -> None:
    def read(folder: Path, survey: Survey) -> dict[str, list[Any]]:
        frame, facts = pyreadstat.read_sav(folder / "data.sav", user_missing=True)
        fitted = fit(survey.codebook, spss.LIMITS)
        assert facts.column_names == fitted.names
        for name, label, values, variable in zip(
            fitted.names, fitted.labels, fitted.value_labels, survey.codebook.variables, strict=True
        ):
            assert facts.column_names_to_labels[name].rstrip() == label.rstrip()
            found = {int(code): text.rstrip() for code, text in facts.variable_value_labels.get(name, {}).items()}
            assert found == {code: text.rstrip() for code, text in values.items()}
            missing = [value.code for value in variable.missing]
            assert facts.missing_ranges.get(name, []) == ([{"lo": min(missing), "hi": max(missing)}] if missing else [])
            assert facts.variable_measure[name] == variable.measure
        return by_case(frame.to_numpy(dtype=object).tolist())

    read_back("sav", survey, read)


@made_up
@given(surveys())
def test_stata(survey: Survey) -> None:
    def read(folder: Path, survey: Survey) -> dict[str, list[Any]]:
        frame = pd.read_stata(folder / "data.dta", convert_categoricals=False, convert_missing=True, preserve_dtypes=False)
        with pd.io.stata.StataReader(folder / "data.dta") as reader:
            labels = reader.variable_labels()
        fitted = fit(survey.codebook, stata.LIMITS)
        assert list(labels.items()) == list(zip(fitted.names, fitted.labels, strict=True))
        columns = []
        for name, variable in zip(fitted.names, survey.codebook.variables, strict=True):
            codes = dict(zip([f".{tag}" for tag in TAGS], sorted(value.code for value in variable.missing), strict=False))
            words = variable.kind == "word"
            columns.append([codes.get(str(cell)) if not words and str(cell).startswith(".") else cell for cell in frame[name]])
        return by_case([list(row) for row in zip(*columns, strict=True)])

    read_back("dta", survey, read)


@made_up
@given(surveys())
def test_labels_in_stata(survey: Survey) -> None:
    batches, _ = batches_of(survey)
    with TemporaryDirectory() as folder:
        write(EXPORTERS["dta"], survey, batches, Path(folder))
        _, facts = pyreadstat.read_dta(Path(folder) / "data.dta", user_missing=True)
    fitted = fit(survey.codebook, stata.LIMITS)
    for name, values, variable in zip(fitted.names, fitted.value_labels, survey.codebook.variables, strict=True):
        tags = dict(zip(sorted(value.code for value in variable.missing), TAGS, strict=False))
        found = {code: label.rstrip() for code, label in facts.variable_value_labels.get(name, {}).items()}
        assert found == {tags.get(code, code): label.rstrip() for code, label in values.items()}


@made_up
@given(surveys())
def test_csv(survey: Survey) -> None:
    def read(folder: Path, survey: Survey) -> dict[str, list[Any]]:
        described = CSVW(str(folder / "data.csv-metadata.json"), validate=True)
        assert described.is_valid
        data, codes = TableGroup.from_file(folder / "data.csv-metadata.json").tables
        found = [(row["variable"], row["code"], plain_cell(row["label"]), row["missing"]) for row in codes]
        assert found == [
            (variable.name, value.code, value.label, value in variable.missing)
            for variable in survey.codebook.variables
            for value in variable.labelled
        ]
        return by_case([[plain_cell(cell) if isinstance(cell, str) else cell for cell in row.values()] for row in data])

    read_back("csv", survey, read)


@made_up
@given(surveys())
def test_parquet(survey: Survey) -> None:
    def read(folder: Path, survey: Survey) -> dict[str, list[Any]]:
        schema = pyarrow.parquet.read_schema(folder / "data.parquet")
        for field, variable in zip(schema, survey.codebook.variables, strict=True):
            said = json.loads(field.metadata[b"assent"])
            assert (field.name, said["label"]) == (variable.name, variable.label)
            assert [value["label"] for value in said["values"] + said["missing"]] == [value.label for value in variable.labelled]
        return by_case([list(row) for row in polars.read_parquet(folder / "data.parquet").rows()])

    read_back("parquet", survey, read)


@made_up
@given(surveys())
def test_triple_s(survey: Survey) -> None:
    def read(folder: Path, survey: Survey) -> dict[str, list[Any]]:
        variables = etree.parse(folder / "data.sss").findall(".//variable")
        assert [each.findtext("name") for each in variables] == [each.name for each in survey.codebook.variables]
        with (folder / "data.csv").open(encoding="utf-8", newline="") as file:
            _, *rows = csv.reader(file)
        read: list[list[Any]] = []
        for row in rows:
            cells: list[Any] = []
            for each in variables:
                cell = row[int(each.find("position").get("start")) - 1]
                assert cell == "" or each.get("type") != "single" or cell in [value.get("code") for value in each.iter("value")]
                cells.append(plain_cell(cell) if each.get("type") == "character" else float(cell) if cell else None)
            read.append(cells)
        return by_case(read)

    read_back("triple_s", survey, read)


@made_up
@given(surveys())
def test_ddi(survey: Survey) -> None:
    batches, by_name = batches_of(survey)
    with TemporaryDirectory() as folder:
        write(EXPORTERS["ddi"], survey, batches, Path(folder))
        read = etree.parse(Path(folder) / "ddi.xml")
    SCHEMA.assertValid(read)
    assert read.findtext(".//d:caseQnty", namespaces=DDI) == str(len(by_name))
    assert [each.get("name") for each in read.findall(".//d:var", DDI)] == [each.name for each in survey.codebook.variables]
    found = [[int(value.text) for value in each.findall("d:catgry/d:catValu", DDI)] for each in read.findall(".//d:var", DDI)]
    assert found == [[value.code for value in variable.labelled] for variable in survey.codebook.variables]


def small() -> Survey:
    """One item of each kind, for readers that are asked once."""
    scale = [{"option": "no", "label": "Ddim o gwbl"}, {"option": "yes", "label": "Ydw – “ie”"}]
    translations = {"cy": {"wording": "Ydych chi?", "labels": {"yes": "Ydw"}}}
    origin = {"source": "A bank of questions", "licence": "CC BY 4.0"}
    items = [
        {"name": "all", "wording": "Do you?", "kind": "single", "scale": scale, "translations": translations, "origin": origin,
         "routing": "age > 17", "practice": {"operation": "link"}},
        {"name": "which", "wording": "Which?", "kind": "multiple", "scale": scale},
        {"name": "children", "wording": "How many?", "kind": "number", "range": {"low": 0, "high": 20}},
    ]  # fmt: skip
    cases = [
        case(0, {"all": "yes", "which": ["no", "yes"], "children": 2.0}),
        case(1, {}, {"all": "refused", "which": "dont_know", "children": "not_asked"}),
        case(2, {}, {"all": "dont_know", "which": "break_off", "children": "break_off"}),
        case(3, {"which": ["yes"]}, {"children": "refused"}),
    ]
    return survey_of(items, cases)


def test_the_readers_of_instruments_understand_it() -> None:
    survey = small()
    batches, _ = batches_of(survey)
    with TemporaryDirectory() as folder:
        for format, file, reader in (("ddi", "ddi.xml", DdiCodebook()), ("triple_s", "data.sss", TripleS())):
            write(EXPORTERS[format], survey, batches, Path(folder))
            draft = reader.read((Path(folder) / file).read_bytes(), file)
            item = next(each for each in draft.items if each.name == "all")
            assert [each.label for each in item.scale][:2] == ["Ddim o gwbl", "Ydw – “ie”"], format


@pytest.mark.parametrize("format", ["csv", "sav", "dta", "parquet", "triple_s", "ddi"])
def test_nobody_is_an_export_too(format: str, tmp_path: Path) -> None:
    survey = survey_of([{"name": "q", "wording": "Q", "kind": "single", "scale": [{"option": "a", "label": "A"}]}], [])
    batches, _ = batches_of(survey)
    write(EXPORTERS[format], survey, batches, tmp_path)
    assert [file for file in tmp_path.iterdir() if file.name.startswith("data")] != []
