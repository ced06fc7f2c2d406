"""Asking R once for many figures: the surveys as files, every call for every survey in one process, the numbers with all their digits.

In CI it is a failure that R or its survey package is not there; elsewhere the tests are skipped and say so.
"""

import csv
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.analytics.beside_r.made import REPLICATED, Made, made
from tests.support import IN_CI

Call = Callable[[Made], Any]
Trap = tuple[tuple[str, ...], str, str]
"""Designs, a pattern of R calls, and why R is not followed there."""
Calls = Mapping[str, Call]
"""Our call by R's, which speaks of the design `d` and the data frame `x`."""

HEAD = """
suppressPackageStartupMessages(library(survey))
options(warn = -1)
numbers <- function(found) as.numeric(unlist(found))
both <- function(found) c(coef(found), vcov(found))
ask <- function(survey, number, call) {
  found <- tryCatch(paste(sprintf("%.17g", numbers(eval(call))), collapse = " "),
                    error = function(e) paste("refused:", gsub("[\\n\\t]", " ", conditionMessage(e))))
  cat(survey, number, found, sep = "\\t")
  cat("\\n")
}
"""


@cache
def why_not() -> str | None:
    """Why R cannot be asked here."""
    if shutil.which("Rscript") is None:
        return "R is not installed here"
    looked = subprocess.run(["Rscript", "-e", "library(survey)"], capture_output=True, check=False)
    return None if looked.returncode == 0 else "R has no package survey here"


class Asked:
    """The answers of R to some calls for some surveys, asked when the first is wanted."""

    def __init__(self, calls: Calls, surveys: Iterable[tuple[str, int]], traps: Iterable[Trap] = ()) -> None:
        self.calls, self.surveys, self.traps = dict(calls), list(surveys), list(traps)
        self._answers: dict[tuple[str, str], str] | None = None

    def cases(self) -> list[Any]:
        """Every call with every survey, as parameters of a test."""
        return [
            pytest.param(name, seed, call, id=f"{name} {seed}: {call}")
            for call in self.calls
            for name, seed in self.surveys
            if not (name in REPLICATED and call.endswith("# linearised")) and not self._is_trap(name, call)
        ]

    def _is_trap(self, name: str, call: str) -> bool:
        return any(name in designs and re.search(pattern, call) for designs, pattern, _ in self.traps)

    def same(self, name: str, seed: int, call: str, tolerance: float) -> None:
        """Our figures are R's: each within a tolerance relative to itself, or to the errors where it is a covariance."""
        if reason := why_not():
            (pytest.fail if IN_CI else pytest.skip)(reason)
        if self._answers is None:
            self._answers = self._ask()
        answer = self._answers[f"{name} {seed}", call]
        assert not answer.startswith("refused"), answer
        expected = np.array([float(word) if word != "NA" else np.nan for word in answer.split(" ")])
        found = np.concatenate([np.ravel(np.asarray(part, dtype=float)) for part in _parts(self.calls[call](made(name, seed)))])
        np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance * 0.1 * float(np.nanmax(np.abs(expected))))

    def _ask(self) -> dict[tuple[str, str], str]:
        numbered = list(self.calls)
        with tempfile.TemporaryDirectory() as folder:
            lines = [HEAD]
            for place, (name, seed) in enumerate(self.surveys):
                survey = made(name, seed)
                write(survey, Path(folder, f"{place}.csv"))
                lines.append(
                    f'x <- read.csv("{place}.csv", na.strings = c("nan", ""), stringsAsFactors = TRUE); d <- {{{survey.in_r}}}'
                )
                lines += [f"ask('{name} {seed}', {number}, quote({{{call}\n}}))" for number, call in enumerate(numbered)]
                lines.append('options(survey.lonely.psu = "fail", survey.adjust.domain.lonely = FALSE)')
            Path(folder, "calls.R").write_text("\n".join(lines), encoding="utf-8")
            command = ["Rscript", "--vanilla", "calls.R"]
            run = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        assert run.returncode == 0, run.stderr
        rows = [line.split("\t") for line in run.stdout.splitlines()]
        return {(survey, numbered[int(number)]): answer for survey, number, answer in rows}


def write(survey: Made, path: Path) -> None:
    """A survey's columns as a file, numbers with all their digits."""
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(survey.columns)
        rows.writerows(zip(*(column.tolist() for column in survey.columns.values()), strict=True))


def _parts(found: Any) -> Iterable[Any]:
    return found if isinstance(found, tuple) else (found,)
