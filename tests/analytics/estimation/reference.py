"""The reference figures: data sets, designs and results of R's survey package, by the names of their records."""

import csv
import json
import re
from functools import cache
from typing import Any

import numpy as np
import pytest
from tests.support import SHARED, shared

from assent_analytics.estimation.design import Design

Columns = dict[str, np.ndarray]


@cache
def results(file: str) -> dict[str, Any]:
    """All records of one result file."""
    records: dict[str, Any] = json.loads(shared("stats-ref", "results", file).read_text())["results"]
    return records


@cache
def data(name: str) -> Columns:
    """The columns of one data set, as text."""
    with shared("stats-ref", "data", name).open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    return {column: np.array([row[column] for row in rows]) for column in rows[0]}


def numbers(column: np.ndarray) -> np.ndarray:
    """A column as numbers; an empty cell is not a number."""
    return np.array([float(cell) if cell else np.nan for cell in column])


@cache
def design(name: str) -> tuple[Columns, Design]:
    """A data set and its design, without finite population correction."""
    if name.startswith("parents"):
        columns = data("parents.csv")
        weights = numbers(columns["basew"])
        plain = Design(weights)
        return columns, plain if name == "parents_wonly" else Design(weights, strata=columns["stratum"], clusters=columns["psu"])
    columns = data(
        {"strat_nofpc": "apistrat.csv", "wonly": "apistrat.csv", "clus1_nofpc": "apiclus1.csv", "clus2wr": "apiclus2.csv"}[name]
    )
    weights = numbers(columns["pw"])
    if name == "strat_nofpc":
        return columns, Design(weights, strata=columns["stype"])
    if name == "wonly":
        return columns, Design(weights)
    return columns, Design(weights, clusters=columns["dnum"])


DESIGNS = ("strat_nofpc", "wonly", "clus1_nofpc", "clus2wr")
QUESTIONS = tuple(f"q{number:02d}" for number in range(1, 21))


def record(name: str, file: str = "01_estimates.json") -> Any:
    """A record, or None where this half of the reference set does not hold it."""
    return results(file).get(name)


def recorded(*names: str, file: str = "01_estimates.json") -> list[Any]:
    """The records that are there; a test of a family fails when none of it is."""
    found = [record(name, file) for name in names if record(name, file) is not None]
    assert found, f"no record of {names[:3]}"
    return found


FAMILIES: list[tuple[str, str]] = []
"""Which records are covered by some test: result file and pattern of names, noted as the test modules are imported."""


def family(file: str, pattern: str, argument: str = "name") -> pytest.MarkDecorator:
    """Run a test once for each record of a file whose name matches the whole pattern, and note that it covers them.

    By pattern and not by name, so that further records of the same families are tested as soon as they are there.
    """
    FAMILIES.append((file, pattern))
    if not SHARED.is_dir():
        return pytest.mark.parametrize(argument, [pattern])  # one test, which `record` then skips with the reason
    names = [name for name in results(file) if re.fullmatch(pattern, name)]
    assert names, f"no record of {file} is named like {pattern}"
    return pytest.mark.parametrize(argument, names)
