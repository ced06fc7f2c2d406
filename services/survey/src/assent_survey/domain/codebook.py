"""The codebook of one collection's responses: what every exporter writes beside the numbers, and what it writes them by.

Not here: how a format names and shortens things (exports), and the responses (case_rows).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from assent_survey.domain.collection import CollectionFacts
from assent_survey.domain.instrument import Item
from assent_survey.domain.variable_names import Naming, safe_names
from assent_survey.domain.variables import LeftOut, Variable, variables_of


@dataclass(frozen=True, slots=True)
class Source:
    """What a codebook describes: an instrument's version and, unless it is the instrument's alone, a collection of it and its facts."""

    study: str
    instrument: str
    number: int
    title: str
    made_at: datetime
    collection: str | None = None
    facts: CollectionFacts | None = None


@dataclass(frozen=True, slots=True)
class Codebook:
    """The columns of an export, in order, and what they come from."""

    source: Source
    variables: tuple[Variable, ...]
    left_out: tuple[LeftOut, ...] = ()
    language: str | None = None
    items: tuple[Item, ...] = field(default=(), repr=False)

    def names(self, naming: Naming) -> list[str]:
        """A name of each variable that the target takes, in order."""
        labelled = [bool(variable.labelled) for variable in self.variables]
        return safe_names([variable.name for variable in self.variables], naming, labelled=labelled)


def codebook_of(
    source: Source,
    items: Sequence[Item],
    *,
    language: str | None = None,
    received: bool = False,
    skips: Mapping[str, int] | None = None,
) -> Codebook:
    """The codebook of a collection of these items. For the rest see `variables_of`."""
    variables, left_out = variables_of(items, source.facts, language=language, received=received, skips=skips)
    return Codebook(source, variables, left_out, language, tuple(items))


def languages_of(items: Sequence[Item]) -> list[str]:
    """The languages, beside its own, that the instrument has at least one item in."""
    return sorted({language for item in items for language in item.translations})
