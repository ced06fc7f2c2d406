"""What a researcher says of a vignette study: the text, its factors and their levels, what may not occur together, and how many.

A factor is a slot of the practice and a level what it says there, in terms of the study's vocabulary; a factor without a slot varies
something that is not part of the practice. Not here: the rules between the parts (rules), and the decks (design).
"""

import re
from collections.abc import Sequence
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from assent_contracts.practice import Practice, Slot, Terms
from assent_survey.domain.instrument import Code, Item, Label, Language

MOST_FACTORS = 12  # as many as the analysis of vignettes takes
MOST_PER_RESPONDENT = 20  # likewise
MOST_LEVELS = 20
MOST_DECKS = 200
MOST_VIGNETTES = 1_000  # in all decks together, so that looking for the best takes seconds
LARGEST_SEED = 2**53 - 1  # what every JSON reader keeps exactly

FactorName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$", description="a factor's name, such as `recipient`")]
Prefix = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,15}$", description="what the names of its items begin with")]
Text = Annotated[str, Field(max_length=4000)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Level(_Part):
    """One level of a factor. `wording` stands for the factor in the text; it may be empty, to say nothing. `terms` fill the slot."""

    level: Code
    wording: dict[Language, Text]
    terms: Terms = ()


class Factor(_Part):
    """What varies. `label` says it to researchers, by language."""

    name: FactorName
    label: dict[Language, Label]
    slot: Slot | None = None
    levels: Annotated[tuple[Level, ...], Field(min_length=2, max_length=MOST_LEVELS)]

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of its levels, in order; the first is the level that others are compared with."""
        return tuple(level.level for level in self.levels)


class VignettePlan(_Part):
    """A vignette study as it is said.

    `text` is the description by language, with `{name}` where a factor's wording belongs; `language` is the one that items are
    worded in. `practice` is what all vignettes share. `excluded` lists combinations that make no sense, each {factor: levels}: no
    vignette has one of these levels of every factor named. `interactions` are the pairs of factors whose joint effect is to be told
    apart from their own. Each respondent judges one of `decks`, `per_respondent` vignettes, by the item `rating`. The same `seed`
    gives the same decks.
    """

    title: Annotated[str, Field(min_length=1, max_length=500)]
    prefix: Prefix = "vignette"
    language: Language = "en"
    text: Annotated[dict[Language, Text], Field(min_length=1, max_length=60)]
    practice: Practice = Practice()
    factors: Annotated[tuple[Factor, ...], Field(min_length=1, max_length=MOST_FACTORS)]
    excluded: Annotated[
        tuple[Annotated[dict[FactorName, Annotated[tuple[Code, ...], Field(min_length=1, max_length=MOST_LEVELS)]],
                        Field(min_length=1, max_length=MOST_FACTORS)], ...],
        Field(max_length=200),
    ] = ()  # fmt: skip
    interactions: Annotated[tuple[tuple[FactorName, FactorName], ...], Field(max_length=20)] = ()
    per_respondent: Annotated[int, Field(strict=True, ge=1, le=MOST_PER_RESPONDENT)]
    decks: Annotated[int, Field(strict=True, ge=1, le=MOST_DECKS)]
    rating: Item
    seed: Annotated[int, Field(strict=True, ge=0, le=LARGEST_SEED)] = 0

    @property
    def sizes(self) -> tuple[int, ...]:
        """How many levels each factor has."""
        return tuple(len(factor.levels) for factor in self.factors)

    @property
    def vignettes(self) -> int:
        """How many vignettes all decks have together."""
        return self.decks * self.per_respondent

    @property
    def pairs(self) -> tuple[tuple[int, int], ...]:
        """The interactions as places of their factors."""
        place = {factor.name: number for number, factor in enumerate(self.factors)}
        return tuple((place[one], place[other]) for one, other in self.interactions)

    def levels_of(self, levels: Sequence[int]) -> dict[str, str]:
        """The codes of a vignette's levels, {factor: level}."""
        return {factor.name: factor.codes[level] for factor, level in zip(self.factors, levels, strict=True)}

    def text_in(self, language: str, levels: Sequence[int]) -> str:
        """The description of a vignette, given by the places of its levels. What an empty wording leaves is closed up."""
        wordings = {f.name: f.levels[level].wording[language] for f, level in zip(self.factors, levels, strict=True)}
        return re.sub(r"[ \t]{2,}", " ", self.text[language].format_map(wordings)).strip()

    def practice_of(self, levels: Sequence[int]) -> Practice:
        """The practice that a vignette describes."""
        stated = self.practice.model_dump()
        for factor, level in zip(self.factors, levels, strict=True):
            terms = factor.levels[level].terms
            if factor.slot is None or not terms:
                continue
            many = isinstance(stated[factor.slot], tuple)
            stated[factor.slot] = (*stated[factor.slot], *terms) if many else terms[0]
        return Practice.model_validate(stated)

    def nearest_language(self, wanted: str | None) -> str:
        """The language of the text that suits a reader best: the one wanted, one of the same tongue, or else the plan's own."""
        if wanted is None or wanted in self.text:
            return wanted or self.language
        tongue = wanted.split("-")[0].lower()
        return next((each for each in self.text if each.split("-")[0].lower() == tongue), self.language)
