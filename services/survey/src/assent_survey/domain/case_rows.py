"""Responses as rows of numbers: which of them may leave, and each answer by the codebook, column by column.

Never among them: test responses, responses without consent, open text, and any id by which somebody is known elsewhere. A case has a
pseudonym that is made for one export, so that two exports cannot be joined by it.
"""

import hmac
import secrets
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice, repeat
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from assent_survey.domain.codebook import Codebook
from assent_survey.domain.variables import CHOSEN, NOT_CHOSEN, Variable

NOTHING = int(np.iinfo(np.int32).min)
"""In a column of categories: neither an answer nor a reason why there is none; as an answer that could not be coded."""

Column = NDArray[Any]
"""int32 for a category, float64 (NaN for nothing) for a number, objects (None for nothing) for words."""

Batch = tuple[Column, ...]
"""Some cases: a column for each variable of the codebook, all of one length."""

Why = Literal["test", "no_consent", "partial"]
_PSEUDONYM_BYTES = 10
AT_ONCE = 100  # cases; more of them fit no near cache


class Case(NamedTuple):
    """A response as it is kept. `content` is its coded answers, as `Coded` has them; the day is None where nobody asks for it."""

    response: str
    version: int
    complete: bool
    test: bool
    received_on: date | None
    content: Mapping[str, Any]


class CodeInUse(Exception):
    """A number was answered that stands for a missing answer of the same item, or lies between two that do: SPSS knows them only as a
    range, and would take it for missing. Another row of codes is needed.
    """

    def __init__(self, item: str) -> None:
        super().__init__(item)
        self.item = item


@dataclass(frozen=True, slots=True)
class Pseudonyms:
    """Names of cases under a key of one export, which is never stored. They begin with a letter, so that no program reads a number."""

    key: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)

    def of(self, response: str) -> str:
        """The response's name: 21 letters and digits."""
        return "c" + hmac.digest(self.key, response.encode(), "sha256")[:_PSEUDONYM_BYTES].hex()


@dataclass
class CaseRows:
    """Makes batches of one export, and counts what it leaves out.

    **Usage**: `rows = CaseRows(codebook, include_partial=True); batch = rows.batch(cases)`.
    """

    codebook: Codebook
    include_partial: bool
    pseudonyms: Pseudonyms = field(default_factory=Pseudonyms)
    count: int = 0
    left_out: Counter[str] = field(default_factory=Counter)

    def batch(self, cases: Iterable[Case]) -> Batch:
        """The cases that may leave, in the order of their pseudonyms, so not in that of their arrival. Raises CodeInUse.

        They are taken and coded a few at a time, so that what one pass has touched is near for the next.
        """
        waiting, parts = iter(cases), []
        while some := list(islice(waiting, AT_ONCE)):
            parts.append(self._coded(some))
        columns = [np.concatenate(column) for column in zip(*(parts or [self._coded([])]), strict=True)]
        order = np.argsort(columns[0], kind="stable")
        self.count += len(order)
        return tuple(column[order] for column in columns)

    def _coded(self, cases: Sequence[Case]) -> Batch:
        """Those of the cases that may leave, as columns."""
        kept = []
        for case in cases:
            why = self._why_not(case)
            if why is None:
                kept.append((self.pseudonyms.of(case.response), case))
            else:
                self.left_out[why] += 1
        page = _Page.of(kept)
        return tuple(page.column(variable) for variable in self.codebook.variables)

    def _why_not(self, case: Case) -> Why | None:
        if case.test:
            return "test"
        if not case.content.get("consented", False):
            return "no_consent"
        return None if case.complete or self.include_partial else "partial"


@dataclass(frozen=True, slots=True)
class _Page:
    """Cases that are coded at once. A column is coded in few passes, because there are as many cells as cases times columns."""

    names: Sequence[str]
    cases: Sequence[Case]
    answers: Sequence[dict[str, Any]]
    missing: Sequence[dict[str, str]]

    @classmethod
    def of(cls, kept: Sequence[tuple[str, Case]]) -> "_Page":
        cases = [case for _, case in kept]
        contents = [case.content for case in cases]
        return cls(
            [name for name, _ in kept], cases, [each["answers"] for each in contents], [each["missing"] for each in contents]
        )

    def column(self, variable: Variable) -> Column:
        match variable.part:
            case "case":
                return _words(self.names)
            case "version":
                return np.array([case.version for case in self.cases], dtype=np.float64)
            case "complete":
                return np.array([case.complete for case in self.cases], dtype=np.int32)
            case "received":
                return _words([None if case.received_on is None else case.received_on.isoformat() for case in self.cases])
            case "answer":
                return self._numbers(variable) if variable.kind == "number" else self._codes(variable)
            case design:
                return _design(variable, [case.content.get(design) for case in self.cases])

    def _codes(self, variable: Variable) -> Column:
        """The code of each answer, or of the reason why there is none."""
        name = _item_name(variable)
        answered = map(dict.get, self.answers, repeat(name))
        if variable.option is None:
            codes: dict[Any, int] = {value.option: value.code for value in variable.values}
            column = np.fromiter(map(codes.get, answered, repeat(NOTHING)), np.int32, len(self.answers))
        else:
            chosen = [NOTHING if options is None else CHOSEN if variable.option in options else NOT_CHOSEN for options in answered]
            column = np.array(chosen, dtype=np.int32)
        reasons = _reasons(variable)
        for row in np.flatnonzero(column == NOTHING).tolist():
            column[row] = reasons.get(self.missing[row].get(name), NOTHING)
        return column

    def _numbers(self, variable: Variable) -> Column:
        """Each number, or the code of the reason why there is none. Raises CodeInUse."""
        name, reasons = _item_name(variable), _reasons(variable)
        column = np.array([answers.get(name, np.nan) for answers in self.answers], dtype=np.float64)
        if reasons and ((min(reasons.values()) <= column) & (column <= max(reasons.values()))).any():
            raise CodeInUse(name)
        for row in np.flatnonzero(np.isnan(column)).tolist():
            column[row] = reasons.get(self.missing[row].get(name), np.nan)
        return column


def _item_name(variable: Variable) -> str:
    assert variable.item is not None  # every answer is to an item
    return variable.item.name


def _reasons(variable: Variable) -> dict[str | None, int]:
    return {value.option: value.code for value in variable.missing}


def _words(words: Sequence[str | None]) -> Column:
    column = np.empty(len(words), dtype=object)
    column[:] = words
    return column


def _design(variable: Variable, values: list[Any]) -> Column:
    if variable.kind == "number":
        return np.array([np.nan if value is None else value for value in values], dtype=np.float64)
    if variable.kind == "word":
        return _words(values)
    codes = {value.option: value.code for value in variable.values}
    return np.array([codes.get(value, NOTHING) for value in values], dtype=np.int32)
