"""What is said of a collection: whom its responses stand for, how they were reached, and which items carry its design."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from assent_contracts.practice import Term
from assent_contracts.stances import Sampling
from assent_survey.domain.faults import Fault
from assent_survey.domain.instrument import DESIGN_ROLES, Item, Name

Share = Annotated[float, Field(strict=True, ge=0, le=1)]
ShortText = Annotated[str, Field(min_length=1, max_length=200)]

_ROUNDING = 0.01  # how far published shares of one variable may sum beside 1


class Fieldwork(BaseModel):
    """The days of the first and the last response, both optional while fieldwork runs."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, serialize_by_alias=True)

    begin: date | None = Field(default=None, alias="from")
    end: date | None = Field(default=None, alias="to")


class CollectionFacts(BaseModel):
    """The researcher's account of a wave of fieldwork.

    `weight`, `stratum` and `cluster` name the instrument's items of those roles; `issued` is how many were asked to take part;
    `margins` are known shares of the population, {variable: {group: share}}.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    wave: ShortText
    population: Annotated[str, Field(min_length=1, max_length=1000)]
    sampling: Sampling
    frame: Annotated[str, Field(max_length=1000)] | None = None
    mode: ShortText
    fieldwork: Fieldwork = Fieldwork()
    issued: Annotated[int, Field(strict=True, ge=0, le=100_000_000)] | None = None
    weight: Name | None = None
    stratum: Name | None = None
    cluster: Name | None = None
    margins: Annotated[dict[Term, dict[Annotated[str, Field(min_length=1, max_length=64)], Share]], Field(max_length=64)] = Field(
        default_factory=dict
    )


def collection_faults(facts: CollectionFacts, items: Sequence[Item]) -> Iterator[Fault]:
    """What in the facts does not fit the instrument or itself."""
    roles = {item.name: item.role for item in items}
    for role in DESIGN_ROLES:
        named = getattr(facts, role)
        if named is not None and roles.get(named) != role:
            yield Fault(f"/{role}", f"the instrument has no item {named!r} with the role {role}")
    begin, end = facts.fieldwork.begin, facts.fieldwork.end
    if begin and end and end < begin:
        yield Fault("/fieldwork/to", "fieldwork ends before it begins")
    for variable, shares in facts.margins.items():
        if abs(sum(shares.values()) - 1) > _ROUNDING:
            yield Fault(f"/margins/{variable}", "the shares do not sum to 1")


def read_facts(facts: dict[str, Any]) -> CollectionFacts | list[Fault]:
    """Facts in their shape, or what is wrong with them."""
    try:
        return CollectionFacts.model_validate(facts)
    except ValidationError as error:
        return [Fault("".join(f"/{part}" for part in each["loc"]), each["msg"]) for each in error.errors()]
