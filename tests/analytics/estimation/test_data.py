"""The data behind the records are what R had: rows, and the margins of the population that the weighting records rest on."""

import csv

import numpy as np
import pytest
from tests.analytics.estimation.reference import data, family, numbers, record
from tests.support import shared

from assent_analytics.estimation.descriptive.counts import weighted_table
from assent_analytics.estimation.designs.design import Design


@family("00_data.json", "loads")
def test_rows(name: str) -> None:
    folder = shared("stats-ref", "data")
    present = {file: rows for file, rows in record(name, "00_data.json").items() if (folder / f"{file}.csv").exists()}
    assert present
    for file, rows in present.items():
        with (folder / f"{file}.csv").open(newline="") as lines:
            assert sum(1 for _ in csv.DictReader(lines)) == rows


@family("00_data.json", "margins")
def test_margins_of_the_population(name: str) -> None:
    expected, population = record(name, "00_data.json"), data("apipop.csv")
    everyone = Design.equal(len(population["stype"]))
    for variable in ("stype", "sch.wide", "awards"):
        found = weighted_table(everyone, population[variable])
        assert dict(zip(found.levels[0], found.counts, strict=True)) == expected[variable]
    both = weighted_table(everyone, population["stype"], population["sch.wide"])
    assert both.counts.tolist() == expected["stype_x_schwide"]
    assert np.nansum(numbers(population["api99"])) == pytest.approx(expected["api99"])
    assert everyone.rows == expected["N"]
