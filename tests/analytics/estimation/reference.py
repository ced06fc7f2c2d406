"""The reference figures: data sets, designs and results of R's survey package, by the names of their records."""

import csv
import json
import re
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest
from tests.support import SHARED, shared

from assent_analytics.estimation.designs.design import Design, Lonely, Stage

Columns = dict[str, np.ndarray]
Builder = Callable[[Columns], Design]


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
    """A data set and a design of it, by the name that the records give the design."""
    file, build = PLANS[name]
    columns = data(file)
    return columns, build(columns)


def _lonely(rule: Lonely) -> tuple[str, Builder]:
    return "apistrat_lonely.csv", lambda c: Design(numbers(c["pw"]), strata=c["stype"], lonely=rule)


PLANS: dict[str, tuple[str, Builder]] = {
    "srs": ("apisrs.csv", lambda c: Design(numbers(c["pw"]), population=numbers(c["fpc"]))),
    "strat": ("apistrat.csv", lambda c: Design(numbers(c["pw"]), strata=c["stype"], population=numbers(c["fpc"]))),
    "strat_nofpc": ("apistrat.csv", lambda c: Design(numbers(c["pw"]), strata=c["stype"])),
    "wonly": ("apistrat.csv", lambda c: Design(numbers(c["pw"]))),
    "clus1": ("apiclus1.csv", lambda c: Design(numbers(c["pw"]), clusters=c["dnum"], population=numbers(c["fpc"]))),
    "clus1_nofpc": ("apiclus1.csv", lambda c: Design(numbers(c["pw"]), clusters=c["dnum"])),
    "clus2": (
        "apiclus2.csv",
        lambda c: Design(
            clusters=c["dnum"],
            population=numbers(c["fpc1"]),
            later=[Stage(clusters=c["snum"], population=numbers(c["fpc2"]))],
        ),
    ),
    "clus2wr": ("apiclus2.csv", lambda c: Design(numbers(c["pw"]), clusters=c["dnum"])),
    "nhanes": ("nhanes.csv", lambda c: Design(numbers(c["WTMEC2YR"]), strata=c["SDMVSTRA"], clusters=c["SDMVPSU"])),
    "yrbs": ("yrbs.csv", lambda c: Design(numbers(c["weight"]), strata=c["stratum"], clusters=c["psu"])),
    "fpc_nofpc": ("fpc.csv", lambda c: Design(numbers(c["weight"]), strata=c["stratid"], clusters=c["psuid"])),
    "fpc_fpc": (
        "fpc.csv",
        lambda c: Design(numbers(c["weight"]), strata=c["stratid"], clusters=c["psuid"], population=numbers(c["Nh"])),
    ),
    "mu284": (
        "mu284.csv",
        lambda c: Design(
            clusters=c["id1"], population=numbers(c["n1"]), later=[Stage(clusters=c["id2"], population=numbers(c["n2"]))]
        ),
    ),
    "hospital": (
        "hospital.csv",
        lambda c: Design(numbers(c["weighta"]), strata=c["oblevel"], clusters=c["hospno"], population=numbers(c["tothosp"])),
    ),
    "election": ("election_pps.csv", lambda c: Design(population=numbers(c["p"]), unequal=True)),
    "lonely_remove": _lonely("remove"),
    "lonely_adjust": _lonely("adjust"),
    "lonely_average": _lonely("average"),
    "lonely_certainty": _lonely("certainty"),
    "parents": ("parents.csv", lambda c: Design(numbers(c["basew"]), strata=c["stratum"], clusters=c["psu"])),
    "parents_wonly": ("parents.csv", lambda c: Design(numbers(c["basew"]))),
}
"""The data set and the design of each name; R's calls are at the head of `01_estimates.R`."""


def record(name: str, file: str = "01_estimates.json") -> Any:
    """A record, or None where this half of the reference set does not hold it."""
    return results(file).get(name)


def recorded(*names: str, file: str = "01_estimates.json") -> list[Any]:
    """The records that are there; a test of a family fails when none of it is."""
    found = [record(name, file) for name in names if record(name, file) is not None]
    assert found, f"no record of {names[:3]}"
    return found


def close(found: object, expected: object, tolerance: float = 1e-9) -> None:
    """The same numbers, within a relative tolerance; what is not a number in one is not in the other."""
    found, expected = np.atleast_1d(np.asarray(found, float)), np.atleast_1d(np.asarray(expected, float))
    np.testing.assert_allclose(found, expected, rtol=tolerance, atol=1e-14)


FAMILIES: list[tuple[str, str]] = []
"""Which records are covered by some test: result file and pattern of names, noted as the test modules are imported."""


def family(file: str, pattern: str, argument: str = "name", *, may_be_absent: bool = False) -> Callable[..., Any]:
    """Run a test once for each record of a file whose name matches the whole pattern, and note that it covers them.

    By pattern and not by name, so that further records of the same families are tested as soon as they are there. A family that
    `may_be_absent` has no test where no record of it is there.
    """
    FAMILIES.append((file, pattern))
    if not SHARED.is_dir():
        return pytest.mark.parametrize(argument, [pattern])  # one test, which `record` then skips with the reason
    names = [name for name in results(file) if re.fullmatch(pattern, name)]
    assert names or may_be_absent, f"no record of {file} is named like {pattern}"
    return pytest.mark.parametrize(argument, names) if names else _no_test


def _no_test(_: Callable[..., None]) -> None:
    """In place of a test that has nothing to test."""
