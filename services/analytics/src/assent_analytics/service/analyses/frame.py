"""What a method works with: one collection's answers, groups and design as the request wants them, found by name or refused.

Bad names are the caller's mistakes, so they are problems here; what the data do not allow is CannotEstimate, raised by the
estimators.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assent_analytics.domain.distribution import Answers
from assent_analytics.estimation.weighting.margins import Margin
from assent_analytics.problems import ItemNotAsked, NotSuited, UnknownGroup, UnknownVariable
from assent_analytics.service.analyses.designs import PlanOf, design_of
from assent_analytics.service.analyses.request import AnalysisRequest
from assent_analytics.service.sample import Mask, Sample
from assent_analytics.service.study_items import item_id
from assent_contracts.events.survey import Instrument, Item
from assent_contracts.groups import GroupRef, GroupVariable

Floats = NDArray[np.float64]

EVERYONE = ""


@dataclass(frozen=True)
class Group:
    """A group of a variable, or everyone (both words empty); `members` (n,) are those of it whom the analysis is about."""

    variable: str
    group: str
    label: str
    members: Mask

    @property
    def about(self) -> dict[str, str]:
        """What a figure of this group says it is about."""
        return {"variable": self.variable, "group": self.group, "group_label": self.label} if self.variable else {}


@dataclass(frozen=True)
class Frame:
    """One collection as an analysis sees it."""

    sample: Sample
    instrument: Instrument
    request: AnalysisRequest
    used: dict[str, str] = field(default_factory=dict)
    """The columns that were asked for, by their name in a file of the data: what the recipe names."""
    items: dict[str, dict[str, Any]] = field(default_factory=dict)
    """The items that were asked for, in words."""
    variables: dict[str, str] = field(default_factory=dict)
    """The variables that were asked for, in words."""
    group_labels: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    """The groups of these variables that somebody is in, in words."""
    earlier: "Frame | None" = None
    """The collection that this one is compared with, where the request names one."""
    tokens: tuple[str, ...] = ()
    """Respondents' tokens as they are stored, for a comparison with another collection only; they are not kept."""

    @cached_property
    def design(self) -> PlanOf:
        """The design that the request chose. Raises CannotEstimate."""
        return design_of(self.sample, self.request.design)

    @property
    def raked(self) -> tuple[Margin, ...]:
        """The margins to which the responses are raked; none where the request wants no weights."""
        return self.sample.weighting.margins if self.request.design.weights != "none" else ()

    @cached_property
    def within(self) -> Mask:
        """Whom the analysis is about. Raises UnknownVariable, UnknownGroup."""
        for name, groups in self.request.within.items():
            known = {category.group for category in self.variable(name).categories}
            if unknown := [group for group in groups if group not in known]:
                raise UnknownGroup(f"{name!r} has no group {unknown[0]!r}")
        return self.sample.sharing({name: set(groups) for name, groups in self.request.within.items()})

    @cached_property
    def respondents(self) -> NDArray[np.str_]:
        """The respondents' tokens in the order of the sample, (n,)."""
        return np.array(self.tokens, dtype=str)[self.sample.usable]

    def item(self, id: str) -> Item:
        """An item that this collection asked. Raises ItemNotAsked."""
        for item in self.instrument.items:
            if item_id(self.instrument.instrument, self.instrument.number, item.name) == id:
                self.used[column_of_item(item)] = f"answers to {id}; empty: not asked"
                self.items[id] = described(item)
                return item
        raise ItemNotAsked(f"collection {self.request.collection!r} did not ask {id!r}")

    def scaled_item(self, id: str) -> Item:
        """An item with options to choose one from. Raises ItemNotAsked, NotSuited."""
        item = self.item(id)
        if item.kind != "single" or not item.scale:
            raise NotSuited(f"{id!r} is not a choice of one option")
        return item

    def variable(self, name: str) -> GroupVariable:
        """A variable of the study's groups. Raises UnknownVariable."""
        for variable in self.sample.scheme.variables:
            if variable.variable == name:
                self.used[column_of_variable(name)] = f"group of {name}; empty: not stated"
                self.variables[name] = variable.label
                stated = self.sample.stated(name)
                self.group_labels[name] = [
                    {"group": category.group, "label": category.label}
                    for place, category in enumerate(variable.categories)
                    if (stated == place).any()
                ]
                return variable
        raise UnknownVariable(f"the study's groups have no variable {name!r}")

    def groups(self, name: str) -> list[Group]:
        """The groups of a variable, in the scheme's order, as far as the analysis is about them."""
        variable, stated = self.variable(name), self.sample.stated(name)
        return [
            Group(name, category.group, category.label, (stated == place) & self.within)
            for place, category in enumerate(variable.categories)
        ]

    def everyone(self) -> Group:
        """All whom the analysis is about."""
        return Group(EVERYONE, EVERYONE, "All", self.within)

    def answers(self, item: Item) -> Answers:
        """Everybody's outcome of an item with options. Raises CannotEstimate `bad_value`."""
        return self.sample.answers(item)

    def values(self, id: str) -> tuple[Floats, Mask]:
        """An item as numbers: its own, or the places of its options counted from 1; and who gave one. Raises ItemNotAsked,
        NotSuited.
        """
        item = self.item(id)
        if item.kind == "number":
            values = self.sample.columns.number("answer", item.name)
            return values, np.isfinite(values)
        answers = self.answers(self.scaled_item(id))
        chosen = (answers.codes >= 0) & (answers.codes < len(answers.scale.options))
        return np.where(chosen, answers.codes + 1.0, np.nan), chosen

    def in_group(self, name: str, group: str) -> Mask:
        """Who of those whom the analysis is about belongs to one group. Raises UnknownVariable, UnknownGroup."""
        if group not in {category.group for category in self.variable(name).categories}:
            raise UnknownGroup(f"{name!r} has no group {group!r}")
        return self.sample.members((GroupRef(variable=name, group=group),)) & self.within


def column_of_item(item: Item) -> str:
    """An item's column in a file of the data."""
    return f"item_{re.sub(r'[^A-Za-z0-9_]', '_', item.name)}"


def column_of_variable(name: str) -> str:
    """A variable's column in a file of the data."""
    return f"group_{name}"


def option_labels(item: Item) -> Mapping[str, str]:
    """The labels of an item's options and of the outcomes beside them."""
    return {option.option: option.label for option in item.scale} | {
        "dont_know": "Don't know",
        "refused": "Refused",
        "break_off": "Broke off",
    }


def described(item: Item) -> dict[str, Any]:
    """An item in words: its wording, and its options in their order with what each means for support."""
    stances = {"supports": item.supports, "conditional": item.conditional, "opposes": item.opposes}
    apart = {item.dont_know, item.refused}
    return {
        "wording": item.wording,
        "options": [
            {
                "option": option.option,
                "label": option.label,
                "stance": next((stance for stance, options in stances.items() if option.option in options), None),
            }
            for option in item.scale
            if option.option not in apart
        ],
    }
