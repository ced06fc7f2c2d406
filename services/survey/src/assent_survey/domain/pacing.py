"""How often a platform lets itself be asked: two buckets of requests, one for a minute and one for a day, that refill steadily.

A bucket may be overdrawn, because how many requests a question took is known only afterwards; then the next question waits longer. Not
here: what a platform's limits are (its `Pace`), and where the levels are kept (store).
"""

from dataclasses import dataclass
from datetime import datetime

MINUTE, DAY = 60.0, 86_400.0
BURST = 0.1
"""The share of a day's requests that may be made at once; the rest of the day must still be able to ask."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Requests a minute and a day; None for no limit."""

    a_minute: int | None = None
    a_day: int | None = None


@dataclass(frozen=True, slots=True)
class Levels:
    """How many requests each bucket holds, as of a moment. A bucket without a limit stays at zero and is never looked at."""

    minute: float
    day: float
    at: datetime


def full(limits: Limits, at: datetime) -> Levels:
    """The levels of an account that has not been asked yet."""
    return Levels(_capacity(limits.a_minute, MINUTE), _capacity(limits.a_day, DAY), at)


def refilled(levels: Levels, limits: Limits, at: datetime) -> Levels:
    """The levels at a later moment."""
    passed = max((at - levels.at).total_seconds(), 0.0)
    return Levels(
        _refill(levels.minute, limits.a_minute, MINUTE, passed),
        _refill(levels.day, limits.a_day, DAY, passed),
        max(at, levels.at),
    )


def spent(levels: Levels, limits: Limits, requests: int) -> Levels:
    """The levels after so many requests."""
    return Levels(
        levels.minute - requests if limits.a_minute else levels.minute,
        levels.day - requests if limits.a_day else levels.day,
        levels.at,
    )


def wait(levels: Levels, limits: Limits) -> float:
    """Seconds until one more request may be made; 0 when it may be made now."""
    return max(_wait(levels.minute, limits.a_minute, MINUTE), _wait(levels.day, limits.a_day, DAY))


def _capacity(limit: int | None, period: float) -> float:
    if limit is None:
        return 0.0
    return float(limit) if period == MINUTE else max(limit * BURST, 1.0)


def _refill(level: float, limit: int | None, period: float, passed: float) -> float:
    return level if limit is None else min(level + passed * limit / period, _capacity(limit, period))


def _wait(level: float, limit: int | None, period: float) -> float:
    return 0.0 if limit is None or level >= 1 else (1 - level) * period / limit
