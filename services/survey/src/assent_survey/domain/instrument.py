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
from assent_contracts.stances import MissingAnswer
from assent_survey.domain.faults import Fault

Name = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,63}$", description="an item's name, such as `link_schools_police`")]
Code = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.:-]{1,64}$", description="an option's code, such as `acceptable`")]
Codes = Annotated[tuple[Code, ...], Field(max_length=1000)]
Language = Annotated[
    str, Field(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$", description="a BCP 47 tag, such as `cy` or `en-GB`")
]
Wording = Annotated[str, Field(min_length=1, max_length=4000)]
Limit = Annotated[float, Field(allow_inf_nan=False)]
Label = Annotated[str, Field(min_length=1, max_length=500)]

DESIGN_ROLES = ("weight", "stratum", "cluster")
CHOSEN_KINDS = ("single", "multiple")
MISSING_NAMES = ("dont_know", "refused", "not_asked")
_NOT_SAID = {"missing", "groups", "range", "translations", "routing", "section", "origin"}
_SUBSTANTIVE_LISTS = ("supports", "conditional", "opposes")


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ScaleOption(_Part):
    """An answer that can be chosen, as it was worded."""

    option: Code
    label: Label


class MissingCodes(_Part):
    """The codes of don't know, refused and not asked: beside the scale, kept apart from it and from each other."""

    dont_know: Code | None = None
    refused: Code | None = None
    not_asked: Code | None = None

    @property
    def named(self) -> dict[str, str]:
        """Which code stands for what, {dont_know | refused | not_asked: code}, without those that have none."""
        return {name: code for name in MISSING_NAMES if (code := getattr(self, name)) is not None}


class Translation(_Part):
    """An item in another language: its wording, and the labels of its options by their codes, missing ones included."""

    wording: Wording
    labels: dict[Code, Label] = Field(default_factory=dict, max_length=1000)


class Origin(_Part):
    """Where a question was taken from, and on what terms it may be used."""

    source: Label
    licence: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    url: Annotated[str, Field(max_length=1000, pattern=r"^https?://")] | None = None
    bank_item: Annotated[str, Field(max_length=40)] | None = None


class Range(_Part):
    """The least and the greatest number that is an answer."""

    low: Limit | None = None
    high: Limit | None = None


class Item(_Part):
    """One question. The order of `scale` is the order of its options.

    `supports`, `conditional` and `opposes` say what the options of an attitude mean for the practice; for the consent item `supports`
    are the options that give consent. `condition` is the change of practice that a conditional answer asks for. A demographic item
    says which `variable` of the study's groups it measures, and by `groups` which word each option stands for; without `groups` the
    options themselves are the words. `translations` are the item in other languages. `routing` is the condition under which it is
    asked, in the words of the instrument's own format: kept to be read, never evaluated. `section` is the part it stands in.
    """

    name: Name
    wording: Wording
    kind: events.ItemKind
    role: events.ItemRole = "attitude"
    scale: Annotated[tuple[ScaleOption, ...], Field(max_length=1000)] = ()
    missing: MissingCodes = MissingCodes()
    practice: Practice = Practice()
    supports: Codes = ()
    conditional: Codes = ()
    opposes: Codes = ()
    condition: Practice | None = None
    variable: Term | None = None
    groups: dict[Code, Annotated[str, Field(min_length=1, max_length=64)]] | None = None
    range: Range | None = None
    translations: Annotated[dict[Language, Translation], Field(max_length=60)] = Field(default_factory=dict)
    routing: Annotated[str, Field(max_length=4000)] | None = None
    section: Annotated[str, Field(max_length=500)] | None = None
    origin: Origin | None = None

    @cached_property
    def options(self) -> tuple[str, ...]:
        """The codes of the scale, in order."""
        return tuple(each.option for each in self.scale)

    @cached_property
    def codes(self) -> frozenset[str]:
        """Every code that an answer may have: the scale's, don't know, refused and not asked."""
        return frozenset(self.options) | frozenset(self.missing.named.values())

    @cached_property
    def missing_by_code(self) -> dict[str, MissingAnswer]:
        """What each missing code stands for."""
        return {code: name for name, code in self.missing.named.items()}  # type: ignore[misc]  # the names are MissingAnswer's own

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
        stated = self.model_dump(exclude=_NOT_SAID)
        return events.Item(**stated, dont_know=self.missing.dont_know, refused=self.missing.refused)


Items = Annotated[tuple[Item, ...], Field(min_length=1, max_length=1000)]


def instrument_faults(items: Sequence[Item]) -> list[Fault]:
    """Every rule that the items break; empty when they make an instrument."""
    faults = [fault for number, item in enumerate(items) for fault in _item_faults(f"/items/{number}", item)]
    faults += _repeats([(f"/items/{number}/name", item.name) for number, item in enumerate(items)], "item")
    faults += _repeats([(f"/items/{n}/variable", item.variable) for n, item in enumerate(items) if item.variable], "variable")
    for role in DESIGN_ROLES:
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
    named = item.missing.named
    for name, code in named.items():
        if code in options:
            yield Fault(f"{at}/missing/{name}", "it is kept apart from the scale: take it out of `scale`")
        if list(named.values()).index(code) < list(named).index(name):
            yield Fault(f"{at}/missing/{name}", "don't know, refused and not asked need codes of their own")
    for language, translation in item.translations.items():
        for code in translation.labels.keys() - item.codes:
            yield Fault(
                f"{at}/translations/{language}/labels/{code}", f"{code!r} is neither an option of the scale nor a missing code"
            )
    if item.range is not None:
        yield from _range_faults(at, item, item.range)


def _range_faults(at: str, item: Item, limits: Range) -> Iterator[Fault]:
    if item.kind != "number":
        yield Fault(f"{at}/range", "only a number has a range")
    if limits.low is not None and limits.high is not None and limits.high < limits.low:
        yield Fault(f"{at}/range/high", "the greatest is less than the least")


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
