"""A submission in the instrument's own terms: coded answers, what is missing and why, groups, design values.

An answer that the mapping or the scale does not know is left out and reported by field, never by its words. Missing answers: the
codes of don't know and refused; a question that was shown and left empty counts as refused; one that did not arrive was not asked,
or, in a response that stops before it, is a break-off.
"""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from assent_contracts.stances import MissingAnswer
from assent_survey.domain.instrument import Item, Range
from assent_survey.domain.mapping import Mapping as FieldMapping
from assent_survey.domain.submission import LARGEST_NUMBER, Submission, Value

Answer = str | list[str] | float

_DESIGN_VALUE = re.compile(r"[A-Za-z0-9_.:-]{1,64}")


class Unmapped(NamedTuple):
    """A field whose answer could not be coded, and why. Never the answer itself."""

    field: str
    item: str | None
    why: str


@dataclass(frozen=True, slots=True)
class Coded:
    """What is kept of a submission, and what of it may leave the service (all but `texts` and `unmapped`)."""

    answers: dict[str, Answer] = field(default_factory=dict)
    missing: dict[str, MissingAnswer] = field(default_factory=dict)
    groups: dict[str, str] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    weight: float | None = None
    stratum: str | None = None
    cluster: str | None = None
    consented: bool = True
    unmapped: tuple[Unmapped, ...] = field(default=(), compare=False)

    def finished(self) -> "Coded":
        """The same answers in a response that turns out to be finished: what was a break-off was not asked."""
        missing: dict[str, MissingAnswer] = {name: "not_asked" if why == "break_off" else why for name, why in self.missing.items()}
        return replace(self, missing=missing)


class _CannotCode(Exception):
    """Why one answer has no place in the instrument."""


def code_submission(submission: Submission, items: Sequence[Item], mapping: FieldMapping) -> Coded:
    """Put a platform's submission into the instrument's terms."""
    values: dict[str, Value] = {}
    fields: dict[str, str] = {}
    codes: dict[str, Mapping[str, str] | None] = {}
    own_words: dict[str, str | None] = {}
    for name, mapped in mapping.items.items():
        sent, value = submission.value(mapped.field)
        if sent:
            values[name], fields[name], codes[name], own_words[name] = value, mapped.field, mapped.codes, mapped.own_words
    finished, separator = submission.finished, submission.separator
    coded = code_values(values, items, finished=finished, codes=codes, own_words=own_words, separator=separator)
    by_field = tuple(each._replace(field=fields[each.item]) if each.item else each for each in coded.unmapped)
    return replace(coded, unmapped=by_field + tuple(_unknown_fields(submission, mapping)))


def code_values(
    values: Mapping[str, Value],
    items: Sequence[Item],
    *,
    finished: bool,
    codes: Mapping[str, Mapping[str, str] | None] | None = None,
    own_words: Mapping[str, str | None] | None = None,
    separator: str | None = None,
) -> Coded:
    """Code values that are already sorted by item. `codes` translates an item's codes; without it theirs are ours. `own_words` is an
    item's code of what is none of them.
    """
    draft = _Draft()
    for item in items:
        if item.name not in values:
            continue
        try:
            reading = _Reading(values[item.name], (codes or {}).get(item.name), separator, (own_words or {}).get(item.name))
            draft.take(item, reading)
        except _CannotCode as reason:
            draft.unmapped.append(Unmapped(item.name, item.name, str(reason)))
    draft.unmapped += [
        Unmapped(name, None, "the instrument has no such item") for name in values.keys() - {item.name for item in items}
    ]
    missing = {**draft.missing, **dict(_absent(items, values, finished=finished))}
    return Coded(
        answers=draft.answers,
        missing=missing,
        groups=draft.groups,
        texts=draft.texts,
        weight=draft.weight,
        stratum=draft.stratum,
        cluster=draft.cluster,
        consented=_consented(items, draft.answers),
        unmapped=tuple(draft.unmapped),
    )


def code_value(item: Item, value: Value, *, codes: Mapping[str, str] | None = None, separator: str | None = None) -> Coded:
    """One item's answer by itself, by the same rules. Whoever codes whole columns asks once for each different value."""
    draft = _Draft()
    try:
        draft.take(item, _Reading(value, codes, separator))
    except _CannotCode as reason:
        draft.unmapped.append(Unmapped(item.name, item.name, str(reason)))
    return Coded(
        answers=draft.answers,
        missing=draft.missing,
        groups=draft.groups,
        texts=draft.texts,
        weight=draft.weight,
        stratum=draft.stratum,
        cluster=draft.cluster,
        consented=_consented((item,), draft.answers),
        unmapped=tuple(draft.unmapped),
    )


class _Reading(NamedTuple):
    """One value as it came, and how to read it."""

    value: Value
    codes: Mapping[str, str] | None
    separator: str | None
    own_words: str | None = None

    @property
    def empty(self) -> bool:
        """Shown and left empty; unless the mapping says what an empty value means, as for a box that was not ticked."""
        if isinstance(self.value, str) and not self.value.strip():
            return "" not in (self.codes or {})
        return self.value is None or self.value == ()

    def codes_of(self, item: Item) -> list[str]:
        """Our code of each option that was chosen, missing ones included. Raises _CannotCode when one is unknown."""
        return [self._code(item, names) for names in self._chosen(several=item.kind == "multiple")]

    def missing_number(self, item: Item) -> MissingAnswer | None:
        """Don't know or refused, where the number is the code of one of them."""
        try:
            codes = self.codes_of(item)
        except _CannotCode:
            return None
        return _missing(item, codes[0]) if len(codes) == 1 else None

    def number(self) -> float:
        """A number that is not too large, also where it came as text. Raises _CannotCode."""
        if isinstance(self.value, str | float) and not isinstance(self.value, bool):
            try:
                found = float(self.value)
            except ValueError:
                found = math.nan
            if abs(found) < LARGEST_NUMBER:  # nor NaN
                return found
        raise _CannotCode("not a number")

    def _chosen(self, *, several: bool) -> Sequence[tuple[str, ...]]:
        value = self.value
        if isinstance(value, str) and not value.strip():
            return [("",)]
        if isinstance(value, tuple):
            return value
        if isinstance(value, bool):
            return [(str(value).lower(),)]
        if isinstance(value, float):
            return [(f"{value:.15g}",)]
        if several and self.separator is not None:
            return [(word,) for word in str(value).split(self.separator) if word]
        return [(str(value),)]

    def _code(self, item: Item, names: tuple[str, ...]) -> str:
        for name in names:
            ours = name if self.codes is None else self.codes.get(name)
            if ours is not None and (ours in item.codes or not item.scale):
                return ours
        if self.own_words is not None and names != ("",):
            return self.own_words
        raise _CannotCode("the mapping has no such code" if self.codes is not None else "the scale has no such option")


def _missing(item: Item, code: str) -> MissingAnswer | None:
    return item.missing_by_code.get(code)


def _within(limits: Range | None, number: float) -> float:
    """The number, if it can be an answer. Raises _CannotCode."""
    if limits is not None and not ((limits.low is None or limits.low <= number) and (limits.high is None or number <= limits.high)):
        raise _CannotCode("the number is outside the item's range")
    return number


class _Draft:
    """The coded answers while items are read one by one."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.missing: dict[str, MissingAnswer] = {}
        self.groups: dict[str, str] = {}
        self.texts: dict[str, str] = {}
        self.weight: float | None = None
        self.stratum: str | None = None
        self.cluster: str | None = None
        self.unmapped: list[Unmapped] = []

    def take(self, item: Item, reading: _Reading) -> None:
        """Put one item's value where it belongs. Raises _CannotCode."""
        if item.role in ("weight", "stratum", "cluster"):
            self._take_design(item, reading)
        elif item.kind == "text":
            if isinstance(reading.value, str) and reading.value.strip():
                self.texts[item.name] = reading.value
        elif reading.empty:
            self.missing[item.name] = "refused"
        elif item.kind == "number":
            self._take_number(item, reading)
        else:
            self._take_options(item, reading)

    def _take_number(self, item: Item, reading: _Reading) -> None:
        missing = reading.missing_number(item)
        if missing is None:
            self.answers[item.name] = _within(item.range, reading.number())
        else:
            self.missing[item.name] = missing

    def _take_options(self, item: Item, reading: _Reading) -> None:
        codes = reading.codes_of(item)
        chosen = [code for code in codes if code in item.options]
        if not chosen:
            self.missing[item.name] = _missing(item, codes[0]) or "refused"
        elif item.kind == "multiple":
            self.answers[item.name] = sorted(set(chosen), key=item.options.index)
        elif len(codes) > 1:
            raise _CannotCode("several options where one is asked for")
        else:
            self.answers[item.name] = chosen[0]
            group = item.group_of(chosen[0])
            if item.variable is not None and group is not None:
                self.groups[item.variable] = group

    def _take_design(self, item: Item, reading: _Reading) -> None:
        if reading.empty:
            return
        if item.role == "weight":
            weight = reading.number()
            if weight < 0:
                raise _CannotCode("a weight is not negative")
            self.weight = weight
            return
        chosen = reading.codes_of(item)
        if len(chosen) != 1 or not _DESIGN_VALUE.fullmatch(chosen[0]):
            raise _CannotCode("not a code of letters, digits and _ . : -")
        if item.role == "stratum":
            self.stratum = chosen[0]
        else:
            self.cluster = chosen[0]


def _consented(items: Sequence[Item], answers: Mapping[str, Answer]) -> bool:
    """Every consent item answered with an option that gives consent; true where the instrument asks for none."""
    return all(answers.get(item.name) in item.supports for item in items if item.role == "consent")


def _absent(items: Sequence[Item], values: Mapping[str, Value], *, finished: bool) -> Iterator[tuple[str, MissingAnswer]]:
    """Items that did not arrive. An unfinished response breaks off after the last item that did."""
    last = max((number for number, item in enumerate(items) if item.name in values and item.counted), default=-1)
    for number, item in enumerate(items):
        if item.counted and item.name not in values:
            yield item.name, "not_asked" if finished or number < last else "break_off"


def _unknown_fields(submission: Submission, mapping: FieldMapping) -> Iterator[Unmapped]:
    known = {submission.aliases.get(name, name) for name in mapping.known}
    wanted = {submission.aliases.get(each.field, each.field): name for name, each in mapping.items.items()}
    for name in submission.fields.keys() - known:
        yield Unmapped(name, None, "the mapping does not name this field")
    for name in submission.nested:
        if name in wanted:
            yield Unmapped(name, wanted[name], "a value with a shape of its own")
        elif name not in known:
            yield Unmapped(name, None, "the mapping does not name this field")


def speaks_of(submission: Submission, mapping: FieldMapping) -> bool:
    """Whether the mapping knows at least one field of the submission; it need not where the submission has none yet."""
    known = {submission.aliases.get(name, name) for name in mapping.known}
    sent = submission.fields.keys() | set(submission.nested)
    return not sent or bool(known & sent)
