"""The numbers that stand for don't know, refused, not asked and broken off, so that files of numbers keep them apart.

They are four negative numbers in a row, the same in every format, because SPSS takes more than three missing values of a variable as
one range only: −9 to −6 unless a code or a number of the item stands there; then −99 to −96, and so on.
"""

from collections.abc import Collection, Iterator

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


def missing_codes(taken: Collection[int], *, low: float | None = None, skip: int = 0) -> dict[MissingAnswer, int]:
    """The number of each reason, where `taken` are numbers in use and no answer is below `low`.

    `skip` passes over so many rows of four, for answers that turned out to stand there though nobody had said so. Raises ValueError
    when there is no room left.
    """
    free = [first for first in _firsts() if _is_free(range(first, first + len(REASONS)), taken, low)]
    if skip >= len(free):
        raise ValueError("no numbers are left for missing answers")
    return {reason: free[skip] + number for number, reason in enumerate(REASONS)}


def _firsts() -> Iterator[int]:
    return (1 - 10**digits for digits in range(1, LONGEST + 1))


def _is_free(codes: range, taken: Collection[int], low: float | None) -> bool:
    return not any(code in taken for code in codes) and (low is None or low >= 0 or codes[-1] < low)
