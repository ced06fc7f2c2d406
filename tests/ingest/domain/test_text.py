"""The canonical text: whatever goes in, offsets are code points of what comes out."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from assent_ingest.domain.text import LONGEST_BLOCK, Block, Piece, clean, compose, join

ANYTHING = st.text(st.characters(codec=None), max_size=200)
PIECES = st.lists(st.builds(Piece, text=ANYTHING, page=st.integers(1, 3)), max_size=8)


def assert_consistent(blocks: tuple[Block, ...]) -> None:
    """Blocks are spans of the joined text, parted by one newline each, and the text is normalised."""
    text = join(block.text for block in blocks)
    assert [text[block.start : block.end] for block in blocks] == [block.text for block in blocks]
    assert all(text[block.end] == "\n" for block in blocks[:-1])
    assert len(text) == (blocks[-1].end if blocks else 0)
    assert unicodedata.is_normalized("NFC", text)
    text.encode("utf-8")
    assert "\0" not in text
    assert all(block.text.strip() and "\n" not in block.text and len(block.text) <= LONGEST_BLOCK for block in blocks)


@given(PIECES)
def test_blocks_are_spans_of_the_text(pieces: list[Piece]) -> None:
    assert_consistent(compose(pieces))


@given(ANYTHING)
def test_cleaning_twice_changes_nothing(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@given(st.integers(1, 3 * LONGEST_BLOCK), st.integers(1, 40))
def test_a_long_stretch_is_cut_between_words(length: int, word: int) -> None:
    text = " ".join(["x" * word] * (length // word + 1))
    blocks = compose([Piece(text)])
    assert_consistent(blocks)
    assert " ".join(block.text for block in blocks) == text


def test_a_word_without_end_is_cut_where_it_must_be() -> None:
    assert [len(block.text) for block in compose([Piece("x" * (LONGEST_BLOCK + 5))])] == [LONGEST_BLOCK, 5]


def test_paragraphs_count_within_the_page() -> None:
    blocks = compose([Piece("a", page=1), Piece(" \n", page=1), Piece("b", page=1), Piece("c", page=2)])
    assert [(block.page, block.paragraph) for block in blocks] == [(1, 1), (1, 2), (2, 1)]
    assert [block.paragraph for block in compose([Piece("a"), Piece("b")])] == [1, 2]


def test_what_nobody_sees_is_left_out_and_accents_are_composed() -> None:
    assert clean("soft\u00adhyphen\u200b  cafe\u0301\ttab\x00") == "softhyphen café tab"
    assert clean("\ud800") == "\ufffd"
