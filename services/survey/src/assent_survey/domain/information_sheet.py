"""What parents are told before they take part: an information sheet in one or more languages, in plain text.

What it must cover is what the UK Data Service and the ESRC ask of informed consent: the nature of the study, what taking part involves,
benefits and risks, withdrawal, the lawful basis, what the answers are used for and how they are archived, who pays, whom to ask and to
whom to complain; and, because a disclosure of harm may have to be passed on, the limits of confidentiality.

Not here: how it is shown (api) and the page's own sentences (page_words).
"""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from assent_survey.domain.faults import Fault
from assent_survey.domain.instrument import Language
from assent_survey.domain.page_words import WordName, word_faults

Topic = Literal[
    "nature",
    "involvement",
    "benefits_and_risks",
    "withdrawal",
    "lawful_basis",
    "uses",
    "archive",
    "confidentiality",
    "funder",
    "other",
]
Purpose = Literal["study", "complaints", "data_protection"]

REQUIRED_TOPICS: tuple[Topic, ...] = (
    "nature",
    "involvement",
    "benefits_and_risks",
    "withdrawal",
    "lawful_basis",
    "uses",
    "archive",
    "confidentiality",
    "funder",
)
REQUIRED_CONTACTS: tuple[Purpose, ...] = ("study", "complaints")
FEWEST_DIGITS = 3  # of a telephone number, such as that of an emergency service

Line = Annotated[str, Field(min_length=1, max_length=300)]
Email = Annotated[str, Field(max_length=200, pattern=r"^[^@\s<>\"]+@[^@\s<>\"]+$")]
Phone = Annotated[str, Field(max_length=40, pattern=r"^[0-9+() .-]{3,40}$")]
Url = Annotated[str, Field(max_length=1000, pattern=r"^https?://[^\s<>\"]+$")]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Section(_Part):
    """A part of the sheet. Blank lines part its paragraphs; there is no markup."""

    about: Topic = "other"
    heading: Line
    text: Annotated[str, Field(min_length=1, max_length=20_000)]


class Contact(_Part):
    """Whom to ask: about the study, with a complaint, or about data protection."""

    about: Purpose
    name: Line
    email: Email | None = None
    phone: Phone | None = None
    url: Url | None = None
    post: Annotated[str, Field(max_length=500)] | None = None


class Support(_Part):
    """A service that helps parents, whatever they answered."""

    name: Line
    what: Annotated[str, Field(min_length=1, max_length=1000)]
    phone: Phone | None = None
    url: Url | None = None
    hours: Line | None = None


class SheetText(_Part):
    """The sheet in one language. `words` are the page's own sentences in it; those that are not given are in English."""

    title: Line
    sections: Annotated[tuple[Section, ...], Field(min_length=1, max_length=40)]
    contacts: Annotated[tuple[Contact, ...], Field(min_length=1, max_length=20)]
    support: Annotated[tuple[Support, ...], Field(min_length=1, max_length=40)]
    words: dict[WordName, Annotated[str, Field(min_length=1, max_length=1000)]] = Field(default_factory=dict)


class Sheet(_Part):
    """A version of the sheet, under the name that the ethics approval gives it, such as `2.1`."""

    version: Annotated[str, Field(min_length=1, max_length=40)]
    languages: Annotated[dict[Language, SheetText], Field(min_length=1, max_length=60)]


def sheet_faults(sheet: Sheet) -> Iterator[Fault]:
    """What a sheet lacks, language by language; and what in it says nothing."""
    yield from _blanks("", sheet.model_dump(mode="json", exclude_none=True))
    for language, text in sheet.languages.items():
        at = f"/languages/{language}"
        told, named = {section.about for section in text.sections}, {contact.about for contact in text.contacts}
        for topic in REQUIRED_TOPICS:
            if topic not in told:
                yield Fault(f"{at}/sections", f"no section is about {topic}")
        for purpose in REQUIRED_CONTACTS:
            if purpose not in named:
                yield Fault(f"{at}/contacts", f"no contact is about {purpose}")
        for number, contact in enumerate(text.contacts):
            if not (contact.email or contact.phone or contact.url or contact.post):
                yield Fault(f"{at}/contacts/{number}", "give at least one of email, phone, url and post")
        for number, service in enumerate(text.support):
            if not (service.phone or service.url):
                yield Fault(f"{at}/support/{number}", "give at least one of phone and url")
        phones = {f"contacts/{number}": contact.phone for number, contact in enumerate(text.contacts)}
        phones |= {f"support/{number}": service.phone for number, service in enumerate(text.support)}
        for whose, phone in phones.items():
            if phone is not None and sum(sign.isdigit() for sign in phone) < FEWEST_DIGITS:
                yield Fault(f"{at}/{whose}/phone", "it has too few digits to be dialled")
        yield from word_faults(f"{at}/words", text.words)


def _blanks(at: str, part: Any) -> Iterator[Fault]:
    """Texts of nothing but blanks."""
    if isinstance(part, str) and not part.strip():
        yield Fault(at, "it says nothing")
    for name, inner in part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ():
        yield from _blanks(f"{at}/{name}", inner)


def choose_language(offered: list[str], wanted: list[str]) -> str | None:
    """The first language that is wanted and offered, by its whole tag or by its first part (RFC 4647, lookup); else the first offered."""
    by_tag = {tag.lower(): tag for tag in reversed(offered)}
    by_part = {tag.lower().partition("-")[0]: tag for tag in reversed(offered)}
    for each in wanted:
        tag = each.lower()
        if found := by_tag.get(tag) or by_part.get(tag.partition("-")[0]):
            return found
    return offered[0] if offered else None
