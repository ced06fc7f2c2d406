"""Build the transcripts of the demo study from their plain sources: a developer's tool, not used at run time.

`python -m assent_standalone.demo.make_transcripts` writes captions as Teams and as Zoom export them, a Word transcript and plain
`SPEAKER: text`. The times are made up from the number of words. A source is one `Name: words` a paragraph.
"""

import html
from collections.abc import Callable, Iterator
from itertools import accumulate, pairwise
from pathlib import Path
from typing import NamedTuple
from uuid import NAMESPACE_URL, uuid5

import docx

from assent_standalone.demo import LABEL
from assent_standalone.demo.make_documents import save_word
from assent_standalone.demo.study import TALK_SOURCES, Row, read, talk_file

_SECONDS_A_WORD = 0.38
_PAUSE_SECONDS = 0.7
_WORDS_A_CUE = 18


class Turn(NamedTuple):
    """What one speaker says before another begins."""

    speaker: str
    text: str


class Cue(NamedTuple):
    """A caption: part of a turn, with its times in seconds."""

    turn: Turn
    part: int
    words: str
    start: float
    end: float


def turns_of(source: str) -> list[Turn]:
    """The turns of a source in their order."""
    return [Turn(*paragraph.split(": ", 1)) for paragraph in source.strip().split("\n\n")]


def cues_of(turns: list[Turn]) -> Iterator[Cue]:
    """The turns as captions of at most 18 words, one after another."""
    parts = [(turn, part, words) for turn in turns for part, words in enumerate(_chunks(turn.text.split()))]
    lengths = [_PAUSE_SECONDS + _SECONDS_A_WORD * len(words.split()) for _, _, words in parts]
    times = pairwise(accumulate(lengths, initial=4.0))
    for (turn, part, words), (start, end) in zip(parts, times, strict=True):
        yield Cue(turn, part, words, start, end - _PAUSE_SECONDS / 2)


def _chunks(words: list[str]) -> list[str]:
    return [" ".join(words[at : at + _WORDS_A_CUE]) for at in range(0, len(words), _WORDS_A_CUE)]


def write_teams(path: Path, title: str, turns: list[Turn]) -> None:
    """Teams: a cue id of a GUID and numbers, the speaker in a voice tag, entities for what HTML reserves."""
    guid = uuid5(NAMESPACE_URL, title)
    lines = ["WEBVTT", ""]
    for number, cue in enumerate(cues_of(turns)):
        lines += [f"{guid}/{number}-{cue.part}", _span(cue), f"<v {cue.turn.speaker}>{html.escape(cue.words, quote=False)}</v>", ""]
    path.write_text("\n".join(lines), encoding="utf-8")


def write_zoom(path: Path, title: str, turns: list[Turn]) -> None:  # noqa: ARG001 - Zoom writes no title
    """Zoom: cues numbered from 1, the display name before the words, no markup."""
    lines = ["WEBVTT", ""]
    for number, cue in enumerate(cues_of(turns), start=1):
        lines += [str(number), _span(cue), f"{cue.turn.speaker}: {cue.words}", ""]
    path.write_text("\n".join(lines), encoding="utf-8")


def write_word(path: Path, title: str, turns: list[Turn]) -> None:
    """A transcriber's document: a cover line, then one paragraph a turn, the speaker before a colon."""
    document = docx.Document()
    document.add_heading(title, level=1)
    for turn in turns:
        paragraph = document.add_paragraph()
        paragraph.add_run(f"{turn.speaker}: ").bold = True
        paragraph.add_run(turn.text)
    save_word(document, path, title)


def write_plain(path: Path, title: str, turns: list[Turn]) -> None:  # noqa: ARG001 - turns only
    """`SPEAKER: text`, one paragraph a turn."""
    path.write_text("\n\n".join(f"{turn.speaker}: {turn.text}" for turn in turns) + "\n", encoding="utf-8")


def _span(cue: Cue) -> str:
    return f"{_clock(cue.start)} --> {_clock(cue.end)}"


def _clock(seconds: float) -> str:
    whole = int(seconds)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}.{int(seconds * 1000) % 1000:03}"


WRITERS: dict[str, Callable[[Path, str, list[Turn]], None]] = {
    "vtt_teams": write_teams,
    "vtt_zoom": write_zoom,
    "docx": write_word,
    "txt": write_plain,
}


def make(session: Row) -> Path:
    """Write one transcript from its source; the path it was written to."""
    source = (TALK_SOURCES / f"{session['file']}.txt").read_text(encoding="utf-8")
    path = talk_file(session)
    path.parent.mkdir(exist_ok=True)
    assert LABEL in source, path
    WRITERS[session["format"]](path, session["title"], turns_of(source))
    return path


if __name__ == "__main__":
    for each in read("sessions"):
        print(make(each).name)
