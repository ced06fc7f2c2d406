"""A transcript as a list of turns: who spoke, what was said, and when.

A *turn* is what one voice says before another voice takes over. Not here: how a file writes it down (the `formats` room) and who
the voices are (binding labels to participants).
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

LONGEST_LABEL = 200

Fault = Literal["empty", "no_cues", "no_speakers", "damaged", "encrypted", "too_large", "unsupported"]


class UnreadableTranscript(Exception):
    """A file that no turns can be read from. `fault` says why in one word; the message says it to a person, without quoting talk."""

    def __init__(self, fault: Fault, message: str) -> None:
        super().__init__(message)
        self.fault: Fault = fault


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn. `speaker` is the label in the file, None where it names nobody; times are milliseconds from the recording's start."""

    speaker: str | None
    text: str
    from_ms: int | None = None
    to_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Transcript:
    """The turns of one file in their order; `left_out` counts the characters before the first speaker, which belong to no turn."""

    turns: tuple[Turn, ...]
    left_out: int = 0

    def labels(self) -> tuple[str, ...]:
        """The speakers' labels in the order in which they first speak."""
        return tuple(dict.fromkeys(turn.speaker for turn in self.turns if turn.speaker is not None))


def join_turns(pieces: Iterable[Turn]) -> tuple[Turn, ...]:
    """Pieces of talk as turns: neighbouring pieces of one named voice become one turn, joined by a space.

    Captions cut a turn every few seconds; a coder works on the whole of it. Pieces that name nobody stay apart, because nothing says
    that they come from one mouth. Pieces without words vanish.
    """
    runs: list[list[Turn]] = []
    for piece in pieces:
        if runs and piece.speaker is not None and runs[-1][0].speaker == piece.speaker:
            runs[-1].append(piece)
        elif piece.text:
            runs.append([piece])
    return tuple(_joined([piece for piece in run if piece.text]) for run in runs)


def _joined(run: list[Turn]) -> Turn:
    ends = [piece.to_ms for piece in run if piece.to_ms is not None]
    return replace(run[0], text=" ".join(piece.text for piece in run), to_ms=ends[-1] if ends else None)


def whole(turns: tuple[Turn, ...], *, left_out: int = 0) -> Transcript:
    """A transcript of these turns. Raises UnreadableTranscript when nobody is named, or a label is no label."""
    if not any(turn.speaker is not None for turn in turns):
        raise UnreadableTranscript("no_speakers", "no line of the file says who speaks")
    if any(turn.speaker is not None and len(turn.speaker) > LONGEST_LABEL for turn in turns):
        raise UnreadableTranscript("damaged", f"a speaker's label is longer than {LONGEST_LABEL} characters")
    return Transcript(turns=turns, left_out=left_out)
