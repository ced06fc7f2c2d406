"""PDF: pages, paragraphs, hyphens, and what makes a page or a file unread."""

import pytest
from tests.ingest.makers import drawn_on, pdf

from assent_ingest.domain.reading import Unreadable, is_garbled
from assent_ingest.formats.pdf import paragraphs, read

LONG = "This line goes on until it reaches the right margin of the page\n"


def test_lines_are_joined_into_paragraphs() -> None:
    page = f"A heading\n{LONG}{LONG}and ends here.\n{LONG}{LONG}1. an item of a list that is not so short\n2. another item"
    line = LONG.strip()
    assert list(paragraphs(page)) == [
        "A heading",
        f"{line} {line} and ends here.",
        f"{line} {line}",
        "1. an item of a list that is not so short",
        "2. another item",
    ]


def test_pages_and_places() -> None:
    reading = read(pdf("First page.", "Second page.", compress=True))
    assert [(block.page, block.paragraph, block.text) for block in reading.blocks] == [
        (1, 1, "First page."),
        (2, 1, "Second page."),
    ]
    assert (reading.status, reading.pages, reading.unread_pages) == ("ready", 2, ())


def test_a_blank_page_is_not_an_unread_one() -> None:
    assert read(pdf("First page.", "", "Third page.")).status == "ready"


def test_a_page_with_drawings_and_no_words_is_unread() -> None:
    reading = read(drawn_on(pdf("First page of words.", "More words here.", "")))
    assert (reading.status, reading.unread_pages) == ("partial", (3,))


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (pdf("Words.")[:-10], "damaged"),
        (b"%PDF-1.7\n%%EOF", "damaged"),
        (b"%PDF-1.7\n" + b"garbage " * 50 + b"%%EOF", "damaged"),
        (pdf(""), "empty"),
        (pdf(), "damaged"),
    ],
)
def test_bad_files_are_refused(content: bytes, refusal: str) -> None:
    with pytest.raises(Unreadable) as refused:
        read(content)
    assert refused.value.refusal == refusal


def test_text_without_a_language_is_garbled() -> None:
    assert is_garbled("\x01\x02abc\ue000" * 5)
    assert not is_garbled("Ordinary text with one odd \ue000 sign in it, which fonts of symbols leave behind.")
    assert not is_garbled("")
