"""Responses as rows of numbers: which of them may leave, and each answer by the codebook, column by column.

Never among them: test responses, responses without consent, open text, and any id by which somebody is known elsewhere. A case has a
pseudonym that is made for one export, so that two exports cannot be joined by it.
"""

import base64
import hashlib
import hmac
import secrets
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
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


class Case(NamedTuple):
    """A response as it is kept. `content` is its coded answers, as `Coded` has them."""

    response: str
    version: int
    complete: bool
    test: bool
    received_on: date
    content: Mapping[str, Any]


class CodeInUse(Exception):
    """A number was answered that stands for a missing answer of the same item: another row of codes is needed."""

    def __init__(self, item: str) -> None:
        super().__init__(item)
        self.item = item


@dataclass(frozen=True, slots=True)
class Pseudonyms:
    """Names of cases under a key of one export, which is never stored. They begin with a letter, so that no program reads a number."""

    key: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)

    def of(self, response: str) -> str:
        """The response's name: 17 letters and digits."""
        digest = hmac.digest(self.key, response.encode(), hashlib.sha256)
        return "c" + base64.b32encode(digest[:_PSEUDONYM_BYTES]).decode().lower()


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
        """The cases that may leave, in an order that does not tell that of their arrival. Raises CodeInUse."""
        kept = []
        for case in cases:
            why = self._why_not(case)
            if why is None:
                kept.append((self.pseudonyms.of(case.response), case))
            else:
                self.left_out[why] += 1
        kept.sort()
        self.count += len(kept)
        return tuple(_column(variable, kept) for variable in self.codebook.variables)

    def _why_not(self, case: Case) -> Why | None:
        if case.test:
            return "test"
        if not case.content.get("consented", False):
            return "no_consent"
        return None if case.complete or self.include_partial else "partial"


_Kept = Sequence[tuple[str, Case]]


def _column(variable: Variable, kept: _Kept) -> Column:
    match variable.part:
        case "case":
            return _words([name for name, _ in kept])
        case "version":
            return np.array([case.version for _, case in kept], dtype=np.float64)
        case "complete":
            return np.array([case.complete for _, case in kept], dtype=np.int32)
        case "received":
            return _words([case.received_on.isoformat() for _, case in kept])
        case "answer":
            return _answers(variable, [case.content for _, case in kept])
        case _:
            return _design(variable, [case.content.get(variable.part) for _, case in kept])


def _words(words: list[str | None] | list[str]) -> Column:
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


def _answers(variable: Variable, contents: list[Mapping[str, Any]]) -> Column:
    assert variable.item is not None  # every answer is to an item
    name = variable.item.name
    reasons = {value.option: value.code for value in variable.missing}
    if variable.kind == "number":
        return _numbers(name, reasons, contents)
    both = [(content["answers"], content["missing"]) for content in contents]
    if variable.option is None:
        codes = {value.option: value.code for value in variable.values}
        coded = [
            codes.get(answers[name], NOTHING) if name in answers else reasons.get(missing.get(name), NOTHING)
            for answers, missing in both
        ]
    else:
        coded = [
            (CHOSEN if variable.option in answers[name] else NOT_CHOSEN)
            if name in answers
            else reasons.get(missing.get(name), NOTHING)
            for answers, missing in both
        ]
    return np.array(coded, dtype=np.int32)


def _numbers(name: str, reasons: Mapping[str, int], contents: list[Mapping[str, Any]]) -> Column:
    answered = np.array([content["answers"].get(name, np.nan) for content in contents], dtype=np.float64)
    if np.isin(answered, list(reasons.values())).any():
        raise CodeInUse(name)
    why = np.array([reasons.get(content["missing"].get(name), np.nan) for content in contents], dtype=np.float64)
    return np.where(np.isnan(answered), why, answered)
