"""Word documents: what is read, in which order and as what, and what is refused."""

import pytest
from tests.ingest.makers import WORD, docx, packed, paragraph

from assent_ingest.domain.reading import Unreadable
from assent_ingest.formats.docx import read


def blocks(content: bytes) -> list[tuple[str, str]]:
    """The blocks as (kind, text)."""
    return [(block.kind, block.text) for block in read(content).blocks]


def test_parts_come_in_reading_order() -> None:
    content = docx(
        paragraph("Body"),
        comments=f"<w:comment>{paragraph('A comment')}</w:comment>",
        footnotes=f"<w:footnote w:type='separator'>{paragraph('---')}</w:footnote><w:footnote>{paragraph('A note')}</w:footnote>",
        header=paragraph("A header"),
        footer=paragraph("A footer"),
    )
    assert blocks(content) == [
        ("header", "A header"),
        ("paragraph", "Body"),
        ("footer", "A footer"),
        ("footnote", "A note"),
        ("comment", "A comment"),
    ]


def test_headings_lists_tables_and_text_boxes() -> None:
    heading = paragraph("Head", "<w:pPr><w:pStyle w:val='Heading1'/></w:pPr>")
    item = paragraph("Item", "<w:pPr><w:numPr/><w:tabs><w:tab/></w:tabs></w:pPr>")
    cell = f"<w:tbl><w:tr><w:tc>{paragraph('Cell')}</w:tc></w:tr></w:tbl>"
    box = f"<w:p><w:r><w:t>Around </w:t><w:txbxContent>{paragraph('Box')}</w:txbxContent><w:t>it</w:t></w:r></w:p>"
    assert blocks(docx(heading + item + cell + box)) == [
        ("heading", "Head"),
        ("list_item", "Item"),
        ("table_cell", "Cell"),
        ("text_box", "Box"),
        ("paragraph", "Around it"),
    ]


def test_deletions_and_field_codes_are_not_text_and_breaks_are_spaces() -> None:
    body = (
        "<w:p><w:del><w:r><w:delText>gone</w:delText><w:t>gone</w:t></w:r></w:del><w:r><w:t>One</w:t><w:br/><w:t>two</w:t><w:tab/>"
        "<w:t>self</w:t><w:noBreakHyphen/><w:t>help</w:t><w:instrText>PAGE</w:instrText></w:r></w:p>"
    )
    assert blocks(docx(body)) == [("paragraph", "One two self-help")]


def test_the_older_copy_of_a_text_box_is_not_read_twice() -> None:
    choice = f"<Choice>{paragraph('Once')}</Choice><Fallback>{paragraph('Once')}</Fallback>"
    assert blocks(docx(f"<AlternateContent>{choice}</AlternateContent>")) == [("paragraph", "Once")]


def test_a_missing_part_is_passed_over_and_a_missing_body_is_not() -> None:
    related = '<Relationships><Relationship Type="x/header" Target="gone.xml"/></Relationships>'
    body = f'<w:document xmlns:w="{WORD}">{paragraph("Body")}</w:document>'
    assert blocks(packed({"word/document.xml": body, "word/_rels/document.xml.rels": related})) == [("paragraph", "Body")]
    with pytest.raises(Unreadable, match="no body"):
        read(packed({"word/styles.xml": "<a/>"}))


def test_names_outside_the_document_are_not_followed() -> None:
    related = '<Relationships><Relationship Type="x/header" Target="../../../../etc/passwd"/></Relationships>'
    external = '<Relationships><Relationship Type="x/header" TargetMode="External" Target="http://127.0.0.1/"/></Relationships>'
    body = f'<w:document xmlns:w="{WORD}">{paragraph("Body")}</w:document>'
    for relations in (related, external):
        found = blocks(packed({"word/document.xml": body, "word/_rels/document.xml.rels": relations}))
        assert found == [("paragraph", "Body")]


DOCTYPE = '<!DOCTYPE w [<!ENTITY e "boom">]>'


@pytest.mark.parametrize(
    ("document", "refusal"),
    [
        (f'{DOCTYPE}<w:document xmlns:w="{WORD}">{paragraph("&e;")}</w:document>', "damaged"),
        (f'<!DOCTYPE w SYSTEM "file:///etc/passwd"><w:document xmlns:w="{WORD}">{paragraph("x")}</w:document>', "damaged"),
        (f'<w:document xmlns:w="{WORD}">{paragraph("&undeclared;")}</w:document>', "damaged"),
        (f'<w:document xmlns:w="{WORD}"><w:p>', "damaged"),
        ("", "damaged"),
        (f'<w:document xmlns:w="{WORD}"/>', "empty"),
    ],
)
def test_bad_bodies_are_refused(document: str, refusal: str) -> None:
    with pytest.raises(Unreadable) as refused:
        read(packed({"word/document.xml": document}))
    assert refused.value.refusal == refusal


def test_too_many_parts_are_refused() -> None:
    with pytest.raises(Unreadable) as refused:
        read(packed({f"word/{number}.xml": "" for number in range(5001)}))
    assert refused.value.refusal == "limit_hit"
