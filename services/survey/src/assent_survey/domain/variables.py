"""The columns of a file of responses, made from an instrument's items: their names, their numbers, and what the numbers mean.

One column for an item with one answer, one 0/1 column for each option of an item with several, a number for a number. Open text is
never a column: it may hold what identifies somebody.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from assent_survey.domain.collection import CollectionFacts
from assent_survey.domain.instrument import DESIGN_ROLES, Item
from assent_survey.domain.missing_codes import LABELS, missing_codes
from assent_survey.domain.variable_names import PLAIN, safe_names

Kind = Literal["category", "number", "word"]
Measure = Literal["nominal", "ordinal", "scale"]
Part = Literal["case", "version", "complete", "received", "answer", "weight", "stratum", "cluster"]

HIGHEST_CODE = 1_000_000_000
ORDERED_ROLES = ("attitude", "knowledge", "trust")
NOT_CHOSEN, CHOSEN = 0, 1


class Value(NamedTuple):
    """A number, the option (or the reason why there is none) that it stands for, and its label."""

    code: int
    option: str
    label: str


class LeftOut(NamedTuple):
    """An item that has no column, and why."""

    item: str
    why: str


@dataclass(frozen=True, slots=True)
class Variable:
    """A column. `values` are its categories and `missing` the numbers of missing answers; `option` is the one of which a 0/1 column
    of an item with several answers tells whether it was chosen.
    """

    name: str
    label: str
    kind: Kind
    measure: Measure
    part: Part = "answer"
    values: tuple[Value, ...] = ()
    missing: tuple[Value, ...] = ()
    item: Item | None = None
    option: str | None = None

    @property
    def full_name(self) -> str:
        """What it would be called if any name were safe: as its item, and as the option that it tells of."""
        if self.item is None:
            return self.name
        return self.item.name if self.option is None else f"{self.item.name}_{self.option}"

    @property
    def labelled(self) -> tuple[Value, ...]:
        """Every number that has a label."""
        return self.values + self.missing


_NO_OR_YES = (Value(0, "no", "No"), Value(1, "yes", "Yes"))
_FACTS_OF_CASES = (
    Variable("case_id", "Case, by a pseudonym of this export only", "word", "nominal", "case"),
    Variable("version", "How many versions of the response there were", "number", "scale", "version"),
    Variable("complete", "Whether the response was finished", "category", "nominal", "complete", _NO_OR_YES),
    Variable("received_on", "Day on which the response was received (UTC)", "word", "nominal", "received"),
)
"""The day is not in every export; but its name is kept free in all of them, so that an item is called the same in each."""


def variables_of(
    items: Sequence[Item],
    facts: CollectionFacts | None,
    *,
    language: str | None = None,
    received: bool = False,
    skips: Mapping[str, int] | None = None,
) -> tuple[tuple[Variable, ...], tuple[LeftOut, ...]]:
    """The columns of a collection's responses, and the items that have none.

    Without a collection's facts every weight, stratum and cluster has its column. `language` chooses the translation of wordings and
    labels; `received` adds the day of receipt; `skips` says for which items how many rows of missing codes are to be passed over
    (missing_codes).
    """
    variables, left_out = list(_FACTS_OF_CASES), []
    for item in items:
        why = _why_not(item, facts)
        if why is not None:
            left_out.append(LeftOut(item.name, why))
        else:
            variables += _Columns(item, language, (skips or {}).get(item.name, 0)).made()
    names = safe_names([variable.full_name for variable in variables], PLAIN)
    named = [replace(each, name=name) for each, name in zip(variables, names, strict=True)]
    return tuple(each for each in named if received or each.part != "received"), tuple(left_out)


def _why_not(item: Item, facts: CollectionFacts | None) -> str | None:
    if item.role in DESIGN_ROLES:
        named = facts is None or getattr(facts, item.role) == item.name
        return None if named else f"the collection does not name it as its {item.role}"
    return "open text may hold what identifies somebody" if item.kind == "text" else None


def option_codes(options: Sequence[str]) -> dict[str, int]:
    """The number of each option: its own where all are whole numbers and differ as such; else 1, 2, … in the order of the scale."""
    if all(option.removeprefix("-").isascii() and option.removeprefix("-").isdigit() for option in options):
        own = [int(option) for option in options]
        if len(set(own)) == len(own) and all(abs(code) <= HIGHEST_CODE for code in own):
            return dict(zip(options, own, strict=True))
    return {option: number for number, option in enumerate(options, start=1)}


@dataclass(frozen=True, slots=True)
class _Columns:
    """Makes the columns of one item, in one language."""

    item: Item
    language: str | None
    skip: int

    def made(self) -> list[Variable]:
        item = self.item
        if item.role in DESIGN_ROLES:
            return [self._design()]
        if item.kind == "number":
            low = item.range.low if item.range else None
            return [self._variable("number", "scale", missing=self._missing((), low))]
        codes = option_codes(item.options)
        if item.kind == "multiple":
            return self._flags()
        measure: Measure = "ordinal" if item.role in ORDERED_ROLES else "nominal"
        return [self._variable("category", measure, values=self._values(codes), missing=self._missing(codes.values()))]

    def _design(self) -> Variable:
        item = self.item
        if item.role == "weight":
            made = self._variable("number", "scale")
        elif item.scale:
            made = self._variable("category", "nominal", values=self._values(option_codes(item.options)))
        else:
            made = self._variable("word", "nominal")
        return replace(made, part=item.role)  # type: ignore[arg-type]  # a design role is a part

    def _flags(self) -> list[Variable]:
        values = (Value(NOT_CHOSEN, "not_chosen", "Not chosen"), Value(CHOSEN, "chosen", "Chosen"))
        one = self._variable("category", "nominal", values=values, missing=self._missing((NOT_CHOSEN, CHOSEN)))
        return [
            replace(one, label=f"{self._label(option, label)}: {one.label}", option=option)
            for option, label in ((each.option, each.label) for each in self.item.scale)
        ]

    def _variable(
        self, kind: Kind, measure: Measure, *, values: tuple[Value, ...] = (), missing: tuple[Value, ...] = ()
    ) -> Variable:
        translation = self.item.translations.get(self.language or "")
        wording = translation.wording if translation else self.item.wording
        return Variable(self.item.name, wording, kind, measure, values=values, missing=missing, item=self.item)

    def _values(self, codes: Mapping[str, int]) -> tuple[Value, ...]:
        labels = {each.option: each.label for each in self.item.scale}
        return tuple(Value(code, option, self._label(option, labels[option])) for option, code in codes.items())

    def _missing(self, taken: Iterable[int], low: float | None = None) -> tuple[Value, ...]:
        codes = missing_codes(frozenset(taken), low=low, skip=self.skip)
        own = self.item.missing.named
        return tuple(Value(code, reason, self._label(own.get(reason, ""), LABELS[reason])) for reason, code in codes.items())

    def _label(self, option: str, label: str) -> str:
        """An option's label in the language, where the item has it."""
        translation = self.item.translations.get(self.language or "")
        return translation.labels.get(option, label) if translation else label
