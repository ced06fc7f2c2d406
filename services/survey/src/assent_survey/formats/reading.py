"""Reading a whole file of responses into coded rows: who answers as blind indexes, what was said, and what could not be read."""

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyarrow import compute

from assent_survey.domain.blind import DIGEST, BlindIndex
from assent_survey.domain.import_plan import CompleteWhen, ImportPlan
from assent_survey.domain.instrument import Item
from assent_survey.domain.submission import Value
from assent_survey.formats.coded_columns import BlockCoder
from assent_survey.formats.csv_file import CsvFile
from assent_survey.formats.face import Block, Cells, Rejected, ResponseFile
from assent_survey.formats.spool import Spool, texts_of

T = TypeVar("T")
R = TypeVar("R")

WORKERS = 2
SHARED = 4  # bytes with which the indexes of somebody and of their response begin
LONGEST_NAME = 500
LONGEST_CELL = 100_000
MOST_TOLD = 1000  # rows that were rejected, of which each is named
NAMED_NOT = "the cell that names the response or the respondent is empty or too long"
HOLDS_NUL = "a cell holds NUL, which is not text"
TOO_LONG = f"a cell has more than {LONGEST_CELL} characters; a quote before it may never be closed"
NO_MOMENT = "the cell of a moment holds none, such as 2026-09-01T12:00:00Z"
TOO_LATE = "it was submitted after the collection was closed"


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be read, how, and for which collection of which version of an instrument.

    `closed_at` is when fieldwork ended; `is_sqlite` tells in which form the database takes in drafts.
    """

    path: Path
    kind: str
    plan: ImportPlan
    items: tuple[Item, ...]
    id: str
    study: str
    collection: str
    instrument: str
    number: int
    closed_at: datetime | None
    most_bytes: int
    is_sqlite: bool


@dataclass(slots=True)
class Found:
    """What a file turned out to hold. `problems` counts, by item and why, answers that have no place in the instrument."""

    rows: int = 0
    blank: int = 0
    rejected: int = 0
    rejected_rows: list[Rejected] = field(default_factory=list)
    problems: Counter[tuple[str, str]] = field(default_factory=Counter)
    with_problems: int = 0
    unread: tuple[str, ...] = ()

    def reject(self, rows: Sequence[int], why: str) -> None:
        """Note rows that are not kept."""
        self.rejected += len(rows)
        self.rejected_rows += [Rejected(row, why) for row in rows[: MOST_TOLD - len(self.rejected_rows)]]


@dataclass(frozen=True, slots=True)
class _CodedRows:
    """Rows to be kept, with their respondents' blind indexes one after the other."""

    rows: pa.RecordBatch
    respondents: bytes
    problems: Counter[tuple[str, str]]


def in_order(work: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
    """What the work makes of each item, in their order; on two threads, because Arrow and the digests leave the interpreter free."""
    with ThreadPoolExecutor(WORKERS) as pool:
        ahead: deque[Future[R]] = deque()
        for item in items:
            ahead.append(pool.submit(work, item))
            if len(ahead) > WORKERS:
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()


def open_file(order: Order) -> ResponseFile:
    """The file, by what its name says it is. Raises Unreadable."""
    if order.kind == "csv":
        return CsvFile(order.path, order.plan.columns, encoding=order.plan.encoding, most_bytes=order.most_bytes)
    from assent_survey.formats.statistical_file import StatisticalFile  # its library is large

    return StatisticalFile(order.path, order.kind)


class Reading:
    """Reads a file into a spool."""

    def __init__(self, order: Order, blind: BlindIndex) -> None:
        self._order, self._blind = order, blind
        self._coder = BlockCoder(order.items, order.plan)
        self.found = Found()

    def read(self, file: ResponseFile, say: Callable[[int], None]) -> Iterator[Spool]:
        """Read all of it, spool by spool; `say` hears how many rows have been. Raises Unreadable."""
        wanted = sorted(self._order.plan.columns)
        self.found.unread = tuple(name for name in file.header if name not in self._order.plan.columns)
        spool = Spool(self._order.path.parent, file.rows)
        admitted = (self._admit(block) for block in file.blocks(wanted))
        for coded in in_order(self._code, (block for block in admitted if len(block.numbers))):
            self._note(coded)
            spool.add(coded.rows, coded.respondents)
            say(self.found.rows)
            if spool.is_full:
                yield spool
                spool = spool.following()
        yield spool
        self.found.rows += len(file.rejected)
        self.found.rejected += len(file.rejected)
        self.found.rejected_rows = sorted([*self.found.rejected_rows, *file.rejected], key=lambda each: each.row)[:MOST_TOLD]

    def _admit(self, block: Block) -> Block:
        """The rows that can be kept; of the others it is noted why not."""
        self.found.rows += len(block.numbers)
        empty = np.ones(len(block.numbers), dtype=bool)
        for cells in block.columns.values():
            empty &= _each(cells, lambda value: value is None)
        self.found.blank += int(empty.sum())
        good = ~empty
        for why, ill in self._faults(block):
            self.found.reject(block.numbers[good & ill].tolist(), why)
            good &= ~ill
        if good.all():
            return block
        return Block(block.numbers[good], {name: Cells(cells.places[good], cells.values) for name, cells in block.columns.items()})

    def _faults(self, block: Block) -> Iterator[tuple[str, npt.NDArray[np.bool_]]]:
        plan = self._order.plan
        for name in set(plan.named_by):
            yield NAMED_NOT, _each(block.columns[name], lambda value: not 0 < len(named(value)) <= LONGEST_NAME)
        for cells in block.columns.values():
            for why, ill in ((HOLDS_NUL, _holds_nul), (TOO_LONG, _is_too_long)):
                if any(map(ill, cells.values)):
                    yield why, _each(cells, ill)
        for name in filter(None, (plan.submitted_at, plan.updated_at)):
            yield NO_MOMENT, _each(block.columns[name], lambda value: moment(value) is None)
        closed = self._order.closed_at
        if closed is not None and plan.submitted_at is not None:
            yield TOO_LATE, _each(block.columns[plan.submitted_at], lambda value: (moment(value) or closed) > closed)

    def _note(self, coded: "_CodedRows") -> None:
        self.found.problems += coded.problems
        if coded.problems:
            self.found.with_problems += int(np.sum(coded.rows.column("problems").to_numpy(zero_copy_only=False) != "[]"))

    def _code(self, block: Block) -> "_CodedRows":
        """The rows of a block as they are kept. Several blocks are coded at once."""
        plan, scope = self._order.plan, f"{self._order.collection}/{self._order.plan.platform or 'import'}"
        names = {name: _names(block.columns[name]) for name in set(plan.named_by)}
        response, respondent = (names[name] for name in plan.named_by)
        respondents = self._blind.respondents(self._order.collection, respondent)
        finished = self._finished(block)
        coded = self._coder.code(block, finished)
        responses = self._blind.responses(scope, response)
        if plan.platform is None and plan.response in (None, plan.respondent):
            responses = beside(respondents, responses)
        response_texts = texts_of(responses)
        said_of: Any = zip(response_texts.to_pylist(), coded.content.to_pylist(), strict=True)
        said = texts_of(self._blind.contents(said_of))
        rows: dict[str, Any] = {
            "row": pa.array(block.numbers),
            "response": response_texts,
            "respondent": texts_of(respondents),
            "said": said,
            "size": pa.array(coded.size),
            "finished": pa.array(finished),
            "revision": self._revisions(block),
            "content": coded.content,
            "problems": coded.problems_kept,
        }
        return _CodedRows(pa.RecordBatch.from_pydict(rows), respondents, coded.problems)

    def _finished(self, block: Block) -> npt.NDArray[np.bool_]:
        complete = self._order.plan.complete
        if not isinstance(complete, CompleteWhen):
            return np.full(len(block.numbers), complete)
        wanted = {value.lower() for value in complete.values}
        return _each(block.columns[complete.column], lambda value: not wanted.isdisjoint(_spellings(value)))

    def _revisions(self, block: Block) -> Any:
        if self._order.plan.updated_at is None:
            return pa.nulls(len(block.numbers), pa.float64())
        cells = block.columns[self._order.plan.updated_at]
        moments = [found.timestamp() if (found := moment(value)) else None for value in cells.values]
        places: Any = pa.array(cells.places)
        return compute.take(pa.array(moments, pa.float64()), places)


def beside(respondents: bytes, responses: bytes) -> bytes:
    """Indexes of responses that stand in the same order as those of their respondents, because they begin alike.

    Only where the respondent's name is the response's: then an index is still that of one name, and a batch of rows in the order of
    the respondents touches few pages of either index.
    """
    theirs = np.frombuffer(responses, np.uint8).reshape(-1, DIGEST).copy()
    theirs[:, :SHARED] = np.frombuffer(respondents, np.uint8).reshape(-1, DIGEST)[:, :SHARED]
    return theirs.tobytes()


def moment(value: Value) -> datetime | None:
    """A moment in ISO 8601, in UTC where it names no zone."""
    try:
        found = datetime.fromisoformat(named(value))
    except ValueError:
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def named(value: Value) -> str:
    """A cell as the name of somebody: numbers without needless digits, of a labelled value the value."""
    match value:
        case None:
            return ""
        case float():
            return f"{value:.15g}"
        case tuple():
            return value[0][0] if value else ""
        case _:
            return str(value)


def _holds_nul(value: Value) -> bool:
    return isinstance(value, str) and "\0" in value


def _is_too_long(value: Value) -> bool:
    return isinstance(value, str) and len(value) > LONGEST_CELL


def _spellings(value: Value) -> set[str]:
    names = {name for choice in value for name in choice} if isinstance(value, tuple) else {named(value)}
    return {name.strip().lower() for name in names}


def _each(cells: Cells, holds: Callable[[Value], bool]) -> npt.NDArray[np.bool_]:
    """What is so of each row, asked once for each different value."""
    return np.array([holds(value) for value in cells.values], dtype=bool)[cells.places]


def _names(cells: Cells) -> Sequence[str]:
    names = [named(value) for value in cells.values]
    return [names[place] for place in cells.places.tolist()]
