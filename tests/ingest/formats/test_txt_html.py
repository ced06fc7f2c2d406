"""Plain text and web pages: encodings, paragraphs, and any bytes at all."""

from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.ingest.domain.test_text import assert_consistent

from assent_ingest.domain.reading import FORMATS, Reading, Unreadable
from assent_ingest.formats import html, txt
from assent_ingest.formats.sniff import recognise

TAGS = ["<p>", "</p>", "<div>", "</div>", "<table><tr><td>", "<!--", "-->", "<script>", "<br>", "<li>"]
SNIPPETS = [*TAGS, "&amp;", "&#0;", "&#xd800;", "Ω text "]


def texts(reading: Reading) -> list[tuple[str, str]]:
    """The blocks as (kind, text)."""
    return [(block.kind, block.text) for block in reading.blocks]


def assert_read_or_refused(read: Callable[[bytes], Reading], data: bytes) -> None:
    """No bytes make a reader fail: it gives a consistent text, or says that there is none."""
    with suppress(Unreadable):
        assert_consistent(read(data).blocks)


@given(st.binary(max_size=300))
def test_any_bytes_are_text_or_refused(data: bytes) -> None:
    assert_read_or_refused(txt.read, data)
    with suppress(Unreadable):
        assert recognise(data) in FORMATS


@given(st.text(max_size=300), st.sampled_from(["utf-8", "utf-16", "utf-32", "utf-8-sig"]))
def test_text_in_any_unicode_encoding_is_read(text: str, encoding: str) -> None:
    assert_read_or_refused(txt.read, text.encode(encoding))


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(SNIPPETS) | st.text(max_size=20), max_size=30))
def test_any_page_is_read_or_empty(parts: list[str]) -> None:
    assert_read_or_refused(html.read, "".join(parts).encode("utf-8", "replace"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_an_encoding_is_recognised(encoding: str) -> None:
    text = "The café’s owner said: “we were never asked”, and the naïve council shared the data all the same. " * 3
    assert txt.read(text.encode(encoding)).blocks[0].text == text.strip()


def test_a_page_says_its_encoding() -> None:
    page = '<html><head><meta charset="iso-8859-2"></head><body><p>Żółta łódź płynie.</p></body></html>'.encode("iso-8859-2")
    assert html.read(page).blocks[0].text == "Żółta łódź płynie."


def test_blank_lines_part_paragraphs_and_else_lines_do() -> None:
    assert [text for _, text in texts(txt.read(b"One\r\nline.\r\n \r\nTwo."))] == ["One line.", "Two."]
    assert [text for _, text in texts(txt.read(b"One\nTwo\n"))] == ["One", "Two"]


@pytest.mark.parametrize(
    ("start", "format"),
    [
        ("<!DOCTYPE html><html>", "html"),
        ("<?xml version='1.0'?>\n<!DOCTYPE html PUBLIC 'x'>", "html"),
        ("\ufeff <!-- saved --> <HTML>", "html"),
        ("<center><b>Old</b></center><p>page", "html"),
        ("<script>x()</script><body>", "html"),
        ("<3 data, says the council", "txt"),
        ("PK is short for primary key", "txt"),
        ("The header %PDF-1.4 begins a PDF", "txt"),
        ("Note: nobody was asked.", "txt"),
    ],
)
def test_a_file_is_what_it_begins_with(start: str, format: str) -> None:
    assert recognise(start.encode()) == format
    assert recognise(start.removeprefix("\ufeff").encode("utf-16")) == format


PAGE = """<html><head><title>T</title></head><body><nav><a href="/">Home</a></nav><main><article>
<h1>Families and data</h1><p>Councils link <b>school</b> records.</p><ul><li>First reason</li><li>Second reason</li></ul>
<p>{}</p></article></main><script>alert("x")</script></body></html>"""


def test_a_page_keeps_its_blocks_and_drops_what_is_not_read() -> None:
    found = texts(html.read(PAGE.format("Parents were not asked. " * 20).encode()))
    assert ("heading", "Families and data") in found
    assert ("paragraph", "Councils link school records.") in found
    assert [text for kind, text in found if kind == "list_item"] == ["First reason", "Second reason"]
    assert "alert" not in str(found)


def test_a_short_page_keeps_its_blocks_too() -> None:
    short = b"<html><body><nav>Menu</nav><h1>Who reads our records?</h1><p>Not me.</p><ul><li>Nor me</li></ul></body></html>"
    assert texts(html.read(short))[1:] == [
        ("heading", "Who reads our records?"), ("paragraph", "Not me."), ("list_item", "Nor me"),
    ]  # fmt: skip


def test_a_page_nested_without_end_is_still_read() -> None:
    deep = b"<html><body>" + b"<div>" * 5000 + b"<p>Words at the bottom of it all.</p>" + b"</div>" * 5000
    assert ("paragraph", "Words at the bottom of it all.") in texts(html.read(deep))
