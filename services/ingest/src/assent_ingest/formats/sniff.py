"""What a file is, by its own bytes: names and declared types are not asked, because they are often wrong."""

import re
import zipfile
from io import BytesIO

from assent_ingest.domain.reading import Format, Unreadable

_HEAD = 4096
_PACKED = {
    b"\x1f\x8b": "a gzip archive",
    b"7z\xbc\xaf": "a 7z archive",
    b"Rar!": "a RAR archive",
    b"{\\rtf": "a rich text (RTF) file",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"II*\0": "a picture",
    b"MM\0*": "a picture",
}
# Some servers put a few lines before a PDF's own first line, and readers accept it.
_PDF = re.compile(rb"(?:\A|[\r\n])[\xef\xbb\xbf\s]*%PDF-\d")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")
_HTML = re.compile(
    rb"\s*(?:<\?xml[^>]{0,200}>\s*)?(?:<!--.{0,2000}?-->\s*)*"
    rb"<(?:!doctype\s+html|html|head|body|title|meta|main|article|section|div|p|h[1-6]|table|ul|span)\b",
    re.IGNORECASE | re.DOTALL,
)
_PAGE = re.compile(rb"\s*<.*<(?:!doctype\s+html|html|head|body|p|div|table)\b", re.IGNORECASE | re.DOTALL)
_MARKUP = re.compile(rb"\s*<(?:\?xml|!DOCTYPE|rss|feed|rdf|svg)\b", re.IGNORECASE)
_MAIL_START = re.compile(rb"\s*(?:From \S|[A-Za-z][A-Za-z-]*:[ \t])")
_MAIL = re.compile(rb"^(?:message-id|mime-version|received|return-path|x-mozilla-status):", re.IGNORECASE | re.MULTILINE)


def recognise(data: bytes) -> Format:
    """The format of a file. Raises Unreadable for what is empty, encrypted, broken or of another kind."""
    if not data.strip(b"\0 \t\r\n"):
        raise Unreadable("empty", "The file is empty.")
    if _PDF.search(data[:1024]):
        return "pdf"
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        return _packaged(data)
    if data.startswith(_OLE):
        if _ENCRYPTED_PACKAGE in data:
            raise Unreadable("encrypted", "The document is protected by a password.")
        raise Unreadable("unsupported", "The file is of an old Office format.")
    for signature, name in _PACKED.items():
        if data.startswith(signature):
            raise Unreadable("unsupported", f"The file is {name}.")
    return _written(data[:_HEAD])


def _packaged(data: bytes) -> Format:
    try:
        with zipfile.ZipFile(BytesIO(data)) as package:
            names = package.namelist()
    except (zipfile.BadZipFile, EOFError, OSError, ValueError, NotImplementedError) as error:
        raise Unreadable("damaged", "The file begins like a Word document or an archive and is broken or cut short.") from error
    if "[Content_Types].xml" in names and any(name.startswith("word/") for name in names):
        return "docx"
    raise Unreadable("unsupported", "The file is an archive or a document of another kind.")


def _written(head: bytes) -> Format:
    """Text of some kind; two bytes per character are looked at as one."""
    plain = head.removeprefix(b"\xef\xbb\xbf").removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff").replace(b"\0", b"")
    if _HTML.match(plain):
        return "html"
    if _MARKUP.match(plain):
        raise Unreadable("unsupported", "The file is XML of a kind that is not a web page.")
    if _PAGE.match(plain):
        return "html"
    if _MAIL_START.match(plain) and _MAIL.search(plain):
        raise Unreadable("unsupported", "The file is an e-mail.")
    return "txt"
