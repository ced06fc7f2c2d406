"""A collection that tries every limit of the formats at once, through the public face, as other people's readers find it again."""

import csv
import io
import json
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars
import pytest
from csvw import CSVW
from lxml import etree
from tests.survey.exports import nasty
from tests.survey.exports.test_other_programs import absent, has_haven, run
from tests.survey.exports.test_round_trips import DDI, SCHEMA
from tests.survey.house import HOME, House
from tests.survey.test_exports import download, export

from assent_survey.domain.spreadsheet_cells import plain_cell
from assent_survey.exports.dta import TAGS
from assent_survey.exports.xml import XML_LANG

Row = tuple[Any, ...]


@dataclass
class Exported:
    """An export's files, its codebook and what it says was changed."""

    folder: Path
    variables: list[dict[str, Any]] = field(init=False)
    changed: dict[tuple[str, str, int | None], str] = field(init=False)

    def __post_init__(self) -> None:
        self.variables = json.loads((self.folder / "codebook.json").read_text())["variables"]
        changes = json.loads((self.folder / "report.json").read_text())["changes"]
        self.changed = {(each["variable"], each["what"], each["code"]): each["became"] for each in changes}

    def label(self, variable: dict[str, Any], code: int | None = None, label: str | None = None) -> str:
        """A variable's or a value's label as the format must have it."""
        what = "label" if code is None else "value_label"
        return self.changed.get((variable["name"], what, code), variable["label"] if label is None else label)


async def exported(house: House, folder: Path, format: str, **asked: Any) -> Exported:
    """Submit everything, and unpack an export of it."""
    collection = await house.collection(nasty.INSTRUMENT, **nasty.FACTS)
    for answers in nasty.ANSWERS:
        complete = answers is not nasty.ANSWERS[-1]
        response = {"collection": collection, "answers": answers, "complete": complete}
        made = await house.client.post(f"{HOME}/responses", json=response)
        assert made.status_code == 201, made.text
    (await download(house, await export(house, collection, format, **asked))).extractall(folder)
    return Exported(folder)


def expected(variables: list[dict[str, Any]], missing: str = "code") -> list[Row]:
    """Every case but its pseudonym. Missing answers are their codes, or tags in the order of their codes."""
    rows = []
    for answers in nasty.ANSWERS:
        row = []
        for variable in variables[1:]:
            cell = nasty.wanted(variable, answers, complete=answers is not nasty.ANSWERS[-1])
            if isinstance(cell, tuple):
                codes = {value["option"]: value["code"] for value in variable["missing"]}
                cell = codes[cell[0]] if missing == "code" else f".{TAGS[sorted(codes.values()).index(codes[cell[0]])]}"
            row.append(cell)
        rows.append(tuple(row))
    return in_order(rows)


def in_order(rows: Iterable[Row]) -> list[Row]:
    """The rows in an order that does not depend on pseudonyms."""
    return sorted(rows, key=repr)


def number_or(text: str) -> Any:
    return None if text in ("", "NA") else text if text.startswith(".") else float(text)


def spelt(numbers: str) -> str:
    return "".join(chr(int(each)) for each in numbers.split())


@dataclass
class FoundByHaven:
    """What every_cell.R printed."""

    labels: dict[str, str] = field(default_factory=dict)
    values: dict[str, dict[Any, str]] = field(default_factory=dict)
    missing: dict[str, list[float]] = field(default_factory=dict)
    cells: dict[str, list[Any]] = field(default_factory=dict)

    @classmethod
    def of(cls, file: Path) -> "FoundByHaven":
        done = run("Rscript", str(Path(__file__).parent / "every_cell.R"), str(file))
        assert done.returncode == 0, done.stderr
        found = cls()
        for name, what, key, value in (line.split("\t") for line in done.stdout.splitlines()):
            match what:
                case "label":
                    found.labels[name] = spelt(value)
                case "value":
                    found.values.setdefault(name, {})[number_or(key)] = spelt(value)
                case "missing":
                    found.missing[name] = [float(each) for each in value.split()]
                case _:
                    text = value.startswith("text:")
                    cell = spelt(value.removeprefix("text:")) or None if text else number_or(value)
                    found.cells.setdefault(name, []).append(cell)
        return found

    def rows(self) -> list[Row]:
        """Every case but its pseudonym."""
        return in_order(tuple(row[1:]) for row in zip(*self.cells.values(), strict=True))


@pytest.mark.skipif(absent(has_haven()), reason="R or its package haven is not installed")
@pytest.mark.parametrize(("format", "language"), [("sav", None), ("dta", None), ("sav", "cy"), ("dta", "cy")])
async def test_haven_finds_every_cell_and_label(house: House, tmp_path: Path, format: str, language: str | None) -> None:
    made = await exported(house, tmp_path, format, **({"language": language} if language else {}))
    found = FoundByHaven.of(tmp_path / f"data.{format}")
    assert list(found.cells) == [variable["names"][format] for variable in made.variables]
    assert found.rows() == in_order_as_floats(expected(made.variables, "code" if format == "sav" else "tag"))
    for variable in made.variables:
        name = variable["names"][format]
        assert found.labels[name] == made.label(variable).rstrip()
        codes = sorted(value["code"] for value in variable["missing"])
        tags = {} if format == "sav" else {code: f".{tag}" for code, tag in zip(codes, TAGS, strict=False)}
        labels = {
            each["code"]: made.label(variable, each["code"], each["label"]) for each in variable["values"] + variable["missing"]
        }
        assert found.values.get(name, {}) == {tags.get(code, float(code)): label.rstrip() for code, label in labels.items()}
        assert found.missing.get(name, []) == ([codes[0], codes[-1]] if codes and format == "sav" else [])


def in_order_as_floats(rows: list[Row]) -> list[Row]:
    """Whole numbers as the programs have them that know one kind of number only."""
    return in_order(tuple(float(cell) if isinstance(cell, int) else cell for cell in row) for row in rows)


@pytest.mark.skipif(absent(shutil.which("pspp-convert") is not None), reason="PSPP is not installed")
async def test_pspp_finds_every_cell(house: House, tmp_path: Path) -> None:
    made = await exported(house, tmp_path, "sav")
    done = run("pspp-convert", str(tmp_path / "data.sav"), str(tmp_path / "pspp.csv"))
    assert done.returncode == 0, done.stderr
    with (tmp_path / "pspp.csv").open(encoding="utf-8", newline="") as file:
        names, *rows = csv.reader(file)
    assert names == [variable["names"]["sav"] for variable in made.variables]
    words = [variable["kind"] == "word" for variable in made.variables]
    read = [
        [cell.strip() or None if word else number_or(cell.strip()) for cell, word in zip(row, words, strict=True)] for row in rows
    ]
    assert in_order(tuple(row[1:]) for row in read) == in_order_as_floats(expected(made.variables))


async def test_parquet_has_every_cell(house: House, tmp_path: Path) -> None:
    made = await exported(house, tmp_path, "parquet")
    assert in_order(row[1:] for row in polars.read_parquet(tmp_path / "data.parquet").rows()) == expected(made.variables)


async def test_csv_has_every_cell_and_is_as_its_description_says(house: House, tmp_path: Path) -> None:
    made = await exported(house, tmp_path, "csv")
    described = CSVW(str(tmp_path / "data.csv-metadata.json"), validate=True)
    assert described.is_valid
    rows = read_plainly(tmp_path / "data.csv", made.variables)
    assert rows == in_order_as_floats(expected(made.variables))


def read_plainly(file: Path, variables: list[dict[str, Any]]) -> list[Row]:
    """A data file's cases but their pseudonyms, as Python's csv has them."""
    _, *rows = csv.reader(io.StringIO(file.read_text(), newline=""))
    words = [variable["kind"] == "word" for variable in variables]
    read = ([plain_cell(cell) or None if word else number_or(cell) for cell, word in zip(row, words, strict=True)] for row in rows)
    return in_order(tuple(row[1:]) for row in read)


async def test_triple_s_has_every_cell_in_its_range(house: House, tmp_path: Path) -> None:
    made = await exported(house, tmp_path, "triple_s")
    assert read_plainly(tmp_path / "data.csv", made.variables) == in_order_as_floats(expected(made.variables))
    _, *rows = csv.reader((tmp_path / "data.csv").read_text().splitlines())
    for position, element in enumerate(etree.parse(tmp_path / "data.sss").iter("variable")):
        cells = {row[position] for row in rows} - {""}
        codes = {value.get("code") for value in element.iter("value")}
        if element.get("type") == "quantity":
            ends = element.find("values/range")
            assert all(cell in codes or float(ends.get("from")) <= float(cell) <= float(ends.get("to")) for cell in cells)
            assert not [text for text in {*cells, ends.get("from"), ends.get("to")} if set(text) - set("-.0123456789")]
        elif element.get("type") == "single":
            assert cells <= codes
        else:
            assert all(len(cell) <= int(element.findtext("size")) for cell in cells)
    lines = etree.parse(tmp_path / "data.sss").xpath("//variable[name='region_2']/values/value[2]")[0]
    assert (lines.text, [each.tail for each in lines.iter("br")]) == ("line one", ["line two", "line three\ttab"])


async def test_ddi_describes_every_cell(house: House, tmp_path: Path) -> None:
    made = await exported(house, tmp_path, "ddi")
    codebook = etree.parse(tmp_path / "ddi.xml")
    SCHEMA.assertValid(codebook)
    assert read_plainly(tmp_path / "data.csv", made.variables) == in_order_as_floats(expected(made.variables))
    weight = codebook.xpath("//d:var[@wgt='wgt']/@ID", namespaces=DDI)
    described = codebook.findall(".//d:var", DDI)
    for position, (variable, element) in enumerate(zip(made.variables, described, strict=True), start=1):
        place = element.find("d:location", DDI)
        assert (place.get("StartPos"), place.get("fileid")) == (str(position), "F1")
        assert element.get("wgt-var", "").split() == (weight if variable["part"] == "answer" else [])
        missing = {each.get("VALUE") for each in element.findall("d:invalrng/d:item", DDI)}
        assert missing == set(element.xpath("d:catgry[@missing='Y']/d:catValu/text()", namespaces=DDI))
        labels = [each.text for each in element.xpath("d:catgry/d:labl[not(@xml:lang)]", namespaces=DDI)]
        assert labels == [value["label"] for value in variable["values"] + variable["missing"]]
    region = next(each for each in described if each.get("name") == "Region")
    assert region.xpath("d:catgry/d:labl[@xml:lang='cy']/text()", namespaces=DDI) == ["Ydw", "Ddim yn gwybod"]


async def test_ddi_in_a_translation_says_which_words_are_not_of_it(house: House, tmp_path: Path) -> None:
    await exported(house, tmp_path, "ddi", language="cy")
    codebook = etree.parse(tmp_path / "ddi.xml")
    SCHEMA.assertValid(codebook)
    said = {"Region": [None, "cy"], "region_2": [None]}
    for name, languages in said.items():
        (found,) = codebook.xpath(f"//d:var[@name='{name}']", namespaces=DDI)
        assert [each.get(XML_LANG) for each in found.findall("d:qstn/d:qstnLit", DDI)] == languages
        assert found.find("d:labl", DDI).get(XML_LANG) == languages[-1]
        labels = {each.text: each.get(XML_LANG) for each in found.findall("d:catgry/d:labl", DDI)}
        assert labels.get("Ydw") == labels.get("Ddim yn gwybod") == languages[-1]
        assert labels["Refused"] is labels["Don't know"] is None
    assert codebook.xpath("//d:varGrp/d:labl[@xml:lang='cy']/text()", namespaces=DDI) == [nasty.WELSH]
    assert codebook.getroot().get(XML_LANG) is None
