"""Word documents, whole and hostile."""

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent_qual.domain.turns import UnreadableTranscript
from assent_qual.formats import docx
from assent_qual.formats.reading import guess, read_transcript

RELATIONSHIPS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas'
    '.openxmlformats.org/officeDocument/2006/relationships/{kind}" Target="{target}"/></Relationships>'
)
DOCUMENT = (
    '<?xml version="1.0" encoding="UTF-8"?>{doctype}<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"><w:body>{body}</w:body></w:document>'
)


def document(body: str, *, target: str = "word/document.xml", doctype: str = "", kind: str = "officeDocument") -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("_rels/.rels", RELATIONSHIPS.format(target=target, kind=kind))
        archive.writestr(target.lstrip("/"), DOCUMENT.format(body=body, doctype=doctype))
    return packed.getvalue()


def paragraph(*runs: str) -> str:
    return "<w:p>" + "".join(f"<w:r><w:t>{run}</w:t></w:r>" for run in runs) + "</w:p>"


def turns(data: bytes) -> list[tuple[str | None, str]]:
    return [(turn.speaker, turn.text) for turn in docx.read(data).turns]


def test_name_colon_and_otter_headings() -> None:
    named = document(
        paragraph("Cover page") + paragraph("MUM", " 1: I ", "would not.") + paragraph("Not ever.") + paragraph("DAD: Nor I.")
    )
    assert turns(named) == [("MUM 1", "I would not.\nNot ever."), ("DAD", "Nor I.")]
    assert guess(named) == "docx"
    otter = document(paragraph("Jo Lee", "  00:05") + "<w:p/>" + paragraph("Hello.") + paragraph("Sam  01:07") + paragraph("Yes."))
    read = docx.read(otter)
    assert [(turn.speaker, turn.text, turn.from_ms) for turn in read.turns] == [
        ("Jo Lee", "Hello.", 5_000),
        ("Sam", "Yes.", 67_000),
    ]


def test_breaks_tables_and_what_is_not_talk() -> None:
    body = (
        "<w:p><w:pPr><w:tabs><w:tab/></w:tabs></w:pPr><w:r><w:t>JO: one</w:t><w:br/><w:t>two</w:t></w:r>"
        "<w:del><w:r><w:delText>deleted</w:delText></w:r></w:del></w:p>"
        f"<w:tbl><w:tr><w:tc>{paragraph('SAM: in a table')}</w:tc></w:tr></w:tbl>"
        f"<w:p><w:r><mc:AlternateContent><mc:Choice><w:txbxContent>{paragraph('JO: boxed')}</w:txbxContent></mc:Choice>"
        f"<mc:Fallback><w:txbxContent>{paragraph('JO: boxed')}</w:txbxContent></mc:Fallback></mc:AlternateContent></w:r></w:p>"
    )
    assert turns(document(body)) == [("JO", "one two"), ("SAM", "in a table"), ("JO", "boxed")]


def test_the_package_says_where_the_text_is() -> None:
    assert turns(document(paragraph("JO: yes"), target="/word/document2.xml")) == [("JO", "yes")]


def bomb() -> bytes:
    return document(paragraph("JO: " + "x" * (docx.LARGEST_PART + 1)))


def many_parts() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for n in range(docx.MOST_ENTRIES + 1):
            archive.writestr(str(n), "")
    return packed.getvalue()


ENTITIES = '<!DOCTYPE w:document [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>'
OUTSIDE = '<!DOCTYPE w:document [<!ENTITY x SYSTEM "file:///etc/hostname">]>'


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"PK\x03\x04", "damaged"),
        (document(paragraph("JO: yes"))[:-30], "damaged"),
        (document(paragraph("JO: yes"), kind="other"), "damaged"),
        (document("<w:p>"), "damaged"),
        (document(paragraph("JO: &b;"), doctype=ENTITIES), "damaged"),
        (document(paragraph("JO: &x;"), doctype=OUTSIDE), "damaged"),
        (document(""), "empty"),
        (document(paragraph("prose only")), "no_speakers"),
        (docx.OLE_SIGNATURE + b"x" * 100, "encrypted"),
        (bomb(), "too_large"),
        (many_parts(), "too_large"),
    ],
    ids=["stub", "cut", "no main part", "not well-formed", "entities", "outside entity", "empty", "prose", "encrypted", "bomb", "parts"],
)  # fmt: skip
def test_what_cannot_be_read(data: bytes, fault: str) -> None:
    with pytest.raises(UnreadableTranscript) as refused:
        read_transcript(data, "docx")
    assert refused.value.fault == fault


@pytest.mark.parametrize("data", [b"%PDF-1.7\n", b"{\\rtf1 JO: x}", b"\x1f\x8b\x08", b"ID3\x04"])
def test_other_formats_are_named_for_what_they_are(data: bytes) -> None:
    with pytest.raises(UnreadableTranscript) as refused:
        read_transcript(data)
    assert refused.value.fault == "unsupported"


WHOLE = document(paragraph("JO: yes") + paragraph("SAM: no"))


@given(st.integers(0, len(WHOLE) - 1), st.integers(0, 255))
def test_a_flipped_byte_is_read_or_refused(place: int, value: int) -> None:
    damaged = WHOLE[:place] + bytes([value]) + WHOLE[place + 1 :]
    try:
        read = docx.read(damaged)
    except UnreadableTranscript:
        return
    assert read.turns
