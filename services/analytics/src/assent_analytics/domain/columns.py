"""Responses as columns: what everyone answered to one item stands side by side, each different word kept once.

A million responses of forty items are forty arrays of small numbers here, and not a million dictionaries. Codes point into a column's
`words`; 0 is for those who have none. Numbers stay numbers. Rows are in the order in which their responses first came; `in_order` puts
them into one that depends on the responses alone, so that sums come out the same to the last digit wherever they are made.
Not here: which rows count (sample), what a word means (distribution), and where columns are kept (store).
"""

import hashlib
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Kind = Literal["answer", "choices", "missing", "group", "design", "flag", "order"]
Name = tuple[str, str]
"""Of a column: its kind, and the item, variable or field that it is about."""

Codes = NDArray[np.unsignedinteger[Any]]
Numbers = NDArray[np.float64]

ABSENT = 0
FLAGS = ("consented", "complete", "test")

_ORDER: tuple[Kind, str] = ("order", "response")


@dataclass(frozen=True, slots=True)
class Column:
    """Words, each once, and for every row the place of its word counted from 1, or 0: codes (n,)."""

    words: tuple[str, ...]
    codes: Codes

    def translated(self, meaning: Mapping[str, int], *, otherwise: int) -> NDArray[np.int64]:
        """Each row's word as a number of the reader's choosing, (n,)."""
        table = np.array([otherwise, *(meaning.get(word, otherwise) for word in self.words)], dtype=np.int64)
        found: NDArray[np.int64] = table[self.codes]
        return found

    def spelled(self) -> NDArray[np.str_]:
        """Each row's word, (n,); the empty one where there is none."""
        found: NDArray[np.str_] = np.array(["", *self.words], dtype=str)[self.codes]
        return found

    def chosen(self, rows: NDArray[np.int64]) -> "Column":
        """The column of some of the rows, by their places; words that none of them has stay."""
        return Column(self.words, self.codes[rows])


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of `rows` responses by kind and name: words, and numbers (not a number where there is none)."""

    rows: int
    words: Mapping[Name, Column]
    numbers: Mapping[Name, Numbers]

    @classmethod
    def of(cls, states: Iterable[Mapping[str, Any]]) -> "Columns":
        """From responses as their events carry them, defaults left out or not."""
        listed = list(states)
        words: dict[Name, _Words] = {}
        numbers: dict[Name, Numbers] = {}
        for row, state in enumerate(listed):
            for name, value in _cells(state):
                if isinstance(value, str):
                    words.setdefault(name, _Words(len(listed))).put(row, value)
                else:
                    numbers.setdefault(name, np.full(len(listed), np.nan))[row] = value
        return cls(len(listed), {name: column.column() for name, column in words.items()}, numbers)

    @classmethod
    def joined(cls, parts: Sequence["Columns"]) -> "Columns":
        """The rows of all parts, one after the other."""
        names = dict.fromkeys(name for part in parts for name in part.words)
        numeric = dict.fromkeys(name for part in parts for name in part.numbers)
        return cls(
            sum(part.rows for part in parts),
            {name: _joined([(part.words.get(name), part.rows) for part in parts]) for name in names},
            {name: np.concatenate([part.numbers.get(name, np.full(part.rows, np.nan)) for part in parts]) for name in numeric},
        )

    def column(self, kind: Kind, name: str) -> Column:
        """One column of words; one without any words where nobody has such a thing."""
        found = self.words.get((kind, name))
        return found if found is not None else Column((), np.zeros(self.rows, dtype=np.uint8))

    def number(self, kind: Kind, name: str) -> Numbers:
        """One column of numbers, (n,); not a number where there is none."""
        found = self.numbers.get((kind, name))
        return found if found is not None else np.full(self.rows, np.nan)

    def flag(self, name: str) -> NDArray[np.bool_]:
        """Of which rows this is true."""
        found: NDArray[np.bool_] = self.column("flag", name).codes != ABSENT
        return found

    def names(self, kind: Kind) -> list[str]:
        """The names of the columns of one kind, in alphabetical order."""
        return sorted({name for of_kind, name in (*self.words, *self.numbers) if of_kind == kind})

    def in_order(self) -> NDArray[np.int64]:
        """The places of all rows in an order that does not depend on when their responses came, (n,)."""
        return np.argsort(self.number(*_ORDER), kind="stable")

    def chosen(self, rows: NDArray[np.int64]) -> "Columns":
        """The columns of some of the rows, by their places and in that order."""
        return Columns(
            len(rows),
            {name: column.chosen(rows) for name, column in self.words.items()},
            {name: values[rows] for name, values in self.numbers.items()},
        )

    def pack(self) -> bytes:
        """As bytes that `unpack` reads."""
        heading = {
            "rows": self.rows,
            "words": [[*name, column.words] for name, column in self.words.items()],
            "numbers": [list(name) for name in self.numbers],
        }
        codes = [column.codes.astype(np.uint32) for column in self.words.values()]
        packed = io.BytesIO()
        np.savez_compressed(
            packed,
            heading=np.frombuffer(json.dumps(heading).encode(), dtype=np.uint8),
            codes=np.array(codes, dtype=np.uint32).reshape(len(codes), self.rows),
            numbers=np.array(list(self.numbers.values()), dtype=float).reshape(len(self.numbers), self.rows),
        )
        return packed.getvalue()

    @classmethod
    def unpack(cls, packed: bytes) -> "Columns":
        """What `pack` made. Raises ValueError when these are other bytes."""
        with np.load(io.BytesIO(packed), allow_pickle=False) as arrays:
            heading = json.loads(arrays["heading"].tobytes())
            codes, numbers = arrays["codes"], arrays["numbers"]
        words = {
            (kind, name): Column(tuple(of_column), _small(row, len(of_column)))
            for (kind, name, of_column), row in zip(heading["words"], codes, strict=True)
        }
        named = {(kind, name): values for (kind, name), values in zip(heading["numbers"], numbers, strict=True)}
        return cls(heading["rows"], words, named)


class _Words:
    """A column of words as it grows."""

    def __init__(self, rows: int) -> None:
        self._codes = np.zeros(rows, dtype=np.uint32)
        self._places: dict[str, int] = {}

    def put(self, row: int, word: str) -> None:
        self._codes[row] = self._places.setdefault(word, len(self._places) + 1)

    def column(self) -> Column:
        return Column(tuple(self._places), _small(self._codes, len(self._places)))


def _cells(state: Mapping[str, Any]) -> Iterable[tuple[Name, str | float]]:
    if "response" in state:
        yield _ORDER, _place_in_order(state["response"])
    for item, answer in state.get("answers", {}).items():
        if isinstance(answer, list):
            yield ("choices", item), json.dumps(answer)
        else:
            yield ("answer", item), answer
    for item, reason in state.get("missing", {}).items():
        yield ("missing", item), reason
    for variable, word in state.get("groups", {}).items():
        yield ("group", variable), word
    for field in ("stratum", "cluster"):
        if state.get(field) is not None:
            yield ("design", field), state[field]
    if state.get("weight") is not None:
        yield ("design", "weight"), float(state["weight"])
    for flag in FLAGS:
        if state.get(flag):
            yield ("flag", flag), flag


def _place_in_order(response: str) -> float:
    """A number that the response's id alone decides: as many bytes of a hash as a double holds exactly."""
    return float(int.from_bytes(hashlib.blake2b(response.encode(), digest_size=6).digest()))


def _joined(parts: Sequence[tuple[Column | None, int]]) -> Column:
    words = sorted({word for part, _ in parts for word in (part.words if part is not None else ())})
    places = {word: place for place, word in enumerate(words, start=1)}
    joined = np.zeros(sum(rows for _, rows in parts), dtype=np.min_scalar_type(len(places)))
    at = 0
    for part, rows in parts:
        if part is not None:
            joined[at : at + rows] = np.array([ABSENT, *(places[word] for word in part.words)], dtype=joined.dtype)[part.codes]
        at += rows
    return Column(tuple(words), joined)


def _small(codes: NDArray[Any], words: int) -> Codes:
    """The same codes in as few bytes as that many words need."""
    found: Codes = codes.astype(np.min_scalar_type(words))
    return found
