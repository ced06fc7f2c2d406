"""Plain text: labels, times, wrapped turns, and what comes before the first speaker."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support import shared

from assent_qual.domain.turns import Turn, UnreadableTranscript
from assent_qual.formats import text
from assent_qual.formats.reading import read_transcript


def turns(written: str) -> list[tuple[str | None, str]]:
    return [(turn.speaker, turn.text) for turn in text.read(written.encode()).turns]


def test_turns_run_over_lines_and_paragraphs() -> None:
    written = "INTERVIEWER: What\ndo you think?\n\nMUM 2:\nI would not.\n\nNot ever:\nno.\n  DAD : Nor I.\n"
    assert turns(written) == [
        ("INTERVIEWER", "What do you think?"),
        ("MUM 2", "I would not."),
        ("Not ever", "no."),
        ("DAD", "Nor I."),
    ]
    assert turns("A: One\ntwo\n\nthree\nfour") == [("A", "One two\nthree four")]


def test_what_comes_before_the_first_speaker_is_counted_and_left_out() -> None:
    read = text.read(b"Group 4, Leeds\nTranscriber Ann\n\nMUM: Yes.\n")
    assert (read.turns, read.left_out) == ((Turn("MUM", "Yes."),), len("Group 4, Leeds") + len("Transcriber Ann"))


@pytest.mark.parametrize(
    ("line", "turn"),
    [
        ("00:03:40.5Name: text", Turn("Name", "text", 220_500, None)),
        ("[00:04:00] Dr. Smith: text", Turn("Dr. Smith", "text", 240_000, None)),
        ("(1:02) Jo: text", Turn("Jo", "text", 62_000, None)),
        ("Jo: text #00:00:03-5#", Turn("Jo", "text", None, 3_500)),
        ("#00:00:01-0# Jo: text #00:00:03-5#", Turn("Jo", "text", 1_000, 3_500)),
        ("Jo: at 10:30 we left", Turn("Jo", "at 10:30 we left")),
        ("**Jo**: text", Turn("Jo", "text")),
        ("[Jo]: text", Turn("Jo", "text")),
        ("Jo:text", Turn("Jo", "text")),
        ("Jo: see http://x.org/a:b", Turn("Jo", "see http://x.org/a:b")),
    ],
)
def test_times_and_labels(line: str, turn: Turn) -> None:
    assert text.read(line.encode()).turns == (turn,)


def test_a_bare_time_is_speech() -> None:
    assert turns("JO: Well\n10:30 is too early\nhttps://x.org says so") == [("JO", "Well 10:30 is too early https://x.org says so")]


def test_otter_headings() -> None:
    opening = "Group 4.docx\n\nSUMMARY KEYWORDS\nschool, data\n\nSPEAKERS\nJo, Sam\n\n"
    written = opening + "Jo Lee  00:05\nHello.\n\nSam  1:02:03\nYes: indeed.\nJo Lee  1:02:09\nSo."
    read = text.read(written.encode())
    assert [(turn.speaker, turn.from_ms) for turn in read.turns] == [("Jo Lee", 5_000), ("Sam", 3_723_000), ("Jo Lee", 3_729_000)]
    assert [turn.text for turn in read.turns] == ["Hello.", "Yes: indeed.", "So."]


@pytest.mark.parametrize(
    "line", ["And then she told me this: go", "Well, no: never", "12: the number", "Really? Yes: really", "x" * 64 + ": too long"]
)
def test_a_doubtful_prefix_that_comes_once_is_speech(line: str) -> None:
    assert turns(f"JO: Listen.\n{line}") == [("JO", f"Listen. {line}")]


def test_a_doubtful_prefix_that_comes_again_is_a_speaker() -> None:
    assert turns("Mother of two from Leeds: Yes.\n12: No.\nMother of two from Leeds: Oh.\n12: Well.") == [
        ("Mother of two from Leeds", "Yes."),
        ("12", "No."),
        ("Mother of two from Leeds", "Oh."),
        ("12", "Well."),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_encodings(encoding: str) -> None:
    read = text.read("ZOË: She said “no” – naïve.\r\nJO: Yes.\r\n".encode(encoding))
    assert [(turn.speaker, turn.text) for turn in read.turns] == [("ZOË", "She said “no” – naïve."), ("JO", "Yes.")]


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b"just prose without anybody\n", "no_speakers"),
        (b"JO: \n", "no_speakers"),
        (b"\x00\xffJO: x", "damaged"),
    ],
)
def test_what_cannot_be_read(data: bytes, fault: str) -> None:
    with pytest.raises(UnreadableTranscript) as refused:
        text.read(data)
    assert refused.value.fault == fault


@given(st.one_of(st.binary(max_size=200), st.text(max_size=200).map(lambda written: written.encode(errors="replace"))))
def test_whatever_the_bytes_it_is_read_or_refused(data: bytes) -> None:
    try:
        read = text.read(data)
    except UnreadableTranscript:
        return
    assert all(turn.speaker and turn.text for turn in read.turns)


labels = st.sampled_from(["MUM 1", "MUM 2", "Interviewer", "P4"])
talk = st.lists(st.text("abc", min_size=1, max_size=4), min_size=1, max_size=8).map(" ".join)


@given(st.lists(st.tuples(labels, talk), min_size=1, max_size=12))
def test_no_word_is_lost(spoken: list[tuple[str, str]]) -> None:
    read = text.read("\n".join(f"{label}: {said}" for label, said in spoken).encode())
    assert [word for turn in read.turns for word in turn.text.split()] == [word for _, said in spoken for word in said.split()]
    assert [turn.speaker for turn in read.turns if turn.speaker] == [
        label for n, (label, _) in enumerate(spoken) if n == 0 or spoken[n - 1][0] != label
    ]


@pytest.mark.parametrize(
    "line",
    ["a" + " " * 1_000_000 + "b", "#" * 500_000, "00:" * 300_000, "a:" * 300_000, "x\n" * 100_000],
    ids=["blanks", "marks", "times", "colons", "lines"],
)
def test_a_large_hostile_file_is_read_in_its_length(line: str) -> None:
    """A reader that looks back or forward from every character would not come to an end."""
    assert {"JO", "SAM"} <= set(text.read(f"JO: yes\n{line}\nSAM: no".encode()).labels())


def test_real_committee_meetings_are_read_whole() -> None:
    """Eight meetings of a Senedd committee (QMSum, MIT): every speech, in WebVTT and in text, to the right name."""
    files = sorted(shared("transcripts", "qmsum-welsh-education-committee").glob("*.json"))
    assert len(files) == 8
    for path in files:
        speeches = [
            (one["speaker"], " ".join(one["content"].split())) for one in json.loads(path.read_text())["meeting_transcripts"]
        ]
        written = "\n\n".join(f"{speaker}: {said}" for speaker, said in speeches)
        cues = (f"00:00:01.000 --> 00:00:02.000\n<v {speaker}>{said}</v>" for speaker, said in speeches)
        captions = "WEBVTT\n\n" + "\n\n".join(cues)
        for data, file_format in ((written, "text"), (captions, "vtt")):
            found, read = read_transcript(data.encode())
            assert found == file_format
            assert {turn.speaker for turn in read.turns} == {speaker for speaker, _ in speeches}
            assert [word for turn in read.turns for word in turn.text.split()] == [
                word for _, said in speeches for word in said.split()
            ]
