"""How the columns of a file become an instrument's items, as the researcher states it for an import.

It is the mapping of a connection, for files: an item may be spread over columns of its own, one for each option, and columns say whose
a row is. Not here: how cells are coded (coding), and how files are read (formats).
"""

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from assent_survey.domain.faults import Fault
from assent_survey.domain.instrument import Code, Item, Name

ColumnName = Annotated[
    str, Field(min_length=1, max_length=500, description="a column's name in the file's first line, or an SPSS name")
]

CHOSEN = frozenset({"1", "y", "yes", "true", "checked", "selected"})
NOT_CHOSEN = frozenset({"", "0", "n", "no", "false", "unchecked", "not selected"})
"""What the cells of an option's own column say, in small letters; the option's code or label also says that it was chosen."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ColumnMapping(_Part):
    """Where an item's answer is: in one `column`, where `codes` say what its cells mean; or in `columns`, one for each option."""

    column: ColumnName | None = None
    codes: dict[Annotated[str, Field(max_length=1000)], Code] | None = Field(default=None, max_length=3000)
    columns: dict[Code, ColumnName] | None = Field(default=None, min_length=1, max_length=1000)

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.column is None) == (self.columns is None):
            raise ValueError("name either one column, or a column for each option")
        if self.columns is not None and self.codes is not None:
            raise ValueError("columns of options have no codes")
        return self


class CompleteWhen(_Part):
    """A response is finished where the column holds one of these values."""

    column: ColumnName
    values: Annotated[tuple[Annotated[str, Field(max_length=200)], ...], Field(min_length=1, max_length=100)]


class ImportPlan(_Part):
    """What the columns of a file are.

    `response` names the response and `respondent` the person: at least one, so that the same file makes nothing twice and everyone can
    withdraw; a column that is not given takes the other's place. `platform` says that the names are those of that platform, so that
    what it delivers and what is imported are the same responses. `updated_at` puts accounts of one response in order; without it
    the last to arrive stands. With `codes_by` "label" the cells are the labels of the instrument's options. `blank` says what an
    empty cell is: a question that was not put, or one that was put and left empty. `separator` parts several choices in one cell.
    """

    items: dict[Name, ColumnMapping] = Field(min_length=1, max_length=1000)
    respondent: ColumnName | None = None
    response: ColumnName | None = None
    platform: Annotated[str, Field(max_length=40)] | None = None
    complete: bool | CompleteWhen = True
    submitted_at: ColumnName | None = None
    updated_at: ColumnName | None = None
    codes_by: Literal["value", "label"] = "value"
    blank: Literal["not_asked", "refused"] = "not_asked"
    separator: Annotated[str, Field(min_length=1, max_length=5)] | None = None
    encoding: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.:-]{1,40}$")] | None = None

    @cached_property
    def columns(self) -> frozenset[str]:
        """Every column that is read."""
        named = [self.respondent, self.response, self.submitted_at, self.updated_at]
        named += [self.complete.column] if isinstance(self.complete, CompleteWhen) else []
        for mapped in self.items.values():
            named += [mapped.column] if mapped.columns is None else list(mapped.columns.values())
        return frozenset(name for name in named if name is not None)

    @property
    def named_by(self) -> tuple[str, str]:
        """The columns that name the response and the respondent."""
        response, respondent = self.response or self.respondent, self.respondent or self.response
        assert response is not None  # the rules of `plan_faults`
        assert respondent is not None
        return response, respondent

    def codes_of(self, item: Item) -> dict[str, str] | None:
        """What the cells of an item's column mean; None when they are our codes."""
        stated = self.items[item.name].codes
        if stated is not None or self.codes_by == "value" or not item.scale:
            return stated
        named = {option.label: option.option for option in item.scale}
        for translation in item.translations.values():
            named |= {label: code for code, label in translation.labels.items()}
        return named


def plan_faults(plan: ImportPlan, items: Sequence[Item]) -> Iterator[Fault]:
    """What in the plan does not fit the instrument or itself."""
    if plan.respondent is None and plan.response is None:
        yield Fault("/metadata/response", "name the column that says which response, or whose, a row is")
    by_name = {item.name: item for item in items}
    for name, mapped in plan.items.items():
        at, item = f"/metadata/items/{name}", by_name.get(name)
        if item is None:
            yield Fault(at, f"the instrument has no item {name!r}")
        elif mapped.columns is not None:
            if item.kind != "multiple":
                yield Fault(f"{at}/columns", "only an item of kind multiple has a column for each option")
            for option in mapped.columns.keys() - item.codes:
                yield Fault(f"{at}/columns/{option}", f"{option!r} is neither an option of {name} nor a missing code")
        elif mapped.codes and item.kind == "text":
            yield Fault(f"{at}/codes", "open text has no codes")
        elif mapped.codes and item.scale:
            for ours in sorted(set(mapped.codes.values()) - item.codes):
                yield Fault(f"{at}/codes", f"{ours!r} is neither an option of {name} nor a missing code")


def column_faults(plan: ImportPlan, header: Sequence[str]) -> Iterator[Fault]:
    """Columns that are named and are not in the file, or are in it twice."""
    for name in sorted(plan.columns):
        found = header.count(name)
        if found != 1:
            yield Fault("/metadata", f"the file has {'no column' if not found else 'several columns'} {name!r}")
