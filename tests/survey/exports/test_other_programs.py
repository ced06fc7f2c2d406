"""The files as other people's programs open them: R's haven, and PSPP. They need r-cran-haven and pspp; in CI nothing skips."""

import csv
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from tests.survey.exports.made_up import batches_of, write
from tests.survey.exports.test_round_trips import small

from assent_survey.exports import EXPORTERS


def has_haven() -> bool:
    """Whether R is here, and haven with it."""
    return shutil.which("Rscript") is not None and run("Rscript", "-e", "library(haven)").returncode == 0


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False)


def absent(there: bool) -> bool:
    """Whether a program that is not there may be done without: nowhere but in CI."""
    return not there and "CI" not in os.environ


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the small survey as .sav and .dta; in order of the cases' pseudonyms."""
    path = tmp_path_factory.mktemp("exports")
    survey = small()
    batches, _ = batches_of(survey)
    for format in ("sav", "dta"):
        write(EXPORTERS[format], survey, batches, path)
    return path


@pytest.mark.skipif(absent(has_haven()), reason="R or its package haven is not installed")
def test_haven_finds_labels_and_missing_answers_apart(folder: Path) -> None:
    done = run("Rscript", str(Path(__file__).parent / "readers.R"), str(folder))
    assert done.returncode == 0, done.stderr
    found = {tuple(line.split("\t")[:3]): line.split("\t")[3] for line in done.stdout.splitlines()}
    assert found["sav", "all_v", "label"] == "Do you?"
    assert found["sav", "all_v", "missing"] == "-9 -6"
    assert found["sav", "all_v", "labels"] == "1 2 -9 -8 -7 -6"
    assert sorted(found["sav", "all_v", "kept"].split()) == ["-8", "-9", "2", "NA"]
    assert sorted(found["sav", "all_v", "cells"].split()) == ["2", "NA", "NA", "NA"]
    assert sorted(found["sav", "children", "kept"].split()) == ["-6", "-7", "-9", "2"]
    assert sorted(found["dta", "all", "tags"].split()) == ["-", "-", "a", "b"]
    assert sorted(found["dta", "children", "tags"].split()) == ["-", "a", "c", "d"]
    assert found["dta", "all", "labels"] == "Refused=a; Don't know=b; Not asked=c; Broke off before=d"


@pytest.mark.skipif(absent(shutil.which("pspp-convert") is not None), reason="PSPP is not installed")
def test_pspp_reads_the_same_numbers(folder: Path) -> None:
    done = run("pspp-convert", str(folder / "data.sav"), str(folder / "pspp.csv"))
    assert done.returncode == 0, done.stderr
    with (folder / "pspp.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert sorted(row["all_v"].strip() for row in rows) == ["", "-8", "-9", "2"]
    assert sorted(row["which_yes"].strip() for row in rows) == ["-6", "-8", "1", "1"]
