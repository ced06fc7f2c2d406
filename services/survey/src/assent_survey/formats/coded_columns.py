"""Blocks of cells as coded rows, column by column.

Each different value of a column is coded once, by the rules that every answer is coded by (domain.coding), and becomes a piece of JSON;
rows are put together from the pieces by Arrow, as the JSON text that is kept.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from assent_survey.domain.coding import Coded, code_value
from assent_survey.domain.import_plan import CHOSEN, NOT_CHOSEN, ImportPlan
from assent_survey.domain.instrument import Item
from assent_survey.domain.submission import Value
from assent_survey.formats.face import Block, Cells

MOST_REMEMBERED = 50_000  # different values of one column whose coding is kept from block to block
PARTS = ("answers", "missing", "groups", "texts")
DESIGN = ("weight", "stratum", "cluster")

Strings: TypeAlias = Any  # an Arrow array of strings
_JOIN: Any = pc.binary_join_element_wise  # what the stubs say of these is too narrow
_TAKE: Any = pc.take


class Piece(NamedTuple):
    """What one value of one item adds to a row: pieces of JSON objects, JSON values of the design, a problem, and whether it consents."""

    parts: tuple[str | None, ...]
    design: tuple[str | None, ...]
    problem: str | None
    why: str | None
    consented: bool


@dataclass(frozen=True, slots=True)
class CodedBlock:
    """Rows as responses hold them, as JSON. `problems` counts what has no place in the instrument."""

    content: Strings
    problems_kept: Strings
    size: npt.NDArray[np.int64]
    problems: Counter[tuple[str, str]]


class ColumnCoder:
    """Codes the cells of one item, remembering each value it has seen."""

    def __init__(self, item: Item, plan: ImportPlan) -> None:
        self._item, self._plan = item, plan
        self._columns = plan.items[item.name].columns
        self._codes = plan.codes_of(item) if self._columns is None else None
        self._pieces: dict[Value, Piece] = {}

    @property
    def columns(self) -> list[str]:
        """The columns that it reads."""
        column = self._plan.items[self._item.name].column
        return list(self._columns.values()) if self._columns is not None else [] if column is None else [column]

    def code(self, block: Block) -> tuple[npt.NDArray[np.int64], list[Piece | None]]:
        """The rows' places among pieces; a piece that is None was not put to them."""
        cells = self._gathered(block) if self._columns is not None else block.columns[self.columns[0]]
        if len(self._pieces) > MOST_REMEMBERED:
            self._pieces.clear()
        return cells.places, [self._piece(value) for value in cells.values]

    def _piece(self, value: Value) -> Piece | None:
        if value is None and self._plan.blank == "not_asked":
            return None
        known = self._pieces.get(value)
        if known is None:
            given = value if self._item.kind != "number" or not isinstance(value, tuple) or len(value) != 1 else value[0][0]
            coded = code_value(self._item, given, codes=self._codes, separator=self._plan.separator)
            known = self._pieces[value] = _piece(coded, self.columns[0])
        return known

    def _gathered(self, block: Block) -> Cells:
        """One column from the columns of options: each combination of them is a value."""
        assert self._columns is not None
        marks = [_marked(block.columns[column], option, self._item) for option, column in self._columns.items()]
        combinations, places = np.unique(np.stack(marks, axis=1), axis=0, return_inverse=True)
        values = [_chosen(row, list(self._columns)) for row in combinations.tolist()]
        return Cells(places.reshape(-1).astype(np.int64), values)


_BLANK, _NO, _YES, _UNCLEAR = 0, 1, 2, 3


def _marked(cells: Cells, option: str, item: Item) -> npt.NDArray[np.int64]:
    """What an option's own column says of each row."""
    labels = {each.label.lower() for each in item.scale if each.option == option} | {option.lower()}

    def mark(value: Value) -> int:
        if value is None:
            return _BLANK
        names = {f"{value:.15g}"} if isinstance(value, float) else {str(value).strip().lower()}
        if isinstance(value, tuple):
            names = {name.strip().lower() for choice in value for name in choice}
        if names & (CHOSEN | labels):
            return _YES
        return _NO if names & NOT_CHOSEN else _UNCLEAR

    return np.array([mark(value) for value in cells.values], dtype=np.int64)[cells.places]


def _chosen(marks: Sequence[int], options: Sequence[str]) -> Value:
    """The options that were chosen. An unclear mark is an option that no scale has."""
    if all(mark == _BLANK for mark in marks):
        return None
    chosen = [(option,) for option, mark in zip(options, marks, strict=True) if mark == _YES]
    return (*chosen, *((("?",),) if _UNCLEAR in marks else ()))


def _piece(coded: Coded, column: str) -> Piece:
    parts = tuple(orjson.dumps(part)[1:-1].decode() if (part := getattr(coded, name)) else None for name in PARTS)
    design = tuple(None if (value := getattr(coded, name)) is None else orjson.dumps(value).decode() for name in DESIGN)
    problem = why = None
    if coded.unmapped:
        (unmapped,) = coded.unmapped
        why, problem = unmapped.why, orjson.dumps({**unmapped._asdict(), "field": column}).decode()
    return Piece(parts, design, problem, why, coded.consented)


class BlockCoder:
    """Codes blocks of rows of one import."""

    def __init__(self, items: Sequence[Item], plan: ImportPlan) -> None:
        self._items = items
        self._coders = {item.name: ColumnCoder(item, plan) for item in items if item.name in plan.items}

    def code(self, block: Block, finished: npt.NDArray[np.bool_]) -> CodedBlock:
        """The rows of a block; `finished` says which of them are."""
        rows = _Rows(len(block.numbers), finished)
        coded = {name: coder.code(block) for name, coder in self._coders.items()}
        for number, item in enumerate(self._items):
            if item.counted and item.name in coded:
                rows.arrive(number, *coded[item.name])
        for number, item in enumerate(self._items):
            rows.take(number, item, *coded.get(item.name, (None, [])))
        return rows.put_together()


class _Rows:
    """The rows of a block while items are added to them."""

    def __init__(self, count: int, finished: npt.NDArray[np.bool_]) -> None:
        self._count, self._finished = count, finished
        self._last = np.full(count, -1, dtype=np.int64)
        self._parts: dict[str, list[Strings]] = {name: [] for name in PARTS}
        self._design: dict[str, Strings] = {}
        self._problems: list[Strings] = []
        self._consented = np.ones(count, dtype=bool)
        self._size = np.zeros(count, dtype=np.int64)
        self._counts: Counter[tuple[str, str]] = Counter()

    def arrive(self, number: int, places: npt.NDArray[np.int64], pieces: Sequence[Piece | None]) -> None:
        """Note up to which item each row goes: what an unfinished one has not after it is a break-off."""
        sent = np.array([piece is not None for piece in pieces], dtype=bool)
        if len(sent):
            self._last[sent[places]] = number

    def take(self, number: int, item: Item, places: npt.NDArray[np.int64] | None, pieces: Sequence[Piece | None]) -> None:
        """Add an item's pieces; without `places` the file has no column for it."""
        if places is None or not pieces:
            places, pieces = np.zeros(self._count, dtype=np.int64), [None]
        sent = np.array([piece is not None for piece in pieces], dtype=bool)[places]
        self._size += sent
        if item.role == "consent":
            self._consented &= np.array([piece is not None and piece.consented for piece in pieces], dtype=bool)[places]
        for place, name in enumerate(PARTS):
            self._add_part(name, item, number, places, [piece and piece.parts[place] for piece in pieces], sent)
        for place, name in enumerate(DESIGN):
            values = [piece and piece.design[place] for piece in pieces]
            if any(values):
                self._design[name] = _taken([value or "null" for value in values], places)
        self._note_problems(item, places, pieces)

    def _add_part(
        self,
        name: str,
        item: Item,
        number: int,
        places: npt.NDArray[np.int64],
        words: list[str | None],
        sent: npt.NDArray[np.bool_],
    ) -> None:
        if name == "missing" and item.counted and not sent.all():
            not_asked = self._finished | (number < self._last)
            places = np.where(sent, places, np.where(not_asked, len(words), len(words) + 1))
            words = [*words, f'"{item.name}":"not_asked"', f'"{item.name}":"break_off"']
        if any(words):
            self._parts[name].append(_pieces_of(words, places))

    def _note_problems(self, item: Item, places: npt.NDArray[np.int64], pieces: Sequence[Piece | None]) -> None:
        if not any(piece is not None and piece.problem for piece in pieces):
            return
        self._problems.append(_pieces_of([piece and piece.problem for piece in pieces], places))
        for piece, count in zip(pieces, np.bincount(places, minlength=len(pieces)).tolist(), strict=True):
            if piece is not None and piece.why is not None:
                self._counts[item.name, piece.why] += count

    def put_together(self) -> CodedBlock:
        """The rows as JSON."""
        parts = {name: self._joined(self._parts[name]) for name in PARTS}
        design = {name: self._design.get(name, self._all("null")) for name in DESIGN}
        consented = pa.array(np.where(self._consented, "true", "false"), pa.string())
        named = [member for name in PARTS for member in (f'"{name}":{{', parts[name], "},")]
        return CodedBlock(
            content=concat("{", *named, *_members(design), ',"consented":', consented, "}"),
            problems_kept=concat("[", self._joined(self._problems), "]"),
            size=self._size,
            problems=self._counts,
        )

    def _joined(self, pieces: Sequence[Strings]) -> Strings:
        """Pieces that each end in a comma or are empty, as one, without the last comma."""
        return pc.ascii_rtrim(concat(*pieces), characters=",") if pieces else self._all("")

    def _all(self, word: str) -> Strings:
        return pa.array([word] * self._count, pa.string())


def _members(values: dict[str, Strings]) -> Iterator[Any]:
    for number, (name, value) in enumerate(values.items()):
        yield f'{"," if number else ""}"{name}":'
        yield value


def _pieces_of(words: Sequence[str | None], places: npt.NDArray[np.int64]) -> Strings:
    """Each row's piece of a list or object, with the comma after it."""
    return _taken([f"{word}," if word else "" for word in words], places)


def _taken(words: Sequence[str], places: npt.NDArray[np.int64]) -> Strings:
    return _TAKE(pa.array(words, pa.string()), pa.array(places))


def concat(*parts: Any) -> Strings:
    """Texts and arrays of texts, row by row one after the other."""
    return _JOIN(*(pa.scalar(part) if isinstance(part, str) else part for part in parts), "")
