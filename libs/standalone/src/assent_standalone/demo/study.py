"""The demo study as data: its written material, read from the package's data files. Not here: the generated parents (parents)."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

CONTENT = Path(__file__).parent / "content"

DOCUMENT_SOURCES = CONTENT / "sources" / "documents"
TALK_SOURCES = CONTENT / "sources" / "talk"
DOCUMENT_FILES = CONTENT / "documents"
TALK_FILES = CONTENT / "talk"

TALK_SUFFIX = {"vtt_teams": ".vtt", "vtt_zoom": ".vtt", "docx": ".docx", "txt": ".txt"}
MEDIA_TYPE = {
    ".pdf": "application/pdf",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".html": "text/html",
    ".txt": "text/plain",
    ".vtt": "text/vtt",
}

Row = dict[str, Any]


class NotFoundOnce(ValueError):
    """A quote that is to be located stands nowhere in the text, or more than once."""


@cache
def read(name: str) -> Any:
    """One data file, such as `instrument`, as plain JSON. Treat it as read-only: it is cached."""
    return json.loads((CONTENT / f"{name}.json").read_text(encoding="utf-8"))


def with_practice(row: Row) -> Row:
    """A row whose `practice` (and `condition`) is the tuple itself and no longer the name it has in practices.json."""
    named = {slot: read("practices")[row[slot]] for slot in ("practice", "condition") if isinstance(row.get(slot), str)}
    return {**row, **named}


def document_file(document: Row) -> Path:
    """The file of a document of the register."""
    return DOCUMENT_FILES / f"{document['name']}.{document['format']}"


def talk_file(session: Row) -> Path:
    """The file of a session's transcript."""
    return TALK_FILES / f"{session['file']}{TALK_SUFFIX[session['format']]}"


def locate(quote: str, text: str) -> tuple[int, int]:
    """Where the quote stands in the text, in Unicode code points, end-exclusive; any white space matches any other.

    Raises NotFoundOnce: a passage that could mean two places is not a passage.
    """
    found = [match.span() for match in re.finditer(r"\s+".join(map(re.escape, quote.split())), text)]
    if len(found) != 1:
        raise NotFoundOnce(f"{quote!r} stands {len(found)} times in the text")
    return found[0]
