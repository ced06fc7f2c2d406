"""A passage is a span of a document's canonical text, in code points, with the reason given in it."""

from collections.abc import Sequence
from dataclasses import dataclass

from assent_contracts.practice import Practice
from assent_contracts.stances import PassageStance
from assent_ingest.domain.text import join

MAXIMUM_LENGTH = 10_000


class SpanOutsideText(ValueError):
    """The span is empty, too long, or not within the text."""


@dataclass(frozen=True, slots=True)
class Span:
    """`text[start:end]`."""

    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Coding:
    """What a coder says of a span: the rationale, which way it speaks, of which practice, and how the problem is made out (Bacchi)."""

    span: Span
    code: str
    stance: PassageStance
    practice: Practice
    problem_represented: str | None = None
    solution_claimed: str | None = None
    beneficiary: str | None = None
    left_unsaid: str | None = None
    note: str | None = None


def check_span(span: Span, characters: int) -> None:
    """Refuse a span that is not within a text of so many characters. Raises SpanOutsideText."""
    if not 0 <= span.start < span.end <= characters:
        raise SpanOutsideText(f"a span lies within the text: 0 <= start < end <= {characters}")
    if span.end - span.start > MAXIMUM_LENGTH:
        raise SpanOutsideText(f"a passage has at most {MAXIMUM_LENGTH:,} characters")


def words_of(span: Span, start: int, texts: Sequence[str]) -> str:
    """The words of a span, from consecutive blocks that cover it, the first of which starts at `start` of the document."""
    return join(texts)[span.start - start : span.end - start]
