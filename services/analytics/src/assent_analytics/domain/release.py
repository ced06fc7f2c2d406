"""What is released: tables with their definitions, and the counts behind them that only the register keeps.

A table is the figures of one item in one collection, over everyone asked and by group; without an item it is the list of bases. Its
definition is enough to draw the same groups again from today's answers. Not here: whether a table may be released (differencing), and how
it is stored.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from pydantic import TypeAdapter

from assent_analytics.domain.manifest import Manifest
from assent_analytics.domain.targets import GroupKey
from assent_contracts.groups import GroupRef, GroupVariable

Kind = Literal["evidence", "analysis"]
Counts = Mapping[str, int]
"""The unweighted counts of a table by name of the cell, hidden ones too. They are compared and never shown."""


@dataclass(frozen=True, slots=True)
class TableDefinition:
    """What a table is of.

    `groups` are all that have figures of their own, `hidden` those of them whose figures are suppressed. `within` is a filter: groups of
    one variable are alternatives, and different variables must all hold. `scheme` is what the groups meant when it was made, filled in by
    the check: the same name may mean other people later.
    """

    collection: str
    item: str | None
    groups: tuple[GroupKey, ...] = ()
    hidden: tuple[GroupKey, ...] = ()
    answers: Literal["support", "outcomes"] = "support"
    within: tuple[GroupRef, ...] = ()
    scheme: tuple[GroupVariable, ...] = ()

    @property
    def shown(self) -> tuple[GroupKey, ...]:
        """The groups of which a reader sees figures."""
        return tuple(who for who in self.groups if who not in self.hidden)

    def is_again(self, other: "TableDefinition") -> bool:
        """Whether the other is an edition of the same table, whatever groups either shows."""
        return (self.collection, self.item, set(self.within)) == (other.collection, other.item, set(other.within))

    def as_json(self) -> dict[str, Any]:
        """As it is stored and shown in the register."""
        stored: dict[str, Any] = _DEFINITION.dump_python(self, mode="json")
        return stored

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> "TableDefinition":
        """From what `as_json` stored."""
        return _DEFINITION.validate_python(stored)


_DEFINITION = TypeAdapter(TableDefinition)


@dataclass(frozen=True, slots=True)
class ReleasedTable:
    """A table of a release: its definition, the edition of the data it was made from, its hidden counts and what is shown.

    `repeats` is the id of the earlier table whose figures it shows again, because something moved by a few people.
    """

    id: str
    release: str
    version: int
    kind: Kind
    definition: TableDefinition
    edition: str
    counts: Counts
    content: Mapping[str, Any]
    released_at: datetime
    repeats: str | None = None


@dataclass(frozen=True, slots=True)
class SecondLook:
    """That somebody else has looked at a release, and what they say."""

    by: str
    at: datetime
    note: str


@dataclass(frozen=True, slots=True)
class Release:
    """One act of releasing: the numbered version of a subject, never changed afterwards but for a second look.

    `number` counts the releases of the study.
    """

    release: str
    study: str
    number: int
    kind: Kind
    subject: str
    version: int
    note: str
    content: Mapping[str, Any]
    manifest: Manifest
    released_by: str
    released_at: datetime
    checked: SecondLook | None = None
    tables: tuple[ReleasedTable, ...] = field(default=())

    @property
    def id(self) -> str:
        """What it is called under its subject: its number."""
        return str(self.version)
