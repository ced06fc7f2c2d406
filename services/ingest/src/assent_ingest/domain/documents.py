"""The register of documents: who speaks in one, when it was published, and how much of it may be shown to whom.

Not here: the text (text), and what became of the file (reading).
"""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date

from assent_contracts.stances import Author, DocumentKind, Stakeholder

_PUBLISHED = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")
_UNSAFE_IN_FILENAME = re.compile(r"[^\w .()\[\]-]")


@dataclass(frozen=True, slots=True)
class Period:
    """The days, first and last included, within which something was published."""

    first: date
    last: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the register says of a document: who speaks in it, and why it was sampled."""

    title: str
    stakeholder: Stakeholder
    kind: DocumentKind
    author: Author
    publisher: str | None = None
    published_on: str | None = None
    jurisdiction: str | None = None
    url: str | None = None
    why_sampled: str | None = None
    licence: str | None = None


def period_of(published_on: str) -> Period:
    """What `2019`, `2019-05` or `2019-05-03` stands for. Raises ValueError for anything else."""
    found = _PUBLISHED.fullmatch(published_on)
    if not found:
        raise ValueError("a date is written 2019, 2019-05 or 2019-05-03")
    year, month, day = (int(part) if part else None for part in found.groups())
    if year is None or year < 1:
        raise ValueError("there is no year 0")
    if month is None:
        return Period(date(year, 1, 1), date(year, 12, 31))
    if day is None:
        return Period(date(year, month, 1), date(year, month, monthrange(year, month)[1]))
    return Period(date(year, month, day), date(year, month, day))


def usual_author(kind: DocumentKind) -> Author:
    """Who is taken to speak where nobody said: in a forum thread people do, elsewhere institutions."""
    return "private_person" if kind == "forum_thread" else "institution"


def may_be_quoted(author: Author) -> bool:
    """Whether words may be shown as they stand. A private person's could be found again by searching for them (evidence.md 1)."""
    return author == "institution"


def plain_filename(name: str, fallback: str) -> str:
    """The last part of a file's name with only letters, digits and a few harmless marks, at most 120 characters."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return _UNSAFE_IN_FILENAME.sub("_", last).strip(" ._")[-120:] or fallback
