"""How a platform's fields and codes become an instrument's items and options, as the researcher states it for a connection."""

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from assent_survey.domain.faults import Fault
from assent_survey.domain.instrument import CHOSEN_KINDS, Code, Item, Name
from assent_survey.domain.submission import Submission

FieldName = Annotated[
    str, Field(min_length=1, max_length=500, description="the platform's name of a field, such as a question's id")
]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ItemMapping(_Part):
    """Where an item's answer is found, and what the platform's codes (labels, references) mean. Without `codes` theirs are ours.

    `own_words` is our code for whatever else arrives: some platforms put what a respondent wrote in the place of the option "Other".
    """

    field: FieldName
    codes: dict[Annotated[str, Field(max_length=1000)], Code] | None = Field(default=None, max_length=3000)
    own_words: Code | None = None


class MarkOfTests(_Part):
    """A field (or fact) by which the platform says that a response is a test, and what it then holds, such as `true` or `preview`."""

    field: FieldName
    values: tuple[Annotated[str, Field(min_length=1, max_length=200)], ...] = Field(min_length=1, max_length=50)


class Mapping(_Part):
    """`respondent` is the field that says who answers; without it each response is a respondent, named by the platform's id of it.

    `test` is how the platform tells a test from an answer, where its format does not say so itself. `ignore` lists fields that are known
    and not wanted. Any other field that no item names is reported with its delivery.
    """

    respondent: FieldName | None = None
    items: dict[Name, ItemMapping] = Field(default_factory=dict, max_length=1000)
    ignore: tuple[FieldName, ...] = Field(default=(), max_length=1000)
    test: MarkOfTests | None = None

    @cached_property
    def known(self) -> frozenset[str]:
        """Every field that the mapping speaks of."""
        found = {each.field for each in self.items.values()} | set(self.ignore)
        found |= {self.respondent} if self.respondent is not None else set()
        return frozenset(found | {self.test.field} if self.test is not None else found)

    def marks_test(self, submission: Submission) -> bool:
        """Whether the submission is marked as a test."""
        return self.test is not None and submission.text(self.test.field) in self.test.values


def mapping_faults(mapping: Mapping, items: Sequence[Item]) -> Iterator[Fault]:
    """What in the mapping does not fit the instrument."""
    by_name = {item.name: item for item in items}
    for name, mapped in mapping.items.items():
        at = f"/mapping/items/{name}"
        item = by_name.get(name)
        if item is None:
            yield Fault(at, f"the instrument has no item {name!r}")
            continue
        if mapped.codes and item.kind in CHOSEN_KINDS and item.scale:
            for theirs, ours in mapped.codes.items():
                if ours not in item.codes:
                    yield Fault(f"{at}/codes/{_escaped(theirs)}", f"{ours!r} is neither an option of {name} nor a missing code")
        elif mapped.codes and item.kind == "text":
            yield Fault(f"{at}/codes", "open text has no codes")
        if mapped.own_words is not None and mapped.own_words not in item.options:
            yield Fault(f"{at}/own_words", f"{mapped.own_words!r} is not an option of {name}")
        if mapped.field in mapping.ignore:
            yield Fault("/mapping/ignore", f"{mapped.field!r} is mapped to {name} and ignored at once")


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")
