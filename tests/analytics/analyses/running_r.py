"""Running the R code of analyses on the files of their data, all of them in one R, and comparing what comes out."""

import csv
import os
import shutil
import subprocess
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from tests.analytics.analyses.asking import shown
from tests.analytics.conftest import Analytics

KEYS = ("item", "variable", "group", "outcome", "term", "level")

EACH = """
for (folder in commandArgs(TRUE)) {
  home <- setwd(folder)
  tryCatch({
    results <- local({ capture.output(source("script.R", local = TRUE)); results })
    for (name in names(results)) if (is.numeric(results[[name]])) results[[name]] <- sprintf("%.17g", results[[name]])
    write.csv(results, "results.csv", row.names = FALSE)
  }, error = function(refused) writeLines(conditionMessage(refused), "error.txt"))
  setwd(home)
}
"""


@cache
def why_not() -> str | None:
    """Why R cannot be asked here."""
    if shutil.which("Rscript") is None:
        return "R is not installed here"
    looked = subprocess.run(["Rscript", "-e", "library(survey)"], capture_output=True, check=False)
    return None if looked.returncode == 0 else "R has no package survey here"


def need_r() -> None:
    """Skip where R cannot be asked; in CI it must be there."""
    if reason := why_not():
        if os.environ.get("CI"):
            pytest.fail(f"{reason}, and in CI it has to be")
        pytest.skip(reason)


async def write_for_r(analytics: Analytics, made: Any, folder: Path) -> None:
    """The R code of an analysis and the file that it reads."""
    folder.mkdir()
    data = await analytics.ask("GET", f"/analyses/{made['id']}/data")
    (folder / "data.csv").write_text(data.text, encoding="utf-8")
    (folder / "script.R").write_text((await shown(analytics, made["id"], "r")).text, encoding="utf-8")


def run_r(folders: Iterable[Path], place: Path) -> None:
    """Run the code in these folders; each then has its `results.csv`, or an `error.txt`."""
    (place / "each.R").write_text(EACH, encoding="utf-8")
    subprocess.run(["Rscript", "--vanilla", "each.R", *map(str, folders)], cwd=place, capture_output=True, check=True)


def compare(folder: Path, made: Any, *, tolerance: float = 1e-8, least: int = 2) -> None:
    """At least so many numbers of each figure that R gave are the same."""
    error = folder / "error.txt"
    assert not error.exists(), error.read_text(encoding="utf-8")
    with (folder / "results.csv").open(encoding="utf-8") as results:
        rows = {_key(row): row for row in csv.DictReader(results)}
    ours = {_key(figure): figure for figure in made["result"]["figures"] if not figure.get("suppressed")}
    both = rows.keys() & ours.keys()
    assert both, rows.keys()
    assert sum(_compare(rows[key], ours[key], tolerance) for key in both) >= least * len(both)


def _key(row: Any) -> tuple[str, ...]:
    return tuple("" if row.get(key) in (None, "NA") else str(row[key]) for key in KEYS)


def _compare(row: Any, figure: Any, tolerance: float) -> int:
    """How many numbers both have; each must be the same."""
    compared = 0
    for name, told in row.items():
        if name not in KEYS and told != "NA" and figure.get(name) is not None:
            assert figure[name] == pytest.approx(float(told), rel=tolerance, abs=1e-12), (name, figure)
            compared += 1
    return compared
