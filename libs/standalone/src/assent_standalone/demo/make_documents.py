"""Build the documents of the demo study (PDF, DOCX, HTML, TXT) from their plain sources: a developer's tool, not used at run time.

`python -m assent_standalone.demo.make_documents` needs reportlab and python-docx. The files are committed; the same sources give the
same bytes. A source is plain text with `# title`, `## heading`, `- point` and paragraphs between blank lines.
"""

import html
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, NamedTuple

import docx
from docx.document import Document as WordDocument
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer

from assent_standalone.demo import LABEL
from assent_standalone.demo.study import DOCUMENT_SOURCES, Row, document_file, read

MADE_ON = datetime(2026, 11, 1, tzinfo=UTC)

Kind = Literal["title", "heading", "point", "paragraph"]


class Block(NamedTuple):
    """One block of a source."""

    kind: Kind
    text: str


def blocks_of(source: str) -> Iterator[Block]:
    """The blocks of a source in their order; the points of a list are one block each."""
    for part in source.strip().split("\n\n"):
        for line in part.split("\n") if part.startswith("- ") else [part]:
            yield _block(line)


def _block(text: str) -> Block:
    marks: tuple[tuple[str, Kind], ...] = (("## ", "heading"), ("# ", "title"), ("- ", "point"))
    for mark, kind in marks:
        if text.startswith(mark):
            return Block(kind, text.removeprefix(mark))
    return Block("paragraph", text)


def write_pdf(path: Path, title: str, blocks: list[Block]) -> None:
    """A page layout of one column, A4."""
    sheet = getSampleStyleSheet()
    styles = {"title": sheet["Title"], "heading": sheet["Heading2"], "point": sheet["Bullet"], "paragraph": sheet["BodyText"]}
    flow: list[Paragraph | Spacer] = []
    for block in blocks:
        mark = "•" if block.kind == "point" else None
        flow += [Paragraph(html.escape(block.text, quote=False), styles[block.kind], bulletText=mark), Spacer(1, 6)]
    SimpleDocTemplate(str(path), pagesize=A4, title=title, author=LABEL, invariant=1).build(flow)


def write_docx(path: Path, title: str, blocks: list[Block]) -> None:
    """Word's own styles for title, headings and lists."""
    document = docx.Document()
    styles = {"title": "Title", "heading": "Heading 1", "point": "List Bullet", "paragraph": "Normal"}
    for block in blocks:
        document.add_paragraph(block.text, style=styles[block.kind])
    save_word(document, path, title)


def save_word(document: WordDocument, path: Path, title: str) -> None:
    """Save with fixed dates inside the file and in the zip around it, so that the same text gives the same bytes."""
    properties = document.core_properties
    properties.title, properties.author, properties.comments = title, LABEL, LABEL
    properties.created = properties.modified = MADE_ON.replace(tzinfo=None)
    document.save(str(path))
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name, MADE_ON.timetuple()[:6]), data, zipfile.ZIP_DEFLATED)


def write_html(path: Path, title: str, blocks: list[Block]) -> None:
    """A page with a menu and a footer around its article, as web pages have."""
    tags = {"title": "h1", "heading": "h2", "point": "li", "paragraph": "p"}
    lines = [f"<{tags[block.kind]}>{html.escape(block.text, quote=False)}</{tags[block.kind]}>" for block in blocks]
    body = "\n".join(lines).replace("</p>\n<li>", "</p>\n<ul>\n<li>").replace("</li>\n<p>", "</li>\n</ul>\n<p>")
    body = body.replace("</h2>\n<li>", "</h2>\n<ul>\n<li>").replace("</li>\n<h2>", "</li>\n</ul>\n<h2>")
    path.write_text(
        f'<!doctype html>\n<html lang="en">\n<head><meta charset="utf-8"><title>{html.escape(title)}</title></head>\n<body>\n'
        f'<nav><a href="/">Home</a> <a href="/about">About</a></nav>\n<main><article>\n{body}\n</article></main>\n'
        f"<footer>{LABEL}</footer>\n</body>\n</html>\n",
        encoding="utf-8",
    )


def write_txt(path: Path, title: str, blocks: list[Block]) -> None:
    """Plain text, one paragraph a line."""
    path.write_text("\n\n".join([title, *(block.text for block in blocks)]) + "\n", encoding="utf-8")


WRITERS: dict[str, Callable[[Path, str, list[Block]], None]] = {
    "pdf": write_pdf,
    "docx": write_docx,
    "html": write_html,
    "txt": write_txt,
}


def make(document: Row) -> Path:
    """Write one document of the register from its source; the path it was written to."""
    source = (DOCUMENT_SOURCES / f"{document['name']}.txt").read_text(encoding="utf-8")
    path = document_file(document)
    path.parent.mkdir(exist_ok=True)
    WRITERS[document["format"]](path, document["title"], list(blocks_of(source)))
    return path


if __name__ == "__main__":
    for each in read("documents"):
        print(make(each).name)
