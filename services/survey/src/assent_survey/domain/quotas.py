"""Quotas: how many interviews are wanted of whom, and whether another of the same kind still is.

A cell is a conjunction over demographic items: by groups where an item measures a variable, by its options where it measures none. One
condition makes a single quota, several a crossed one. A response counts in every cell that it meets.

Not here: counting the responses (store), and stopping anybody: the survey platform asks, and decides.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from assent_contracts.practice import Term
from assent_survey.domain.faults import Fault
from assent_survey.domain.instrument import Code, Item, Name

State = Literal["open", "full"]
Group = Annotated[str, Field(min_length=1, max_length=64)]
Key = tuple[Literal["groups", "answers"], str]
"""What a condition is about: a variable of `groups`, or an item of `answers`."""
Kind = Mapping[Key, str]
"""What is known of a respondent."""


class Cell(BaseModel):
    """Whom a quota is about, as {variable: group} and {item: option}, and how many complete interviews of them are wanted."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    groups: dict[Term, Group] = Field(default_factory=dict, max_length=8)
    answers: dict[Name, Code] = Field(default_factory=dict, max_length=8)
    target: Annotated[int, Field(strict=True, ge=0, le=10_000_000)]

    @property
    def conditions(self) -> dict[Key, str]:
        """Both kinds of conditions."""
        return kind_of(self.groups, self.answers)


Cells = Annotated[tuple[Cell, ...], Field(max_length=500)]


@dataclass(frozen=True, slots=True)
class Filled:
    """A cell and how many there are of it."""

    cell: Cell
    count: int

    @property
    def state(self) -> State:
        """Whether another is wanted."""
        return "open" if self.count < self.cell.target else "full"


def kind_of(groups: Mapping[str, str], answers: Mapping[str, str]) -> dict[Key, str]:
    """What is known of a respondent, as conditions are compared with."""
    return {("groups", name): word for name, word in groups.items()} | {("answers", name): code for name, code in answers.items()}


def keys_of(cells: Sequence[Cell]) -> list[Key]:
    """Everything that the conditions are about, in a fixed order."""
    return sorted({key for cell in cells for key in cell.conditions})


def count_cells(cells: Sequence[Cell], counts: Sequence[tuple[Kind, int]]) -> list[Filled]:
    """How full each cell is. `counts` are numbers of responses by kind, each response in one of them."""
    return [Filled(cell, sum(count for kind, count in counts if meets(kind, cell))) for cell in cells]


def meets(kind: Kind, cell: Cell) -> bool:
    """Whether somebody of this kind is in a cell. What is not known of them meets nothing."""
    return all(kind.get(key) == word for key, word in cell.conditions.items())


def screen(filled: Sequence[Filled], kind: Kind) -> tuple[State, list[Filled]]:
    """Whether somebody of this kind is still wanted, and the cells they are in: full as soon as one of these is."""
    theirs = [each for each in filled if meets(kind, each.cell)]
    return ("full" if any(each.state == "full" for each in theirs) else "open"), theirs


def quota_faults(cells: Sequence[Cell], items: Sequence[Item]) -> Iterator[Fault]:
    """What in the cells does not fit the instrument."""
    seen: set[tuple[tuple[Key, str], ...]] = set()
    for number, cell in enumerate(cells):
        at = f"/cells/{number}"
        if not cell.conditions:
            yield Fault(at, "say whom it is about, by `groups` or `answers`")
        for (what, name), word in cell.conditions.items():
            if problem := _condition_fault(what, name, word, items):
                yield Fault(f"{at}/{what}/{name}", problem)
        whole = tuple(sorted(cell.conditions.items()))
        if whole in seen:
            yield Fault(at, "this cell is there already")
        seen.add(whole)


def _condition_fault(what: str, name: str, word: str, items: Sequence[Item]) -> str | None:
    demographic = [item for item in items if item.role == "demographic" and item.kind == "single"]
    if what == "groups":
        item = next((each for each in demographic if each.variable == name), None)
        known = set() if item is None else {item.group_of(option) for option in item.options}
        missing = "no demographic item of the instrument measures this variable"
    else:
        item = next((each for each in demographic if each.name == name), None)
        known = set() if item is None else set(item.options)
        missing = "the instrument has no demographic item of kind single with this name"
    if item is None:
        return missing
    return None if word in known else f"{word!r} is not among its {'groups' if what == 'groups' else 'options'}"
