"""A table as a Word document: a real table with a repeating header row, its caption above and its footnotes below."""

import io
from datetime import UTC, datetime

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Pt
from docx.table import Table as WordTable
from docx.table import _Cell, _Row

from assent_analytics.domain.table import Row, Table

SMALL = Pt(8.5)
INDENT = Pt(12)
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


def table_document(table: Table) -> bytes:
    """The document as bytes; the same table gives the same document."""
    document = Document()
    properties = document.core_properties
    properties.title, properties.author = table.caption[:255], "Assent"
    properties.created = properties.modified = EPOCH
    caption = document.add_paragraph(table.caption)
    caption.style = document.styles["Caption"]
    drawn = document.add_table(rows=0, cols=len(table.columns) + 1)
    drawn.style = document.styles["Table Grid"]
    _head(drawn, table)
    for row in table.rows:
        _body_row(drawn, row, len(table.columns))
    for note in table.notes:
        paragraph = document.add_paragraph()
        paragraph.paragraph_format.space_after = Pt(0)
        paragraph.add_run(_printable(note)).font.size = SMALL
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()


def _head(drawn: WordTable, table: Table) -> None:
    if any(span for span, _ in table.spans):
        row = _new_row(drawn)
        at = 1
        for span, width in table.spans:
            merged = row.cells[at].merge(row.cells[at + width - 1])
            _write(merged, span, bold=True, centred=True)
            at += width
        _repeat(row)
    row = _new_row(drawn)
    _write(row.cells[0], table.stub, bold=True)
    for cell, column in zip(row.cells[1:], table.columns, strict=True):
        _write(cell, column.label, bold=True, right=True)
    _repeat(row)


def _body_row(drawn: WordTable, row: Row, columns: int) -> None:
    cells = _new_row(drawn).cells
    if not row.cells:
        _write(cells[0].merge(cells[columns]), row.label, bold=True)
        return
    _write(cells[0], row.label)
    cells[0].paragraphs[0].paragraph_format.left_indent = INDENT * row.level
    for cell, shown in zip(cells[1:], row.cells, strict=True):
        _write(cell, shown.text, right=True)


def _new_row(drawn: WordTable) -> _Row:
    made: _Row = drawn.add_row()  # type: ignore[no-untyped-call]
    return made


def _write(cell: _Cell, text: str, *, bold: bool = False, right: bool = False, centred: bool = False) -> None:
    paragraph = cell.paragraphs[0]
    run = paragraph.add_run(_printable(text))
    run.font.size, run.bold = Pt(9), bold
    paragraph.paragraph_format.space_after = Pt(0)
    if right or centred:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT if right else WD_ALIGN_PARAGRAPH.CENTER


def _repeat(row: _Row) -> None:
    """Have the row stand at the top of every page, and be known as a header to screen readers."""
    properties = row._tr.get_or_add_trPr()
    mark = OxmlElement("w:tblHeader")
    mark.set(qn("w:val"), "true")
    properties.append(mark)


def _printable(text: str) -> str:
    """The text without what XML cannot hold."""
    return "".join(character for character in text if character >= " " or character in "\t\n")
