"""R's formulas as terms, columns and outcomes: what the records of models were fitted with."""

import re

import numpy as np
from tests.analytics.estimation.reference import Columns, numbers

from assent_analytics.estimation.models.factors import Factor

Model = dict[str, np.ndarray | Factor]


def sides(formula: str) -> tuple[str, list[str]]:
    """The outcome's expression and the terms: `y ~ (a + b) * c` has a, b, c, a:c and b:c."""
    outcome, right = re.split(r"\s*~\s*", re.sub(r"\s+", " ", formula), maxsplit=1)
    return outcome.strip(), [term for part in _parts(right, "+") for term in _expanded(part)]


def columns_of(terms: list[str], data: Columns) -> Model:
    """The columns behind the terms: numbers where every cell is one, factors otherwise and where R says `factor()`."""
    return {name: _column(name, data) for term in terms for name in term.split(":")}


def outcome_of(expression: str, data: Columns) -> np.ndarray:
    """A numeric outcome, or the truth of `I(column == "value")`."""
    found = re.fullmatch(r'I\((\S+) == "(.*)"\)', expression)
    return numbers(data[expression]) if found is None else (data[found[1]] == found[2]).astype(float)


def ordered_outcome(expression: str, data: Columns) -> Factor:
    """An ordered outcome: a factor of the data (`q01f`, `factor(q01)`), or the quarters that meals were cut into."""
    if expression == "mealcat":
        return _quarters(numbers(data["meals"]))
    name = re.sub(r"factor\((\w+)\)", r"\1", expression)
    return Factor.of(data[name if name in data else name.removesuffix("f")])


def _quarters(percent: np.ndarray) -> Factor:
    """R: `cut(meals, c(0, 25, 50, 75, 100))`, in which nought is missing."""
    levels = ("(0,25]", "(25,50]", "(50,75]", "(75,100]")
    return Factor(np.where(percent > 0, np.ceil(percent / 25).astype(int) - 1, -1), levels)


def _column(name: str, data: Columns) -> np.ndarray | Factor:
    if found := re.fullmatch(r"factor\((\S+)\)", name):
        levels = {cell for cell in data[found[1]].tolist() if cell}
        return Factor.of(data[found[1]], sorted(levels, key=lambda level: (len(level), level)))
    try:
        return numbers(data[name])
    except ValueError:
        return Factor.of(data[name])


def _expanded(part: str) -> list[str]:
    factors = [_parts(factor.strip().removeprefix("(").removesuffix(")"), "+") for factor in _parts(part, "*")]
    if len(factors) == 1:
        return [part.strip()]
    first, second = ([term.strip() for term in factor] for factor in factors)
    return [*first, *second, *(f"{one}:{other}" for other in second for one in first)]


def _parts(text: str, sign: str) -> list[str]:
    """Split at a sign that stands outside all brackets."""
    depth, found = 0, [""]
    for letter in text:
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if letter == sign and depth == 0:
            found.append("")
        else:
            found[-1] += letter
    return [part.strip() for part in found]
