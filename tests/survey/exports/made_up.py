"""Instruments and responses that hypothesis makes up, for exports: names, codes and labels of every shape that the API takes."""

import math
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from assent_survey.domain.case_rows import NOTHING, Batch, Case, CaseRows, Pseudonyms
from assent_survey.domain.codebook import Codebook, Source, codebook_of
from assent_survey.domain.collection import CollectionFacts
from assent_survey.domain.instrument import Item
from assent_survey.domain.missing_codes import REASONS
from assent_survey.exports.archive import Archive
from assent_survey.exports.face import Exporter

MADE_AT = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=400).filter(str.strip)
names = st.from_regex(r"[A-Za-z][A-Za-z0-9_]{0,63}", fullmatch=True) | st.sampled_from(
    ["all", "BY", "with", "int", "str12", "version"]
)
codes = st.from_regex(r"[A-Za-z0-9_.:-]{1,64}", fullmatch=True) | st.integers(-12, 12).map(str)


@dataclass(frozen=True)
class Survey:
    """An instrument's codebook and the responses to it."""

    codebook: Codebook
    cases: list[Case]


def survey_of(items: list[dict[str, Any]], cases: list[Case], *, title: str = "Made up", **facts: Any) -> Survey:
    """A survey of these items and cases."""
    said = CollectionFacts(wave="1", population="Nobody", sampling="quota", mode="web", **facts)
    source = Source("stu_a", "ins_a", 1, title, MADE_AT, "col_a", said)
    return Survey(codebook_of(source, [Item.model_validate(item) for item in items]), cases)


def case(number: int, answers: Mapping[str, Any], missing: Mapping[str, str] = {}, **facts: Any) -> Case:
    """A response; consented, complete and no test unless said otherwise."""
    content = {"answers": answers, "missing": missing, "weight": None, "stratum": None, "cluster": None, "consented": True}
    flags = {name: facts.pop(name, default) for name, default in (("complete", True), ("test", False))}
    return Case(f"rsp_{number:026d}", 1, flags["complete"], flags["test"], date(2026, 11, 1), {**content, **facts})


@st.composite
def items(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Some items of every kind, and a weight and a stratum."""
    made: list[dict[str, Any]] = []
    for name in draw(st.lists(names, min_size=1, max_size=5, unique=True)):
        kind = draw(st.sampled_from(["single", "multiple", "number", "text"]))
        item: dict[str, Any] = {"name": name, "wording": draw(texts), "kind": kind}
        if kind in ("single", "multiple"):
            options = draw(st.lists(codes, min_size=1, max_size=5, unique=True))
            item["scale"] = [{"option": option, "label": draw(texts)} for option in options]
        made.append(item)
    made.append({"name": "the_weight", "wording": "Weight", "kind": "number", "role": "weight"})
    made.append({"name": "the_stratum", "wording": "Stratum", "kind": "single", "role": "stratum"})
    return made


@st.composite
def surveys(draw: st.DrawFn) -> Survey:
    """A survey whose responses answer, miss or cannot be coded."""
    drawn = draw(items())
    cases = []
    for number in range(draw(st.integers(0, 5))):
        answers: dict[str, Any] = {}
        missing: dict[str, str] = {}
        for item in drawn[:-2]:
            fate = draw(st.sampled_from(["answer", "missing", "nothing"])) if item["kind"] != "text" else "nothing"
            if fate == "missing":
                missing[item["name"]] = draw(st.sampled_from(REASONS))
            elif fate == "answer":
                answers[item["name"]] = _answer(draw, item)
        weight = draw(st.none() | st.floats(0, 1e6))
        cases.append(case(number, answers, missing, weight=weight, stratum=draw(st.none() | codes)))
    return survey_of(drawn, cases, title=draw(texts), weight="the_weight", stratum="the_stratum")


def _answer(draw: st.DrawFn, item: dict[str, Any]) -> Any:
    if item["kind"] == "number":
        return draw(st.floats(-1e6, 1e6).filter(lambda number: not -9 <= number <= -6))  # SPSS takes the whole span for missing
    options = [each["option"] for each in item["scale"]]
    return draw(
        st.sampled_from(options) if item["kind"] == "single" else st.lists(st.sampled_from(options), min_size=1, unique=True)
    )


def batches_of(survey: Survey, key: bytes = b"k") -> tuple[list[Batch], dict[str, Case]]:
    """The responses as two batches, and by their pseudonyms."""
    rows = CaseRows(survey.codebook, include_partial=True, pseudonyms=Pseudonyms(key))
    half = len(survey.cases) // 2
    batches = [rows.batch(survey.cases[:half]), rows.batch(survey.cases[half:])]
    return batches, {rows.pseudonyms.of(each.response): each for each in survey.cases}


def cells(survey: Survey, batches: list[Batch]) -> dict[str, list[Any]]:
    """What a reader must find: the cells of each case by its pseudonym, None for nothing."""
    found = {}
    for batch in batches:
        for row in zip(*(column.tolist() for column in batch), strict=True):
            found[row[0]] = [None if cell == NOTHING or (isinstance(cell, float) and math.isnan(cell)) else cell for cell in row]
    return found


def write(exporter: Exporter, survey: Survey, batches: list[Batch], folder: Path) -> Path:
    """Write an export and unpack it; the folder it is in."""
    with Archive(folder / "export.zip") as archive:
        exporter.write(survey.codebook, iter(batches), archive)
    with zipfile.ZipFile(folder / "export.zip") as packed:
        packed.extractall(folder)
    return folder
