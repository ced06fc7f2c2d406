"""The R code of each method, run by R on the file of its data: the same numbers come out."""

import csv
import io
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from tests.analytics.analyses.asking import ITEM, OTHER, analyse, shown
from tests.analytics.conftest import Analytics
from tests.analytics.parents import collection, parent

from assent_contracts import registry

KEYS = ("item", "variable", "group", "outcome", "term")

REQUESTS: dict[str, dict[str, Any]] = {
    "distribution": {"items": [ITEM, OTHER], "by": ["family_form", "gender"]},
    "support": {"items": [ITEM], "by": ["family_form"], "within": {"place": ["town", "village"]}},
    "mean": {"items": [ITEM], "by": ["gender"], "design": {"weights": "none"}},
}


@cache
def why_not() -> str | None:
    """Why R cannot be asked here."""
    if shutil.which("Rscript") is None:
        return "R is not installed here"
    looked = subprocess.run(["Rscript", "-e", "library(survey)"], capture_output=True, check=False)
    return None if looked.returncode == 0 else "R has no package survey here"


@pytest.mark.parametrize("method", REQUESTS)
async def test_r_gives_the_same_numbers(analytics: Analytics, tmp_path: Path, method: str) -> None:
    if reason := why_not():
        pytest.skip(reason)
    await _same_in_r(analytics, tmp_path, await analyse(analytics, method, **REQUESTS[method]))


@pytest.mark.parametrize("method", REQUESTS)
async def test_r_gives_the_same_numbers_of_raked_responses(analytics: Analytics, tmp_path: Path, method: str) -> None:
    if reason := why_not():
        pytest.skip(reason)
    silent = [parent(number, groups={"family_form": "couple", "place": "town"}) for number in range(1, 600, 20)]
    analytics.hear(*[(registry.RESPONSE_CORRECTED, one) for one in silent], version=2)
    margins = {"gender": {"mother": 0.5, "father": 0.5}, "family_form": {"lone_parent": 0.2, "couple": 0.8}}
    analytics.hear((registry.COLLECTION_CLOSED, collection(margins=margins)), version=2)
    made = await analyse(analytics, method, **REQUESTS[method])
    assert made["result"]["design"].get("raked_to") == (None if method == "mean" else ["family_form", "gender"])
    assert ("weighting" in made["recipe"]) == (method != "mean")
    await _same_in_r(analytics, tmp_path, made)


async def _same_in_r(analytics: Analytics, tmp_path: Path, made: Any) -> None:
    """Run the analysis's R code on its data, and compare."""
    data = await analytics.ask("GET", f"/analyses/{made['id']}/data")
    (tmp_path / "data.csv").write_text(data.text, encoding="utf-8")
    code = (await shown(analytics, made["id"], "r")).text
    written = 'for (name in names(results)) if (is.numeric(results[[name]])) results[[name]] <- sprintf("%.17g", results[[name]])\n'
    (tmp_path / "script.R").write_text(f"{code}\n{written}write.csv(results, 'results.csv', row.names = FALSE)\n", encoding="utf-8")
    run = _run(tmp_path)
    assert run.returncode == 0, run.stderr
    results = list(csv.DictReader(io.StringIO((tmp_path / "results.csv").read_text(encoding="utf-8"))))
    ours = {_key(figure): figure for figure in made["result"]["figures"] if not figure.get("suppressed")}
    compared = sum(_compare(row, ours[_key(row)]) for row in results if _key(row) in ours)
    assert compared >= 2 * len(ours) > 0
    assert {_key(row) for row in results} >= set(ours)


def _key(row: Any) -> tuple[str, ...]:
    return tuple("" if row.get(key) in (None, "NA") else str(row[key]) for key in KEYS)


def _compare(row: Any, figure: Any) -> int:
    """How many numbers both have; each must be the same to 1e-8."""
    compared = 0
    for name, told in row.items():
        if name not in KEYS and told != "NA" and figure.get(name) is not None:
            assert figure[name] == pytest.approx(float(told), rel=1e-8, abs=1e-12), (name, figure)
            compared += 1
    return compared


def _run(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["Rscript", "--vanilla", "script.R"], cwd=folder, capture_output=True, text=True, check=False)
