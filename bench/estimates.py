"""A million responses: means of 20 items by 6 groups, raking to 5 margins, and a logit on 10 covariates, beside R's survey package.

Both read the same synthetic columns from files, in processes of their own, and print CPU seconds (all threads), the peak of memory, and
a figure that must agree. R is left out where it is not installed (Debian: r-base-core, r-cran-survey).
"""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from assent_analytics.estimation.descriptive.grouped import Grouping
from assent_analytics.estimation.designs.design import Design
from assent_analytics.estimation.models.design_matrix import design_matrix
from assent_analytics.estimation.models.families import LOGIT
from assent_analytics.estimation.models.generalised_linear import generalised_linear
from assent_analytics.estimation.weighting.margins import Margin
from assent_analytics.estimation.weighting.raking import rake

ROWS = int(os.environ.get("ROWS", "1000000"))
ITEMS, MARGINS, COVARIATES = 20, 5, 10
SHARES = np.array([0.3, 0.3, 0.2, 0.2])
GOALS = {"groups": (1.5, 1 / 8), "raking": (None, 1 / 12), "logit": (None, 1 / 4)}
MOST_MEMORY = 1300


def names() -> list[str]:
    """The columns of the synthetic collection."""
    return [
        "weight", "stratum", "psu", "group", "accept",
        *(f"item{number:02}" for number in range(1, ITEMS + 1)),
        *(f"margin{number}" for number in range(1, MARGINS + 1)),
        *(f"covariate{number:02}" for number in range(1, COVARIATES + 1)),
    ]  # fmt: skip


def write(folder: Path, rows: int) -> None:
    """The columns, each a file of doubles: 20 strata, units of 50 respondents, answers that hang together within units."""
    chance = np.random.default_rng(1)
    psu = np.arange(rows) // 50
    shift = chance.normal(0, 0.3, psu.max() + 1)[psu]
    columns: dict[str, Any] = {"psu": psu, "stratum": psu % 20, "weight": np.exp(chance.normal(0, 0.25, rows))}
    columns["group"] = chance.integers(0, 6, rows)
    predictor = shift
    for number in range(1, COVARIATES + 1):
        columns[f"covariate{number:02}"] = chance.normal(0, 1, rows)
        predictor = predictor + 0.1 * columns[f"covariate{number:02}"]
    columns["accept"] = chance.random(rows) < 1 / (1 + np.exp(-predictor))
    for number in range(1, ITEMS + 1):
        columns[f"item{number:02}"] = np.clip(np.round(3 + shift + chance.normal(0, 1, rows)), 1, 5)
    for number in range(1, MARGINS + 1):
        columns[f"margin{number}"] = chance.choice(4, rows, p=[0.25, 0.25, 0.25, 0.25])
    for name in names():
        np.asarray(columns[name], dtype=float).tofile(folder / f"{name}.bin")
    (folder / "columns.txt").write_text("\n".join(names()) + "\n")


def ours(folder: Path) -> None:
    """Our side: columns as the read model holds them, small codes where there are few words."""

    def read(name: str, kind: type = float) -> np.ndarray:
        return np.fromfile(folder / f"{name}.bin").astype(kind)

    weights, group = read("weight"), read("group", np.int8)
    items = [read(f"item{number:02}", np.int8) for number in range(1, ITEMS + 1)]
    margins = [
        Margin(f"margin{number}", ("a", "b", "c", "d"), read(f"margin{number}", np.int8), len(weights) * SHARES)
        for number in range(1, MARGINS + 1)
    ]
    design = Design(weights, strata=read("stratum", np.int8), clusters=read("psu", np.int32))

    def groups() -> float:
        grouping = Grouping(design, group, 6)
        return sum(float(grouping.means(item).standard_errors.sum()) for item in items)

    def raking() -> float:
        found = rake(weights, margins, epsilon=1e-6 * len(weights)).weights
        return float((found**2).sum() / len(found))

    accept = read("accept")
    covariates = {f"covariate{number:02}": read(f"covariate{number:02}") for number in range(1, COVARIATES + 1)}

    def logit() -> float:
        found = generalised_linear(design, accept, design_matrix(list(covariates), covariates), LOGIT)
        return float(found.coefficients.standard_errors.sum())

    groups()  # warm: what a design knows of itself is worked out once
    for task in (groups, raking, logit):
        before = time.process_time()
        figure = task()
        print(task.__name__, time.process_time() - before, f"{figure:.12g}")
    print("peak", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def run(command: list[str]) -> dict[str, tuple[float, str]]:
    """What a side prints: task, CPU seconds, figure."""
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    lines = [line.split() for line in printed.splitlines() if line.strip()]
    return {line[0]: (float(line[1]), line[2] if len(line) > 2 else "") for line in lines}


def beside_r(folder: Path) -> None:
    """Both sides, and the ratios."""
    mine = run([sys.executable, __file__, "--ours", str(folder)])
    script, rscript = Path(__file__).with_name("survey.R"), shutil.which("Rscript")
    theirs = run([rscript, str(script), str(folder), str(ROWS)]) if rscript else {}
    print(f"{ROWS:,} responses, CPU seconds" + ("" if theirs else " (R is not installed: nothing to compare with)"))
    for task, (most, share) in GOALS.items():
        seconds, figure = mine[task]
        line = f"  {task:<8} {seconds:>7.2f} s"
        met = most is None or seconds < most
        if theirs:
            their_seconds, their_figure = theirs[task]
            met = met and seconds <= share * their_seconds
            apart = abs(float(figure) / float(their_figure) - 1)
            line += f"   R {their_seconds:>6.2f} s   ratio {seconds / their_seconds:.3f} (goal {share:.3f})   figures differ by {apart:.0e}"
        print(line + f"   {'met' if met else 'NOT met'}")
    peak = mine["peak"][0]
    print(f"  peak     {peak:>7.0f} MB, the columns included (goal {MOST_MEMORY})   {'met' if peak < MOST_MEMORY else 'NOT met'}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--ours"]:
        ours(Path(sys.argv[2]))
    else:
        with tempfile.TemporaryDirectory() as place:
            write(Path(place), ROWS)
            beside_r(Path(place))
