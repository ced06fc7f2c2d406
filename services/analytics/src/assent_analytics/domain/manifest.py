"""What accompanies every output that leaves: who released it, from which data and code, of what class, and how each check went.

Classes are the statbarns of the SACRO guide, under which outputs of one class carry the same risks; checks are worded for a reader who was
not there. An output with a failed check does not leave; one that a check wants looked at leaves only with a reason for the exception.
Not here: the checks themselves.
"""

from collections.abc import Iterable
from typing import Literal

from pydantic import Field

from assent_analytics.domain.item_view import Part

Outcome = Literal["pass", "review", "fail"]

Statbarn = Literal[
    "frequencies",
    "statistical_hypothesis_tests",
    "coefficients_of_association",
    "position",
    "extreme_values",
    "shape",
    "linear_aggregations",
    "mode",
    "smooth_concentration_ratios",
    "non_linear_concentration_ratios",
    "odds_ratios",
    "hazard_and_survival_tables",
    "linked_tables",
    "clusters",
]

_WORST_FIRST: tuple[Outcome, ...] = ("fail", "review", "pass")


class Check(Part):
    """One check of an output."""

    name: str = Field(description="what was checked, such as `threshold` or `differencing`")
    outcome: Outcome
    detail: str = Field(description="what was found, in words")


class Made(Part):
    """The data that an output was made from."""

    collection: str
    edition: str = Field(description="the edition of the collection's responses")


class Manifest(Part):
    """The record that accompanies an output."""

    statbarn: Statbarn = Field(description="the class of the output, which says what risks it carries")
    software: str = Field(description="the version of the code that made it")
    data: list[Made]
    threshold: int = Field(description="unweighted counts below this are not shown")
    checks: list[Check]
    outcome: Outcome = Field(description="the worst of its checks")
    exception: str | None = Field(None, description="why it was released although a check wanted it looked at")


def worst(checks: Iterable[Check]) -> Outcome:
    """The outcome of the whole."""
    return min((check.outcome for check in checks), key=_WORST_FIRST.index, default="pass")
