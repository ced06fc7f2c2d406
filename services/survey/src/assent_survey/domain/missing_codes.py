"""The numbers that stand for don't know, refused, not asked and broken off, so that files of numbers keep them apart.

They are four negative numbers in a row, the same in every format, because SPSS takes more than three missing values of a variable as
one range only: −9 to −6 unless a code or a number of the item stands there; then −99 to −96, and so on. There are more rows than anybody
can take: whoever answers each of the first ones with purpose does not stop an export.
"""

from collections.abc import Collection, Iterator
from itertools import chain, islice

from assent_contracts.stances import MissingAnswer

REASONS: tuple[MissingAnswer, ...] = ("refused", "dont_know", "not_asked", "break_off")
"""In the order of their numbers: −9, −8, −7, −6."""

LABELS: dict[MissingAnswer, str] = {
    "refused": "Refused",
    "dont_know": "Don't know",
    "not_asked": "Not asked",
    "break_off": "Broke off before",
}
"""What they are called where the instrument's own translation does not say."""

LONGEST = 9
"""Digits of the lowest number that is tried; all formats can hold it."""
_LOWEST = range(1 - 10**LONGEST, 1 - 10**LONGEST + len(REASONS))


def missing_codes(taken: Collection[int], *, low: float | None = None, skip: int = 0) -> dict[MissingAnswer, int]:
    """The number of each reason, where `taken` are numbers in use and no answer is below `low`. A `low` that has no row below it says
    nothing.

    `skip` passes over so many rows of four, for answers that turned out to stand there though nobody had said so.
    """
    known = low if low is not None and _LOWEST[-1] < low < 0 else None
    free = (row for row in _rows() if not any(code in taken for code in row) and (known is None or row[-1] < known))
    return dict(zip(REASONS, next(islice(free, skip, None)), strict=True))


def _rows() -> Iterator[range]:
    """Rows of four: first those that people know for missing answers, then all from the lowest upwards."""
    firsts = [1 - 10**digits for digits in range(1, LONGEST + 1)]
    others = range(_LOWEST.stop, firsts[-2], len(REASONS))
    return (range(first, first + len(REASONS)) for first in chain(firsts, others))
