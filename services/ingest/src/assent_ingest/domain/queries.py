"""A simple search: words that all occur in a block, `"phrases in order"` and `beginnings*`.

A database's full-text index only proposes blocks; whether a block matches, and where, is decided here, so that hits are the same on
every database. Case and accents make no difference; words are not stemmed.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

MAXIMUM_TERMS = 20
# Full-text indexes refuse words without end; longer ones are proposed by their beginning and then compared whole.
INDEXED_LENGTH = 64

_WORD = re.compile(r"[^\W_]+")
_TERM = re.compile(r'"([^"]*)"|(\S+)')


class EmptyQuery(ValueError):
    """There is no word to look for, or there are too many."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text as it is compared, and where it stands."""

    folded: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Term:
    """Words that must follow one another; with `open_ended` the last is a beginning."""

    words: tuple[str, ...]
    open_ended: bool = False


def fold(word: str) -> str:
    """A word without case and accents."""
    if word.isascii():
        return word.lower()
    decomposed = unicodedata.normalize("NFD", word.casefold())
    return "".join(character for character in decomposed if character.isalnum())


def words(text: str) -> Iterator[Word]:
    """The words of a text in order."""
    for found in _WORD.finditer(text):
        folded = fold(found.group())
        if folded:
            yield Word(folded, found.start(), found.end())


def indexed(text: str) -> str:
    """What a full-text index is given of a text: its folded words, with single spaces."""
    return " ".join(word.folded[:INDEXED_LENGTH] for word in words(text))


def parse(query: str) -> tuple[Term, ...]:
    """The terms of a query. A word with a hyphen or an apostrophe is a phrase. Raises EmptyQuery."""
    terms = []
    for quoted, bare in _TERM.findall(query):
        said = tuple(word.folded for word in words(quoted or bare))
        if said:
            terms.append(Term(said, open_ended=bare.endswith("*")))
    if not terms:
        raise EmptyQuery("there is no word in the query")
    if len(terms) > MAXIMUM_TERMS:
        raise EmptyQuery(f"a query has at most {MAXIMUM_TERMS} terms")
    return tuple(dict.fromkeys(terms))


def find(terms: Sequence[Term], text: str) -> list[tuple[int, int]]:
    """Where the terms stand in the text, in order and not overlapping; nothing unless every term occurs."""
    spoken = list(words(text))
    hits: set[tuple[int, int]] = set()
    for term in terms:
        found = set(_places(term, spoken))
        if not found:
            return []
        hits |= found
    return _apart(sorted(hits))


def _places(term: Term, spoken: Sequence[Word]) -> Iterator[tuple[int, int]]:
    length = len(term.words)
    for first in range(len(spoken) - length + 1):
        run = spoken[first : first + length]
        if all(_is(run[number], term, number) for number in range(length)):
            yield run[0].start, run[-1].end


def _is(word: Word, term: Term, number: int) -> bool:
    if term.open_ended and number == len(term.words) - 1:
        return word.folded.startswith(term.words[number])
    return word.folded == term.words[number]


def _apart(hits: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    kept: list[tuple[int, int]] = []
    for start, end in hits:
        if not kept or start >= kept[-1][1]:
            kept.append((start, end))
    return kept


def snippet(text: str, hit: tuple[int, int], *, around: int = 120) -> str:
    """The words around a hit, cut between words, with an ellipsis where something is left out."""
    start, end = max(hit[0] - around, 0), min(hit[1] + around, len(text))
    if start:
        start = text.find(" ", start, hit[0]) + 1 or hit[0]
    if end < len(text):
        end = text.rfind(" ", hit[1], end)
        end = end if end != -1 else hit[1]
    return f"{'…' if start else ''}{text[start:end]}{'…' if end < len(text) else ''}"
