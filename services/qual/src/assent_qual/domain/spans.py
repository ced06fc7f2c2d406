"""Spans of talk: from a character of one turn to a character of the same or a later turn.

Offsets count Unicode code points of a turn's text; the end is exclusive, so that `end - start` is the length within one turn.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

Voice = Literal["unknown", "labelled", "participant", "researcher", "withdrawn"]
"""Whose a turn is: nobody is named; a label that is not bound yet; a participant; one of the team; a participant who withdrew."""


class OutsideTranscript(Exception):
    """A span that does not begin and end on a character of the transcript. `end` names the culprit: start or end."""

    def __init__(self, end: Literal["start", "end"], message: str) -> None:
        super().__init__(message)
        self.end = end


class HoldsWithdrawnTalk(Exception):
    """A span that holds a turn whose words were erased."""


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in a transcript; turns are counted from 1, offsets from 0."""

    turn: int
    offset: int


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of talk."""

    start: Position
    end: Position


@dataclass(frozen=True, slots=True)
class SpokenTurn:
    """A turn as it is kept: its number, whose it is, and its words."""

    n: int
    voice: Voice
    participant: str | None
    text: str


def check(span: Span, turns: Sequence[SpokenTurn]) -> None:
    """Make sure that the span covers talk. `turns` are those from the span's first to its last, in order, as far as they exist.

    Raises OutsideTranscript and HoldsWithdrawnTalk.
    """
    if span.end <= span.start:
        raise OutsideTranscript("end", "the end is not after the start")
    by_number = {turn.n: turn for turn in turns}
    first, last = by_number.get(span.start.turn), by_number.get(span.end.turn)
    if any(turn.voice == "withdrawn" for turn in turns):
        raise HoldsWithdrawnTalk
    if first is None or not 0 <= span.start.offset < len(first.text):
        raise OutsideTranscript("start", "the span must start on a character of a turn")
    if last is None or not 1 <= span.end.offset <= len(last.text):
        raise OutsideTranscript("end", "the span must end after a character of a turn")


def words(span: Span, turns: Sequence[SpokenTurn]) -> str:
    """The words of the span, one line for each turn. No speaker is named: a pseudonym would join quotations to each other."""
    return "\n".join(_pieces(span, turns))


def _pieces(span: Span, turns: Sequence[SpokenTurn]) -> Iterator[str]:
    for turn in turns:
        start = span.start.offset if turn.n == span.start.turn else 0
        end = span.end.offset if turn.n == span.end.turn else len(turn.text)
        yield turn.text[start:end]


def speakers(turns: Sequence[SpokenTurn]) -> tuple[str, ...]:
    """The participants who speak, in the order in which they first do."""
    return tuple(dict.fromkeys(turn.participant for turn in turns if turn.participant is not None))
