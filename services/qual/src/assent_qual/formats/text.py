"""Plain text: `SPEAKER: words`, and the heading lines `Name  MM:SS` of Otter.

A turn may run over several lines: lines are joined by a space, paragraphs by a line feed. Text before the first speaker (a cover page,
a list of key words) belongs to no turn. Times stand before the label or at the end of a turn, as f4 and MAXQDA write them.
"""

from dataclasses import dataclass, field

from assent_qual.domain.labels import Line, read_lines
from assent_qual.domain.turns import Transcript, Turn, UnreadableTranscript, join_turns, whole
from assent_qual.formats.encoding import decode


def read(data: bytes) -> Transcript:
    """The turns of a plain text file. Raises UnreadableTranscript."""
    return read_paragraphs(decode(data))


def read_paragraphs(text: str) -> Transcript:
    """The turns of a text whose paragraphs are parted by blank lines. Raises UnreadableTranscript."""
    lines = read_lines(text.split("\n"))
    if not any(line.words or line.label for line in lines):
        raise UnreadableTranscript("empty", "the file holds no words")
    turns: list[_OpenTurn] = []
    left_out = 0
    for line in lines:
        if line.label is not None:
            turns.append(_OpenTurn(line.label, line.from_ms, line.to_ms, [[line.words] if line.words else []]))
        elif turns:
            turns[-1].go_on(line)
        else:
            left_out += len(line.words)
    return whole(join_turns(turn.close() for turn in turns), left_out=left_out)


@dataclass(slots=True)
class _OpenTurn:
    """A turn that is still being read: its paragraphs so far, each with its lines."""

    label: str
    from_ms: int | None
    to_ms: int | None
    paragraphs: list[list[str]] = field(default_factory=list)

    def go_on(self, line: Line) -> None:
        """Take one more line; a line without words ends the paragraph."""
        if self.from_ms is None and not self.paragraphs[0]:
            self.from_ms = line.from_ms
        self.to_ms = line.to_ms if line.to_ms is not None else self.to_ms
        if line.words:
            self.paragraphs[-1].append(line.words)
        elif self.paragraphs[-1]:
            self.paragraphs.append([])

    def close(self) -> Turn:
        """The turn as it was read."""
        text = "\n".join(" ".join(lines) for lines in self.paragraphs if lines)
        return Turn(speaker=self.label, text=text, from_ms=self.from_ms, to_ms=self.to_ms)
