"""Files of the four formats, made for the tests, and what is needed to upload them."""

import io
import json
import zipfile
import zlib
from typing import Any

import httpx

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
METADATA = {"stakeholder": "local_government", "kind": "report", "title": "Troubled data"}


def pdf(*pages: str, compress: bool = False) -> bytes:
    """A PDF with these pages; a newline in a page begins a new line. An empty page has nothing on it."""
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b"", b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"]
    kids = []
    for page in pages:
        shown = b"".join(
            b"(%s) Tj T* " % line.encode("latin-1").replace(b"(", b"\\(").replace(b")", b"\\)") for line in page.split("\n")
        )
        stream = b"BT /F1 10 Tf 14 TL 50 780 Td " + shown + b"ET" if page else b""
        stream, coded = (zlib.compress(stream), b"/Filter /FlateDecode ") if compress else (stream, b"")
        objects.append(b"<< %s/Length %d >>\nstream\n%s\nendstream" % (coded, len(stream), stream))
        resources = b"/Resources << /Font << /F1 3 0 R >> >>"
        objects.append(b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] %s /Contents %d 0 R >>" % (resources, len(objects)))
        kids.append(b"%d 0 R" % len(objects))
    objects[1] = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (b" ".join(kids), len(kids))
    return _with_table(objects)


def _with_table(objects: list[bytes]) -> bytes:
    written, offsets = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(written))
        written += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    count = len(objects) + 1
    trailer = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (count, len(written))
    return written + b"xref\n0 %d\n0000000000 65535 f \n" % count + table + trailer


def drawn_on(content: bytes) -> bytes:
    """The PDF with a rectangle on each of its empty pages: a page that shows something and says nothing, as a scan does."""
    return content.replace(b"/Length 0 >>\nstream\n", b"/Length 17 >>\nstream\n0 0 200 200 re f\n")


def docx(body: str, /, **parts: str) -> bytes:
    """A DOCX with this body in WordprocessingML; other parts by relation, such as `footnotes="<w:footnote …>"`."""
    related = "".join(
        f'<Relationship Id="r{number}" Type="http://x/relationships/{relation}" Target="{relation}.xml"/>'
        for number, relation in enumerate(parts)
    )
    files = {
        "[Content_Types].xml": "<Types/>",
        "_rels/.rels": '<Relationships><Relationship Id="r" Type="http://x/officeDocument" Target="word/document.xml"/></Relationships>',
        "word/document.xml": f'<w:document xmlns:w="{WORD}"><w:body>{body}</w:body></w:document>',
        "word/_rels/document.xml.rels": f"<Relationships>{related}</Relationships>",
        **{f"word/{name}.xml": f'<w:{name} xmlns:w="{WORD}">{content}</w:{name}>' for name, content in parts.items()},
    }
    return packed(files)


def packed(files: dict[str, str | bytes]) -> bytes:
    """A zip of these files."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in files.items():
            package.writestr(name, content)
    return target.getvalue()


def paragraph(text: str, properties: str = "") -> str:
    """A paragraph of WordprocessingML."""
    return f"<w:p>{properties}<w:r><w:t xml:space='preserve'>{text}</w:t></w:r></w:p>"


def parts(content: bytes, filename: str = "report.txt", **metadata: Any) -> dict[str, Any]:
    """The `files` of an upload."""
    said = json.dumps({**METADATA, **metadata})
    return {"file": (filename, content), "metadata": (None, said, "application/json")}


async def upload(client: httpx.AsyncClient, content: bytes | str, filename: str = "report.txt", **metadata: Any) -> httpx.Response:
    """Upload a file to the study `stu_a`."""
    data = content.encode() if isinstance(content, str) else content
    return await client.post("/v1/studies/stu_a/documents", files=parts(data, filename, **metadata))
