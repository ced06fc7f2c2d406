"""The sets of respondents that a table tells about, drawn again from today's answers by the table's definition."""

from collections.abc import Iterator

import numpy as np

from assent_analytics.domain.differencing import Conditions, Cut
from assent_analytics.domain.distribution import Answers
from assent_analytics.domain.release import Counts, TableDefinition
from assent_analytics.domain.targets import GroupKey
from assent_analytics.domain.withholding import Bools
from assent_analytics.service.sample import Sample, label_of
from assent_contracts.groups import GroupRef

EVERYONE = "everyone"
PEOPLE = f"{EVERYONE}: people"
"""The cell that says how many there are in all."""


def counts_of(sample: Sample, answers: Answers | None, definition: TableDefinition) -> Counts:
    """The unweighted counts behind a table by cell, hidden ones too. Without an item they are numbers of respondents."""
    inside = within(sample, definition.within)
    if answers is not None:
        inside &= answers.asked
    counts = _cells(EVERYONE, answers, inside, every_outcome=True)
    for who in definition.groups:
        members = inside & sample.members(who)
        counts |= _cells(_name(who), answers, members, every_outcome=definition.answers == "outcomes")
    return counts


def cuts_of(sample: Sample, definition: TableDefinition) -> list[Cut]:
    """Everyone, the groups that are shown, and what is left without each of them."""
    inside = within(sample, definition.within)
    conditions = _conditions(definition.within)
    found = [Cut(EVERYONE, conditions, inside)]
    for who in definition.shown:
        members = sample.members(who)
        found.append(Cut(label_of(who, sample.scheme), _both(conditions, _conditions(who)), inside & members))
        if len(who) == 1:
            name = f"everyone but {label_of(who, sample.scheme)}"
            found.append(Cut(name, _both(conditions, _others(sample, who[0])), inside & ~members))
    return found


def within(sample: Sample, refs: tuple[GroupRef, ...]) -> Bools:
    """Who passes a filter: one of the groups of every variable that it names, (n,)."""
    wanted: dict[str, set[str]] = {}
    for ref in refs:
        wanted.setdefault(ref.variable, set()).add(ref.group)
    return sample.sharing(wanted)


def _cells(name: str, answers: Answers | None, members: Bools, *, every_outcome: bool) -> dict[str, int]:
    """How many people there are, how many of them support it, and how many chose each outcome where that is told."""
    cells = {f"{name}: people": int(members.sum())}
    if answers is None:
        return cells
    cells[f"{name}: all support"] = int((answers.supports & members).sum())
    if every_outcome:
        found = np.bincount(answers.codes[members], minlength=len(answers.scale.outcomes))
        cells |= {f"{name}: {outcome}": int(count) for outcome, count in zip(answers.scale.outcomes, found, strict=True)}
    return cells


def _name(who: GroupKey) -> str:
    return " & ".join(f"{ref.variable}={ref.group}" for ref in who)


def _conditions(refs: tuple[GroupRef, ...]) -> Conditions:
    variables = dict.fromkeys(ref.variable for ref in refs)
    return {variable: frozenset(ref.group for ref in refs if ref.variable == variable) for variable in variables}


def _others(sample: Sample, ref: GroupRef) -> Conditions:
    """Every other category of the variable, and those who did not say."""
    return {ref.variable: frozenset({None, *_categories(sample, ref.variable)}) - {ref.group}}


def _categories(sample: Sample, variable: str) -> Iterator[str]:
    for known in sample.scheme.variables:
        if known.variable == variable:
            yield from (category.group for category in known.categories)


def _both(one: Conditions, other: Conditions) -> Conditions:
    variables = {**one, **other}
    return {
        variable: one[variable] & other[variable] if variable in one and variable in other else variables[variable]
        for variable in variables
    }
