"""What goes over HTTP, in and out."""

from datetime import datetime
from typing import Annotated, Any, ClassVar, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from assent_contracts.practice import Practice, Term
from assent_contracts.stances import Author, DocumentKind, PassageStance, Stakeholder
from assent_ingest.domain.documents import Facts, may_be_quoted, period_of, usual_author
from assent_ingest.domain.passages import Coding, Span
from assent_ingest.domain.rationales import RationaleStance
from assent_ingest.domain.reading import Format, Status
from assent_ingest.domain.text import BlockKind
from assent_kit.schemas import Answer, Request, Whole


def _is_date(value: str) -> str:
    period_of(value)
    return value


PublishedOn = Annotated[str, AfterValidator(_is_date), Field(description="`2019`, `2019-05` or `2019-05-03`")]
WebAddress = Annotated[str, StringConstraints(pattern=r"^https?://[^\s]+$", max_length=2000)]
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
Publisher = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Jurisdiction = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
Licence = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Label = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Beneficiary = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
Prose = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
Note = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]


class DocumentMetadata(Request):
    """The `metadata` part of an upload."""

    title: Title | None = Field(default=None, description="the file's name when absent")
    stakeholder: Stakeholder
    kind: DocumentKind
    author: Author | None = Field(default=None, description="when absent: `private_person` for a forum thread, else `institution`")
    publisher: Publisher | None = None
    published_on: PublishedOn | None = None
    jurisdiction: Jurisdiction | None = None
    url: WebAddress | None = None
    why_sampled: Prose | None = None
    licence: Licence | None = None

    def facts(self, filename: str) -> Facts:
        """With what is usual where nothing was said."""
        said = self.model_dump()
        return Facts(**{**said, "title": self.title or filename, "author": self.author or usual_author(self.kind)})


class Changes(Request):
    """A JSON merge patch: an absent field stays, null takes away what may be absent."""

    needed: ClassVar[frozenset[str]]

    @model_validator(mode="after")
    def _nothing_needed_goes(self) -> Self:
        gone = sorted(name for name in self.needed & self.model_fields_set if getattr(self, name) is None)
        if gone:
            raise ValueError(f"cannot be taken away: {', '.join(gone)}")
        return self


class DocumentChanges(Changes):
    """A merge patch of a document's facts."""

    needed = frozenset({"title", "stakeholder", "kind", "author"})

    title: Title | None = None
    stakeholder: Stakeholder | None = None
    kind: DocumentKind | None = None
    author: Author | None = None
    publisher: Publisher | None = None
    published_on: PublishedOn | None = None
    jurisdiction: Jurisdiction | None = None
    url: WebAddress | None = None
    why_sampled: Prose | None = None
    licence: Licence | None = None


class DocumentOut(Answer):
    """A document of the register. `unread_pages` gave no usable text; `reader` names what read the file, with versions.

    Title, address and file name of a private person's document are null for those who may not read its words.
    """

    id: str
    title: str | None
    stakeholder: Stakeholder
    kind: DocumentKind
    author: Author
    publisher: str | None
    published_on: str | None
    jurisdiction: str | None
    url: str | None
    why_sampled: str | None
    licence: str | None
    filename: str | None
    format: Format
    bytes: int
    sha256: str
    status: Status
    pages: int | None
    unread_pages: list[int]
    characters: int
    reader: str
    created_by: str
    created_at: datetime

    @classmethod
    def of(cls, row: dict[str, Any], *, verbatim: bool) -> "DocumentOut":
        """From a stored document, for somebody who may read private words `verbatim` or not."""
        hidden = {} if verbatim or may_be_quoted(row["author"]) else dict.fromkeys(("title", "url", "filename"))
        return cls(**{**row, **hidden})


class BlockOut(Answer):
    """A block of the canonical text: `text[start:end]`, in Unicode code points."""

    start: int
    end: int
    kind: BlockKind
    page: int | None
    paragraph: int


class TextOut(Answer):
    """A document's canonical text (NFC, blocks joined by newlines)."""

    document: str
    reader: str
    characters: int
    text: str
    blocks: list[BlockOut]


class Locator(Answer):
    """Where a passage begins. `paragraph` counts within the page, or within the document where there are no pages."""

    page: int | None
    paragraph: int


class PassageIn(Request):
    """A span of a document's text with its code. Offsets are Unicode code points of the canonical text."""

    start: Whole = Field(ge=0)
    end: Whole = Field(ge=1)
    code: Term
    stance: PassageStance
    practice: Practice = Practice()
    problem_represented: Prose | None = None
    solution_claimed: Prose | None = None
    beneficiary: Beneficiary | None = None
    left_unsaid: Prose | None = None
    note: Note | None = None

    def coding(self) -> Coding:
        """What the coder says."""
        said = {name: getattr(self, name) for name in type(self).model_fields if name not in ("start", "end")}
        return Coding(span=Span(self.start, self.end), **said)


class PassageOut(Answer):
    """A coded passage, without its words: those are given by `POST /passages/texts`."""

    id: str
    document: str
    start: int
    end: int
    locator: Locator
    code: str
    stance: PassageStance
    practice: Practice
    problem_represented: str | None
    solution_claimed: str | None
    beneficiary: str | None
    left_unsaid: str | None
    note: str | None
    coder: str
    created_at: datetime

    @classmethod
    def of(cls, row: dict[str, Any]) -> "PassageOut":
        """From a stored passage."""
        return cls(**{**row, "locator": Locator(page=row["page"], paragraph=row["paragraph"])})


class PassageIds(Request):
    """Which passages' words are wanted."""

    ids: list[Annotated[str, Field(max_length=40)]] = Field(min_length=1, max_length=500)


class PassageText(Answer):
    """The words of a passage; of a private person's only where they stand, with `paraphrase_only`."""

    id: str
    document: str
    locator: Locator
    text: str | None = None
    title: str | None = None
    paraphrase_only: bool | None = None


class PassageTexts(Answer):
    """In the order asked for; ids that the study has not are left out."""

    items: list[PassageText]


class RationaleIn(Request):
    """A new rationale."""

    code: Term
    label: Label
    definition: Prose
    stance: RationaleStance


class RationaleChanges(Changes):
    """A merge patch of a rationale; its code stays."""

    needed = frozenset({"label", "definition", "stance"})

    label: Label | None = None
    definition: Prose | None = None
    stance: RationaleStance | None = None


class RationaleOut(Answer):
    """A rationale of the study's codebook."""

    code: str
    label: str
    definition: str
    stance: RationaleStance


class FoundDocument(Answer):
    """What the register says of a document in which something was found."""

    id: str
    title: str | None = None
    stakeholder: Stakeholder
    kind: DocumentKind
    author: Author
    publisher: str | None
    published_on: str | None


class Place(Answer):
    """A span of the document's canonical text."""

    start: int
    end: int


class Hit(Answer):
    """A block in which every term occurs; `hits` says where. Without a snippet where only a paraphrase may be shown."""

    document: FoundDocument
    locator: Locator
    start: int
    end: int
    hits: list[Place]
    snippet: str | None = None
    paraphrase_only: bool | None = None
