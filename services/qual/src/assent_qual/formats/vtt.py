"""WebVTT, as Teams, Zoom and caption editors write it.

Read by the W3C's rules for voices and escapes, and more kindly than they ask where files in the wild break them: a missing signature,
a blank line between a timing and its words or inside a cue, a bare `&`. Names come from `<v Name>` or, where the file has no voice at
all, from `Name: words`. Styling is dropped; a tag that WebVTT does not know is taken for speech.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from assent_qual.domain.labels import milliseconds, read_lines
from assent_qual.domain.turns import Transcript, Turn, UnreadableTranscript, join_turns, whole
from assent_qual.formats.encoding import decode

_TIME = r"(?:(?P<hours>\d{2,4}):)?(?P<minutes>\d{2}):(?P<seconds>\d{2})[.,](?P<fraction>\d{3})"
_CLOCK = re.compile(_TIME)
_TIMING = re.compile(r"[ \t]*([\d:.,]+)[ \t]*-->[ \t]*([\d:.,]+)(?:[ \t].*)?")
_NOT_A_CUE = re.compile(r"(?:NOTE|STYLE|REGION)(?:[ \t].*)?")
_TAG = re.compile(r"<(?:(?P<close>/)?(?P<name>v|c|b|i|u|ruby|rt|lang)(?:\.[^\s<>]*)?(?:\s(?P<annotation>[^<>]*))?|[\d:.]+)>")
_ESCAPE = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")


@dataclass(frozen=True, slots=True)
class _Cue:
    from_ms: int
    to_ms: int
    payload: str


def read(data: bytes) -> Transcript:
    """The turns of a WebVTT file. Raises UnreadableTranscript."""
    cues = list(_cues(decode(data).split("\n")))
    if not any(cue.payload for cue in cues):
        raise UnreadableTranscript("no_cues", "the file holds no timed words")
    named_by_tags = any(tag["name"] == "v" and not tag["close"] for cue in cues for tag in _TAG.finditer(cue.payload))
    pieces = _by_tags(cues) if named_by_tags else _by_prefixes(cues)
    return whole(join_turns(pieces))


def _cues(lines: list[str]) -> Iterator[_Cue]:
    """The cues in their order. What stands between two timings is the first one's words, less the second one's identifier."""
    timings = [(number, times) for number, line in enumerate(lines) if (times := _times(line)) is not None]
    ends = [*(number for number, _ in timings), len(lines)][1:]
    for (number, (from_ms, to_ms)), end in zip(timings, ends, strict=True):
        payload = lines[number + 1 : end]
        if end < len(lines) and len(payload) > 1 and payload[-1].strip() and not payload[-2].strip():
            payload.pop()
        yield _Cue(from_ms=from_ms, to_ms=to_ms, payload="\n".join(_without_blocks(payload)).strip())


def _times(line: str) -> tuple[int, int] | None:
    """Both times of a timing line in milliseconds; None for any other line."""
    timing = _TIMING.fullmatch(line)
    if timing is None:
        return None
    start, end = _CLOCK.fullmatch(timing[1]), _CLOCK.fullmatch(timing[2])
    return (milliseconds(start), milliseconds(end)) if start and end else None


def _without_blocks(lines: list[str]) -> Iterator[str]:
    """The lines less comments and style or region blocks, each of which opens after a blank line and runs to the next one."""
    after_blank = skipping = False
    for line in lines:
        if not line.strip():
            after_blank, skipping = True, False
            continue
        skipping = skipping or (after_blank and _NOT_A_CUE.fullmatch(line) is not None)
        after_blank = False
        if not skipping:
            yield line


def _by_tags(cues: list[_Cue]) -> Iterator[Turn]:
    """Pieces of talk by their voice tags. A voice ends at its end tag, at the next voice, or with its cue."""
    for cue in cues:
        speaker: str | None = None
        words: list[str] = []
        position = 0
        for tag in _TAG.finditer(cue.payload):
            words.append(cue.payload[position : tag.start()])
            position = tag.end()
            if tag["name"] == "v":
                yield Turn(speaker=speaker, text=_plain("".join(words)), from_ms=cue.from_ms, to_ms=cue.to_ms)
                words = []
                speaker = None if tag["close"] else _plain(tag["annotation"] or "") or None
        words.append(cue.payload[position:])
        yield Turn(speaker=speaker, text=_plain("".join(words)), from_ms=cue.from_ms, to_ms=cue.to_ms)


def _by_prefixes(cues: list[_Cue]) -> Iterator[Turn]:
    """Pieces of talk by the `Name:` before them. A line without one goes on where the line above it in the same cue left off."""
    written = [[_plain(line) for line in _TAG.sub("", cue.payload).split("\n")] for cue in cues]
    lines = iter(read_lines([line for payload in written for line in payload]))
    for cue, payload in zip(cues, written, strict=True):
        speaker: str | None = None
        words: list[str] = []
        for line in islice(lines, len(payload)):
            if line.label is not None:
                yield Turn(speaker=speaker, text=" ".join(words), from_ms=cue.from_ms, to_ms=cue.to_ms)
                speaker, words = line.label, []
            words += [line.words] if line.words else []
        yield Turn(speaker=speaker, text=" ".join(words), from_ms=cue.from_ms, to_ms=cue.to_ms)


def _plain(marked: str) -> str:
    """Words with escapes resolved and single spaces. Only escapes that end in a semicolon are ones: `R&D` and `&not` are speech."""
    return " ".join(_ESCAPE.sub(lambda escape: html.unescape(escape[0]), marked).split())
