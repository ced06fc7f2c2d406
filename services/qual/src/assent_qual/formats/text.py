"""Plain text: `SPEAKER: words`, and the heading lines `Name  MM:SS` of Otter.

A turn may run over several lines: lines are joined by a space, paragraphs by a line feed. Text before the first speaker (a cover page,
a list of key words) belongs to no turn. Times stand before the label or at the end of a turn, as f4 and MAXQDA write them.
"""

from dataclasses import dataclass, field

from assent_qual.domain.labels import Line, accepted_labels, take_apart
from assent_qual.domain.turns import Transcript, Turn, UnreadableTranscript, join_turns, whole
from assent_qual.formats.encoding import decode


def read(data: bytes) -> Transcript:
    """The turns of a plain text file. Raises UnreadableTranscript."""
    return read_paragraphs(decode(data))


def read_paragraphs(text: str) -> Transcript:
    """The turns of a text whose paragraphs are parted by blank lines. Raises UnreadableTranscript."""
    lines = [take_apart(line) for line in text.split("\n")]
    if not any(line.words or line.label for line in lines):
        raise UnreadableTranscript("empty", "the file holds no words")
    speakers = accepted_labels(lines)
    turns: list[_OpenTurn] = []
    left_out = 0
    for line, written in zip(lines, text.split("\n"), strict=True):
        if line.label in speakers:
            turns.append(_OpenTurn.opened_by(line))
        elif turns:
            turns[-1].go_on(line, written)
        else:
            left_out += len(written.strip())
    return whole(join_turns(turn.close() for turn in turns), left_out=left_out)


@dataclass(slots=True)
class _OpenTurn:
    """A turn that is still being read."""

    label: str | None
    from_ms: int | None
    to_ms: int | None
    paragraphs: list[str] = field(default_factory=list)
    paragraph_is_open: bool = True

    @classmethod
    def opened_by(cls, line: Line) -> "_OpenTurn":
        return cls(label=line.label, from_ms=line.from_ms, to_ms=line.to_ms, paragraphs=[line.words])

    def go_on(self, line: Line, written: str) -> None:
        """Take one more line; a prefix that turned out to be no label is part of the words."""
        words = line.words if line.label is None else written.strip()
        if self.from_ms is None and not any(self.paragraphs):
            self.from_ms = line.from_ms
        self.to_ms = line.to_ms if line.to_ms is not None else self.to_ms
        if not words:
            self.paragraph_is_open = not any(self.paragraphs)
        elif self.paragraph_is_open:
            self.paragraphs[-1] = f"{self.paragraphs[-1]} {words}".strip()
        else:
            self.paragraphs.append(words)
            self.paragraph_is_open = True

    def close(self) -> Turn:
        return Turn(speaker=self.label, text="\n".join(self.paragraphs).strip(), from_ms=self.from_ms, to_ms=self.to_ms)
