"""The columns behind the names that R gives to estimates: `api00`, `stypeE`, `factor(q01)3`, `I(qn8 == 2)TRUE`."""

import operator
import re

import numpy as np
from tests.analytics.estimation.reference import Columns, numbers

COMPARISONS = {">=": operator.ge, "<=": operator.le, "==": operator.eq, ">": operator.gt, "<": operator.lt}


def column(name: str, data: Columns) -> np.ndarray:
    """The column (n,) of one name, not a number where an answer is missing."""
    if name in data:
        return numbers(data[name])
    if found := re.fullmatch(r"factor\((\w+)\)(.+)", name):
        return _indicator(data[found[1]], found[2])
    if found := re.fullmatch(r"I\((\w+) == (\w+)\)(TRUE|FALSE)", name):
        return _indicator((numbers(data[found[1]]) == float(found[2])).astype(str), found[3].title(), missing=data[found[1]] == "")
    if found := re.fullmatch(r"I\(\((\w+) (\S+) (\w+)\) - \((\w+) (\S+) (\w+)\)\)", name):
        left, right = (_compared(data[found[at]], found[at + 1], found[at + 2]) for at in (1, 4))
        return np.asarray(left - right)
    factor: str = next(key for key in sorted(data, key=len, reverse=True) if name.startswith(key))
    return _indicator(data[factor], name.removeprefix(factor))


def columns(names: list[str], data: Columns) -> tuple[np.ndarray, np.ndarray]:
    """The columns (n, k) of several names, and the rows (n,) in which none is missing."""
    table = np.column_stack([column(name, data) for name in names])
    known = ~np.isnan(table).any(axis=1)
    return table, known


def _indicator(values: np.ndarray, level: str, missing: np.ndarray | None = None) -> np.ndarray:
    return np.where(values == "" if missing is None else missing, np.nan, values == level)


def _compared(values: np.ndarray, comparison: str, bound: str) -> np.ndarray:
    answers = numbers(values)
    return np.where(np.isnan(answers), np.nan, COMPARISONS[comparison](answers, float(bound)))
