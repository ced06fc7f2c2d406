"""WebVTT as Teams, Zoom and people make it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent_qual.domain.turns import Turn, UnreadableTranscript
from assent_qual.formats import vtt
from assent_qual.formats.reading import guess


def turns(text: str) -> list[tuple[str | None, str]]:
    return [(turn.speaker, turn.text) for turn in vtt.read(text.encode()).turns]


def cue(payload: str, start: str = "00:00:01.000", end: str = "00:00:02.000") -> str:
    return f"{start} --> {end}\n{payload}\n\n"


def test_two_voices_in_one_cue_stay_two() -> None:
    text = "WEBVTT\n\n" + cue("<v Jo Lee>Is it fair?</v>\n<v Sam>No.</v>")
    assert turns(text) == [("Jo Lee", "Is it fair?"), ("Sam", "No.")]


def test_teams_cues_of_one_voice_are_one_turn_with_its_whole_time() -> None:
    text = (
        "WEBVTT\n\n6b0f/12-0\n"
        + cue("<v Jo>One and\ntwo</v>")
        + "6b0f/12-1\n"
        + cue("<v Jo>and three.</v>", "01:00:02.500", "01:00:04.000")
    )
    assert vtt.read(text.encode()).turns == (Turn("Jo", "One and two and three.", 1000, 3_604_000),)


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ("<v.first.loud Jo Lee>Yes", [("Jo Lee", "Yes")]),
        ("<v Jo>\nalone on its line", [("Jo", "alone on its line")]),
        ("<v Jo\nLee>wrapped name", [("Jo Lee", "wrapped name")]),
        ("<v Jo O&#39;Dell &amp; Co>Yes", [("Jo O'Dell & Co", "Yes")]),
        ("<v Jo>Marks & Spencer, R&D, &not, &copy;", [("Jo", "Marks & Spencer, R&D, &not, ©")]),
        ("<v Jo>She wrote &lt;v Sam&gt; there", [("Jo", "She wrote <v Sam> there")]),
        ("<v Jo>a < b and <strong>c</strong>", [("Jo", "a < b and <strong>c</strong>")]),
        ("<v Jo><i>Really</i> <c.red>so</c> <00:00:01.500>then", [("Jo", "Really so then")]),
        ("<v Jo>Yes.</v> (laughter)", [("Jo", "Yes."), (None, "(laughter)")]),
        ("before <v Jo>Yes", [(None, "before"), ("Jo", "Yes")]),
        ("<v Jo>x</v><v>nobody</v>", [("Jo", "x"), (None, "nobody")]),
    ],
)
def test_voice_tags(payload: str, expected: list[tuple[str | None, str]]) -> None:
    assert turns("WEBVTT\n\n" + cue(payload)) == expected


def test_zoom_names_stand_before_the_words() -> None:
    text = "WEBVTT\n\n1\n" + cue("Jo Lee: At https://x.org: yes") + "2\n" + cue("Sam: No: never\ngoing on") + "3\n" + cue("unnamed")
    assert turns(text) == [("Jo Lee", "At https://x.org: yes"), ("Sam", "No: never going on"), (None, "unnamed")]


def test_a_colon_in_speech_names_nobody_where_there_are_voices() -> None:
    assert turns("WEBVTT\n\n" + cue("<v Jo>She said: no</v>")) == [("Jo", "She said: no")]


def test_blocks_that_are_no_cues_are_left_out() -> None:
    text = (
        "WEBVTT - meeting of Tuesday\nKind: captions\n\nNOTE by Ann\nwho wrote two lines\n\nSTYLE\n::cue { color: red }\n\n"
        "REGION\nid:fred\n\n" + cue("<v Jo>Yes") + "NOTE in between\n\nintro\n" + cue("<v Sam>No")
    )
    assert turns(text) == [("Jo", "Yes"), ("Sam", "No")]


def test_words_after_a_blank_line_belong_to_their_cue() -> None:
    text = "WEBVTT\n\n1\n00:01.000 --> 00:02.000\n\n<v Jo>First\n\nand after a gap\n\n2\n" + cue("<v Sam>Second")
    assert turns(text) == [("Jo", "First and after a gap"), ("Sam", "Second")]


@pytest.mark.parametrize("ending", ["\r\n", "\r", "\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_line_endings_and_marks(ending: str, mark: bytes) -> None:
    text = ("WEBVTT\n\n" + cue("<v Jo>Yes\nand no") + cue("<v Sam>Two")).replace("\n", ending)
    data = mark + text.encode()
    assert guess(data) == "vtt"
    assert [(turn.speaker, turn.text) for turn in vtt.read(data).turns] == [("Jo", "Yes and no"), ("Sam", "Two")]


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"", "empty"),
        (b"\n \n", "empty"),
        (b"WEBVTT\n", "no_cues"),
        (b"WEBVTT\n\n00:00:01.000 --> 00:00:02.000\n\n", "no_cues"),
        (b"WEBVTT\n\nNOTE only a note\n", "no_cues"),
        (b"WEBVTT\n\n00:00:01.000 --> 00:00:02.000\nnobody says this\n", "no_speakers"),
        (b"WEBVTT\n\n00:00:01.000 --> 00:00:02.000\n<v Jo></v>\n", "no_speakers"),
        (b"WEBVTT\n\n00:00:01.000 --> 00:00:02.000\n<v " + b"J" * 300 + b">Yes\n", "damaged"),
        (b"WEBVTT\n\n\x00\x01\x02", "damaged"),
    ],
)
def test_what_cannot_be_read(data: bytes, fault: str) -> None:
    with pytest.raises(UnreadableTranscript) as refused:
        vtt.read(data)
    assert refused.value.fault == fault


words = st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\x00\r", exclude_categories=["Cs"]), max_size=60)
names = st.sampled_from(["Jo", "Jo Lee", "Sam O'Dell", "Ásta Þórsdóttir", "Dr. Smith-Jones", "P4"])


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


@given(st.lists(st.tuples(names, words.map(lambda text: " ".join(text.split())).filter(bool)), min_size=1, max_size=12))
def test_what_is_written_by_the_rules_is_read_back(spoken: list[tuple[str, str]]) -> None:
    text = "WEBVTT\n\n" + "".join(cue(f"<v {name}>{escaped(said)}</v>") for name, said in spoken)
    joined: list[list[Any]] = []
    for name, said in spoken:
        if joined and joined[-1][0] == name:
            joined[-1][1] += f" {said}"
        else:
            joined.append([name, said])
    assert turns(text) == [tuple(turn) for turn in joined]


fragments = st.sampled_from(
    ["WEBVTT", "\n", "\n\n", "00:00:01.000 --> 00:00:02.000", "00:01.000 --> x", "<v Jo>", "</v>", "<v", "<", ">", "&", "&#0;", "&#xD800;",
     "NOTE", "STYLE", "Sam: ", "yes", "\t", "-->", "\x85", "\u2028", "1"]
)  # fmt: skip


@given(st.one_of(st.binary(max_size=200), st.lists(fragments, max_size=40).map(lambda parts: "".join(parts).encode())))
def test_whatever_the_bytes_it_is_read_or_refused(data: bytes) -> None:
    try:
        found = vtt.read(data).turns
    except UnreadableTranscript:
        return
    assert all(turn.text == turn.text.strip() != "" for turn in found)
    assert any(turn.speaker for turn in found)
    assert all(turn.from_ms is not None and turn.from_ms >= 0 for turn in found)


@pytest.mark.parametrize(
    "payload",
    [
        "<v Jo>" + "<v " * 200_000 + "&#" * 200_000,
        "<v Jo>x <v" + " " * 1_000_000,
        "<v Jo>a" + " " * 1_000_000 + "b",
        "<" * 500_000 + "<v Jo>x",
    ],
    ids=["tags", "open tag", "blanks", "openings"],
)
def test_a_large_hostile_file_is_read_in_its_length(payload: str) -> None:
    """A reader that looks back from every character, or forward to the end from every opening, would not come to an end."""
    assert "Jo" in vtt.read(("WEBVTT\n\n" + cue(payload)).encode()).labels()


def test_very_many_cues_of_one_voice_are_joined_once() -> None:
    text = "WEBVTT\n\n" + "".join(cue(f"<v Jo>{'word ' * 8}</v>") for _ in range(20_000))
    assert len(vtt.read(text.encode()).turns) == 1
