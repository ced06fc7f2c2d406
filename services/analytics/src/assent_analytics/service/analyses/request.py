"""What every analysis is asked with: the collection, whom it is about, and how people are weighted.

Each method adds its own fields in its own file; unknown fields are refused everywhere.
"""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from assent_contracts.practice import Term
from assent_kit.schemas import Number, Request, Whole


def _distinct(words: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(words)) < len(words):
        raise ValueError("the same is named twice")
    return words


Distinct = AfterValidator(_distinct)

ItemId = Annotated[str, Field(min_length=1, max_length=300, description="an item's id, as `GET /items` gives it")]
Items = Annotated[tuple[ItemId, ...], Field(min_length=1, max_length=50), Distinct]
By = Annotated[
    tuple[Term, ...],
    Field(default=(), max_length=8, description="variables of the study's groups; each gives figures of its own"),
    Distinct,
]
Words = Annotated[tuple[Annotated[str, Field(min_length=1, max_length=200)], ...], Field(min_length=1, max_length=64), Distinct]


class Replicates(Request):
    """Replicate weights instead of linearisation; such an analysis runs as a job."""

    method: Literal["jackknife", "bootstrap"] = "bootstrap"
    count: Whole = Field(
        default=200, ge=20, le=2000, description="how many sets; the jackknife has one for each primary sampling unit"
    )
    seed: Whole = Field(default=20260101, ge=0, description="the same seed gives the same sets")


class DesignChoice(Request):
    """How people are weighted, and how uncertain that makes a figure."""

    weights: Literal["declared", "raked", "none"] = Field(
        default="declared",
        description="`raked` fits the collection's margins; `none` counts everyone once, strata and clusters kept",
    )
    lonely: Literal["adjust", "average", "remove", "certainty", "fail"] = Field(
        default="adjust", description="what a stratum with one primary sampling unit adds to a variance"
    )
    replicates: Replicates | None = None


class AnalysisRequest(Request):
    """What all methods share."""

    collection: Annotated[str, Field(min_length=1, max_length=80)]
    within: dict[Term, Annotated[tuple[Term, ...], Field(min_length=1), Distinct]] = Field(
        default_factory=dict, max_length=8, description="only people of these groups, `{variable: [group, …]}`"
    )
    design: DesignChoice = DesignChoice()
    level: Number = Field(default=0.95, ge=0.5, le=0.999, description="of intervals")
