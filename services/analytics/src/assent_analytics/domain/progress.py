"""How far long work is: its loops say each of their steps, and whoever watches hears which part of the whole is done.

Loops lie within the steps of other loops (replicates within a group, groups within an item). Nobody knows how many loops a step will
hold, so one takes half of what is left of it unless it says that it is the rest: the part that is done only ever grows. Where nobody
watches, nothing happens.

Whoever watches may raise an exception to break the work off; it passes through all loops.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")
Tell = Callable[[float, str], None]
"""Hears the part that is done, from 0 to 1, and at which step of which loops the work is, in words."""


@dataclass(slots=True)
class _Watch:
    tell: Tell
    begin: float = 0.0
    end: float = 1.0
    loops: tuple[str, ...] = ()


_WATCH: ContextVar[_Watch | None] = ContextVar("watch", default=None)


@contextmanager
def watched(tell: Tell) -> Iterator[None]:
    """Tell of all steps of the block."""
    token = _WATCH.set(_Watch(tell))
    try:
        yield
    finally:
        _WATCH.reset(token)


def step_by_step(steps: Sequence[T], name: str, *, rest: bool = False) -> Iterator[T]:
    """These steps one after the other, each told of as it begins. `rest`: nothing long comes after them."""
    watch = _WATCH.get()
    if watch is None:
        yield from steps
        return
    begin, end, loops = watch.begin, watch.end, watch.loops
    until = end if rest else (begin + end) / 2
    try:
        for number, step in enumerate(steps):
            watch.begin = begin + (until - begin) * number / len(steps)
            watch.end = begin + (until - begin) * (number + 1) / len(steps)
            watch.loops = (*loops, f"{name} {number + 1:,} of {len(steps):,}")
            watch.tell(watch.begin, ", ".join(watch.loops))
            yield step
    finally:
        watch.begin, watch.end, watch.loops = until, end, loops
