"""The social groups of parents that items, participants, cohorts and targets all point to.

A study sets its own scheme. Answers, participant attributes and cohort descriptions name a category by its own name or by one of
its aliases; `GroupScheme.resolve` is the one place that turns such a word into a category.
"""

from collections.abc import Iterable

from pydantic import BaseModel, ConfigDict, Field, model_validator

from assent_contracts.practice import Term


class GroupRef(BaseModel):
    """One category of one variable, such as lone_parent = yes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    variable: Term
    group: Term


class GroupCategory(BaseModel):
    """A category of a variable, with the other words by which answers and attributes name it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    group: Term
    label: str = Field(min_length=1, max_length=200)
    definition: str = Field(default="", max_length=2000)
    aliases: tuple[str, ...] = Field(default=(), max_length=64)


class GroupVariable(BaseModel):
    """A variable such as ethnicity, with its categories in their customary order."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    variable: Term
    label: str = Field(min_length=1, max_length=200)
    source: str = Field(default="", max_length=500, description="the scheme it follows, such as the census or NS-SEC")
    categories: tuple[GroupCategory, ...] = Field(min_length=1, max_length=64)

    @model_validator(mode="after")
    def _names_are_unique(self) -> "GroupVariable":
        _refuse_repeats((name for category in self.categories for name in {category.group, *category.aliases}), self.variable)
        return self


class GroupScheme(BaseModel):
    """The study's groups: every variable with its categories."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    variables: tuple[GroupVariable, ...] = Field(default=(), max_length=64)

    @model_validator(mode="after")
    def _variables_are_unique(self) -> "GroupScheme":
        _refuse_repeats((variable.variable for variable in self.variables), "variables")
        return self

    def resolve(self, variable: str, word: str) -> GroupRef | None:
        """The category that `word` names in `variable`, or None when the scheme knows no such word."""
        for known in self.variables:
            if known.variable == variable:
                for category in known.categories:
                    if word == category.group or word in category.aliases:
                        return GroupRef(variable=variable, group=category.group)
        return None

    def resolve_all(self, attributes: dict[str, str]) -> dict[str, str]:
        """Attributes as {variable: group}, leaving out words that the scheme does not know."""
        found = (self.resolve(variable, word) for variable, word in attributes.items())
        return {ref.variable: ref.group for ref in found if ref is not None}

    def label(self, ref: GroupRef) -> str:
        """A group in words, such as `Family form: lone parent`; its bare names when the scheme does not know it."""
        for known in self.variables:
            if known.variable == ref.variable:
                for category in known.categories:
                    if category.group == ref.group:
                        return f"{known.label}: {category.label}"
        return f"{ref.variable}: {ref.group}"


def _refuse_repeats(names: Iterable[str], where: str) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise ValueError(f"{name!r} is named twice in {where}")
        seen.add(name)
