"""What ingest says: documents, coded passages and the codebook of rationales. Never the text of a passage."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from assent_contracts.events.state import State
from assent_contracts.practice import Practice
from assent_contracts.stances import Author, DocumentKind, PassageStance, Stakeholder


class Document(State):
    """A document of the register. The title of a private person's document is left out."""

    document: str
    title: str | None = None
    stakeholder: Stakeholder
    kind: DocumentKind
    author: Author
    publisher: str | None = None
    published_on: str | None = None
    status: str


class Passage(State):
    """A span of a document with its code, stance and practice."""

    passage: str
    document: str
    code: str
    stance: PassageStance
    practice: Practice
    start: int
    end: int
    page: int | None = None
    paragraph: int | None = None


class Rationale(BaseModel):
    """One code of the rationale codebook."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    code: str
    label: str
    definition: str
    stance: Literal["for", "against"]


class RationaleCodebook(State):
    """The study's rationale codebook, whole."""

    rationales: tuple[Rationale, ...]
