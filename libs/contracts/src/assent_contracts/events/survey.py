"""What survey says: instruments, collections and responses. Coded answers only; an unmapped or open answer never enters an event."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from assent_contracts.events.state import State
from assent_contracts.practice import Practice
from assent_contracts.stances import MissingAnswer, Sampling

ItemKind = Literal["single", "multiple", "number", "text"]
ItemRole = Literal["attitude", "demographic", "consent", "knowledge", "trust", "weight", "stratum", "cluster"]


class Option(BaseModel):
    """An answer that can be chosen; the order of options is the order of the scale."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    option: str
    label: str


class Item(BaseModel):
    """A question as it was put, with the practice it asks about and what its options mean for support.

    `dont_know` and `refused` are the option codes of those two answers, kept apart from the scale and from each other.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str
    wording: str
    kind: ItemKind
    role: ItemRole
    scale: tuple[Option, ...] = ()
    dont_know: str | None = None
    refused: str | None = None
    practice: Practice = Practice()
    supports: tuple[str, ...] = ()
    conditional: tuple[str, ...] = ()
    opposes: tuple[str, ...] = ()
    condition: Practice | None = None
    variable: str | None = None


class Instrument(State):
    """One published version of an instrument; its key is `<instrument>.<number>`, because older responses keep theirs."""

    instrument: str
    number: int
    title: str
    items: tuple[Item, ...]


class Collection(State):
    """A wave of fieldwork with one version of an instrument: whom it stands for and how they were reached.

    `margins` are known shares of the population, {variable: {group: share}}: what the answers are to be weighted to.
    """

    collection: str
    instrument: str
    number: int
    state: Literal["open", "closed"]
    wave: str
    population: str
    sampling: Sampling
    frame: str | None = None
    mode: str
    fieldwork_from: str | None = None
    fieldwork_to: str | None = None
    issued: int | None = None
    weight: str | None = None
    stratum: str | None = None
    cluster: str | None = None
    margins: dict[str, dict[str, float]] = Field(default_factory=dict)


class Response(State):
    """A respondent's coded answers. `groups` holds {variable: word}; the study's scheme turns words into groups."""

    response: str
    respondent: str
    collection: str
    instrument: str
    number: int
    answers: dict[str, str | list[str] | float] = Field(default_factory=dict)
    missing: dict[str, MissingAnswer] = Field(default_factory=dict)
    groups: dict[str, str] = Field(default_factory=dict)
    weight: float | None = None
    stratum: str | None = None
    cluster: str | None = None
    consented: bool
    complete: bool
    test: bool = False
