"""Speakers' labels and times in running text: `Mum 2: I would not`, `Jo Lee  12:04`, `#00:03:40-5#`.

The rules are those of MAXQDA's import of focus groups: a label opens a paragraph, is at most 63 characters long and ends in a colon;
letter case matters, stray spaces do not. Two guards are ours, because prose has colons too: an address (`https:`) is no label, and a
doubtful prefix (four words or more, a comma, no letter) counts only where it comes again.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

LONGEST_WRITTEN_LABEL = 63

_TIME = r"(?:(?P<hours>\d{1,3}):)?(?P<minutes>\d{1,2}):(?P<seconds>\d{2})(?:[.,-](?P<fraction>\d{1,3}))?"
_LEADING_TIME = re.compile(r"[#\[(]?" + _TIME + r"[#\])]?[ \t]*(?![\d:])")
_TRAILING_TIME = re.compile(r"[#\[(]" + _TIME + r"[#\])]$")
_HEADING = re.compile(r"(?P<label>\S(?:.{0,61}?\S)?)(?:[ \u00a0]{2,}|[ \u00a0]*\t[ \t\u00a0]*)" + _TIME + r"$")
_LABELLED = re.compile(r"[ \t]*(?P<label>[^:\n]{1,80}?)[ \t]*:(?!//)[ \t]*")
_SENTENCE = re.compile(r'[?!;"“”…<>]|\.\s+[a-z]')
_DECORATION = "*#@[]{} \t\u00a0"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a written transcript. A line with a `label` opens a turn; `heading` tells `Name  MM:SS` from `Name: words`."""

    label: str | None
    words: str
    from_ms: int | None = None
    to_ms: int | None = None
    heading: bool = False


def read_lines(written: Sequence[str]) -> list[Line]:
    """The lines of a transcript, taken apart, with labels only where they stand for a speaker.

    A file names its speakers in one way: where headings are the more frequent one, a colon is part of the words.
    """
    lines = [take_apart(line) for line in written]
    labelled = [line for line in lines if line.label is not None]
    by_headings = 2 * sum(line.heading for line in labelled) >= len(labelled)
    times = Counter(line.label for line in labelled if line.heading == by_headings)
    speakers = {label for label, count in times.items() if label and (count > 1 or not doubtful(label))}
    return [
        Line(label=None, words=text.strip())
        if line.label is not None and (line.label not in speakers or line.heading != by_headings)
        else line
        for line, text in zip(lines, written, strict=True)
    ]


def take_apart(line: str) -> Line:
    """A line's label, words and times, as far as its form alone can say."""
    line = line.strip()
    if ":" not in line:  # there is none in most lines, and one in every label and time
        return Line(label=None, words=line)
    heading = _HEADING.fullmatch(line)
    if heading and (label := clean_label(heading["label"])):
        return Line(label=label, words="", from_ms=milliseconds(heading), heading=True)
    trailing = _TRAILING_TIME.search(line)
    rest = line[: trailing.start()].rstrip() if trailing else line
    to_ms = milliseconds(trailing) if trailing else None
    leading = _LEADING_TIME.match(rest)
    timed = rest[leading.end() :] if leading else rest
    from_ms = milliseconds(leading) if leading else None
    labelled = _LABELLED.match(timed)
    label = clean_label(labelled["label"]) if labelled else None
    if labelled and label and not _SENTENCE.search(label):
        return Line(label=label, words=timed[labelled.end() :].strip(), from_ms=from_ms, to_ms=to_ms)
    if leading and rest[0] not in "#[(":  # a bare time without a label is speech: "10:30 is too early"
        return Line(label=None, words=rest.strip(), to_ms=to_ms)
    return Line(label=None, words=timed.strip(), from_ms=from_ms, to_ms=to_ms)


def doubtful(label: str) -> bool:
    """Whether a prefix may as well be the beginning of a sentence or a time of day."""
    return len(label.split()) > 3 or "," in label or not any(character.isalpha() for character in label)


def clean_label(written: str) -> str | None:
    """A label without decoration and with single spaces; None when nothing is left or it is longer than 63 characters."""
    label = " ".join(written.strip(_DECORATION).split())
    return label if 0 < len(label) <= LONGEST_WRITTEN_LABEL else None


def milliseconds(time: re.Match[str]) -> int:
    """A matched time as milliseconds; the fraction is read as a decimal one, so `-5` is half a second."""
    whole = int(time["hours"] or 0) * 3600 + int(time["minutes"]) * 60 + int(time["seconds"])
    return whole * 1000 + int((time["fraction"] or "").ljust(3, "0"))
