"""What an instrument asks: its items, what their options mean, and the rules that a usable instrument keeps.

Not here: how a platform's answers become ours (mapping, coding).
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from assent_contracts.events import survey as events
from assent_contracts.practice import Practice, Term
from assent_survey.domain.faults import Fault

Name = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,63}$", description="an item's name, such as `link_schools_police`")]
Code = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.:-]{1,64}$", description="an option's code, such as `acceptable`")]
Codes = Annotated[tuple[Code, ...], Field(max_length=100)]

DESIGN_ROLES = ("weight", "stratum", "cluster")
CHOSEN_KINDS = ("single", "multiple")
_SUBSTANTIVE_LISTS = ("supports", "conditional", "opposes")


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ScaleOption(_Part):
    """An answer that can be chosen, as it was worded."""

    option: Code
    label: Annotated[str, Field(min_length=1, max_length=500)]


class MissingCodes(_Part):
    """The codes of don't know and refused: options beside the scale, kept apart from it and from each other."""

    dont_know: Code | None = None
    refused: Code | None = None


class Item(_Part):
    """One question. The order of `scale` is the order of its options.

    `supports`, `conditional` and `opposes` say what the options of an attitude mean for the practice; for the consent item `supports`
    are the options that give consent. `condition` is the change of practice that a conditional answer asks for. A demographic item
    says which `variable` of the study's groups it measures, and by `groups` which word each option stands for; without `groups` the
    options themselves are the words.
    """

    name: Name
    wording: Annotated[str, Field(min_length=1, max_length=4000)]
    kind: events.ItemKind
    role: events.ItemRole = "attitude"
    scale: Annotated[tuple[ScaleOption, ...], Field(max_length=100)] = ()
    missing: MissingCodes = MissingCodes()
    practice: Practice = Practice()
    supports: Codes = ()
    conditional: Codes = ()
    opposes: Codes = ()
    condition: Practice | None = None
    variable: Term | None = None
    groups: dict[Code, Annotated[str, Field(min_length=1, max_length=64)]] | None = None

    @cached_property
    def options(self) -> tuple[str, ...]:
        """The codes of the scale, in order."""
        return tuple(each.option for each in self.scale)

    @cached_property
    def codes(self) -> frozenset[str]:
        """Every code that an answer may have: the scale's, don't know and refused."""
        return frozenset(self.options) | {code for code in (self.missing.dont_know, self.missing.refused) if code is not None}

    @property
    def counted(self) -> bool:
        """Whether an answer, or its absence, is part of what is analysed."""
        return self.kind != "text" and self.role not in DESIGN_ROLES

    def group_of(self, option: str) -> str | None:
        """The group's word that an option stands for, in a demographic item."""
        if self.variable is None:
            return None
        return option if self.groups is None else self.groups.get(option)

    def as_event(self) -> events.Item:
        """The item as the other services hear of it."""
        stated = self.model_dump(exclude={"missing", "groups"})
        return events.Item(**stated, dont_know=self.missing.dont_know, refused=self.missing.refused)


Items = Annotated[tuple[Item, ...], Field(min_length=1, max_length=1000)]


def instrument_faults(items: Sequence[Item]) -> list[Fault]:
    """Every rule that the items break; empty when they make an instrument."""
    faults = [fault for number, item in enumerate(items) for fault in _item_faults(f"/items/{number}", item)]
    faults += _repeats([(f"/items/{number}/name", item.name) for number, item in enumerate(items)], "item")
    faults += _repeats([(f"/items/{n}/variable", item.variable) for n, item in enumerate(items) if item.variable], "variable")
    for role in ("consent", *DESIGN_ROLES):
        faults += _repeats([(f"/items/{n}/role", role) for n, item in enumerate(items) if item.role == role], "role")
    return faults


def _item_faults(at: str, item: Item) -> Iterator[Fault]:
    yield from _scale_faults(at, item)
    yield from _meaning_faults(at, item)
    yield from _role_faults(at, item)


def _scale_faults(at: str, item: Item) -> Iterator[Fault]:
    options = item.options
    if item.kind in CHOSEN_KINDS and not options and item.role not in DESIGN_ROLES:
        yield Fault(f"{at}/scale", f"an item of kind {item.kind} needs options")
    if item.kind not in CHOSEN_KINDS and options:
        yield Fault(f"{at}/scale", f"an item of kind {item.kind} has no options")
    yield from _repeats([(f"{at}/scale/{number}/option", option) for number, option in enumerate(options)], "option")
    for name in ("dont_know", "refused"):
        if getattr(item.missing, name) in options:
            yield Fault(f"{at}/missing/{name}", "it is kept apart from the scale: take it out of `scale`")
    if item.missing.dont_know is not None and item.missing.dont_know == item.missing.refused:
        yield Fault(f"{at}/missing/refused", "don't know and refused need codes of their own")


def _meaning_faults(at: str, item: Item) -> Iterator[Fault]:
    listed: dict[str, str] = {}
    for name in _SUBSTANTIVE_LISTS:
        for number, option in enumerate(getattr(item, name)):
            pointer = f"{at}/{name}/{number}"
            if option not in item.options:
                yield Fault(pointer, f"{option!r} is not an option of the scale")
            elif option in listed:
                yield Fault(pointer, f"{option!r} is in {listed[option]} already")
            listed.setdefault(option, name)
    if listed and item.kind != "single":
        yield Fault(f"{at}/kind", "options that support or oppose need an item of kind single")
    if item.condition is not None and not item.conditional:
        yield Fault(f"{at}/condition", "it belongs to options listed in `conditional`")


def _role_faults(at: str, item: Item) -> Iterator[Fault]:
    if item.role == "consent" and not item.supports:
        yield Fault(f"{at}/supports", "list the options that give consent")
    if item.role == "demographic" and item.kind == "text":
        yield Fault(f"{at}/kind", "a demographic item is coded, never open text")
    if item.role == "weight" and item.kind != "number":
        yield Fault(f"{at}/kind", "a weight is a number")
    if item.role in ("stratum", "cluster") and item.kind == "multiple":
        yield Fault(f"{at}/kind", f"a {item.role} has one value")
    if item.variable is not None and (item.role, item.kind) != ("demographic", "single"):
        yield Fault(f"{at}/variable", "only a demographic item of kind single measures a variable")
    if item.groups is not None and item.variable is None:
        yield Fault(f"{at}/groups", "say which `variable` these are groups of")
    for option in item.groups or {}:
        if option not in item.options:
            yield Fault(f"{at}/groups/{option}", f"{option!r} is not an option of the scale")


def _repeats(named: Iterable[tuple[str, str]], what: str) -> Iterator[Fault]:
    seen: Counter[str] = Counter()
    for pointer, name in named:
        if seen[name]:
            yield Fault(pointer, f"the {what} {name!r} is there already")
        seen[name] += 1
