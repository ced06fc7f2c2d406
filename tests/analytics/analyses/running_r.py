"""Running an analysis's R code on the file of its data, and comparing what comes out."""

import csv
import io
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from tests.analytics.analyses.asking import shown
from tests.analytics.conftest import Analytics

KEYS = ("item", "variable", "group", "outcome", "term", "level")


@cache
def why_not() -> str | None:
    """Why R cannot be asked here."""
    if shutil.which("Rscript") is None:
        return "R is not installed here"
    looked = subprocess.run(["Rscript", "-e", "library(survey)"], capture_output=True, check=False)
    return None if looked.returncode == 0 else "R has no package survey here"


async def same_in_r(analytics: Analytics, tmp_path: Path, made: Any, *, tolerance: float = 1e-8, least: int = 2) -> None:
    """Run the analysis's R code on its data: at least so many numbers of each figure are the same."""
    if reason := why_not():
        pytest.skip(reason)
    data = await analytics.ask("GET", f"/analyses/{made['id']}/data")
    (tmp_path / "data.csv").write_text(data.text, encoding="utf-8")
    code = (await shown(analytics, made["id"], "r")).text
    written = 'for (name in names(results)) if (is.numeric(results[[name]])) results[[name]] <- sprintf("%.17g", results[[name]])\n'
    (tmp_path / "script.R").write_text(f"{code}\n{written}write.csv(results, 'results.csv', row.names = FALSE)\n", encoding="utf-8")
    run = _run(tmp_path)
    assert run.returncode == 0, run.stderr
    results = list(csv.DictReader(io.StringIO((tmp_path / "results.csv").read_text(encoding="utf-8"))))
    ours = {_key(figure): figure for figure in made["result"]["figures"] if not figure.get("suppressed")}
    compared = sum(_compare(row, ours[_key(row)], tolerance) for row in results if _key(row) in ours)
    assert compared >= least * len([key for key in ours if key in {_key(row) for row in results}]) > 0
    assert {_key(row) for row in results if _key(row) in ours}, results


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


def _run(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["Rscript", "--vanilla", "script.R"], cwd=folder, capture_output=True, text=True, check=False)
