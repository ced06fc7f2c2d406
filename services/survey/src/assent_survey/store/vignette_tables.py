"""The tables of vignettes: designs with their decks, how many places each collection has given out, and who has which.

Whoever is assigned is kept by the blind index of the respondent only. A withdrawal deletes the assignment; its place stays used.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, UniqueConstraint
from sqlmodel import Field

from assent_kit.tables import Instant, now
from assent_survey.store.tables import Table


class VignetteDesign(Table, table=True):  # type: ignore[call-arg, valid-type, misc]
    """A plan, the decks that were made of it, `[[[level of each factor]]]`, and their quality. Once fixed it never changes."""

    __tablename__ = "vignette_design"

    id: str = Field(primary_key=True, max_length=40)
    study: str = Field(max_length=40, index=True)
    plan: dict[str, Any] = Field(sa_type=JSON)
    decks: list[Any] = Field(sa_type=JSON)
    quality: dict[str, Any] = Field(sa_type=JSON)
    version: int = 1
    created_at: datetime = Field(default_factory=now, sa_type=Instant)
    fixed_at: datetime | None = Field(default=None, sa_type=Instant)


class VignetteQueue(Table, table=True):  # type: ignore[call-arg, valid-type, misc]
    """How many places of a design were given out in a collection; tests have a queue of their own, so as not to unbalance the other."""

    __tablename__ = "vignette_queue"

    design: str = Field(primary_key=True, max_length=40, foreign_key="vignette_design.id")
    collection: str = Field(primary_key=True, max_length=40, foreign_key="collection.id")
    test: bool = Field(primary_key=True)
    given: int


class VignetteAssignment(Table, table=True):  # type: ignore[call-arg, valid-type, misc]
    """The place that a respondent has, which decides on everything that they are shown."""

    __tablename__ = "vignette_assignment"
    __table_args__ = (UniqueConstraint("design", "collection", "test", "place"),)

    respondent_index: str = Field(primary_key=True, max_length=64)
    design: str = Field(primary_key=True, max_length=40, foreign_key="vignette_design.id")
    collection: str = Field(max_length=40, foreign_key="collection.id")
    test: bool = False
    place: int
    assigned_at: datetime = Field(default_factory=now, sa_type=Instant)
