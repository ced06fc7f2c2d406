"""The shapes of releases: what a steward says when releasing, and what the register tells of it."""

from datetime import datetime
from typing import Self

from pydantic import Field

from assent_analytics.domain.manifest import Manifest
from assent_analytics.domain.release import Kind, Release, ReleasedTable
from assent_contracts.groups import GroupRef
from assent_kit.schemas import Answer, Request


class ReleaseIn(Request):
    """What is said of a release when it is made."""

    note: str = Field(min_length=1, max_length=2000, description="why it is released now, for whoever reads the register")
    exception: str | None = Field(
        None, min_length=1, max_length=2000, description="why it may leave although a check wants it looked at; only needed then"
    )


class CheckIn(Request):
    """What a second person says of a release."""

    note: str = Field(min_length=1, max_length=2000, description="what was looked at, and what is to be said of it")


class TableOut(Answer):
    """A table of the register, by its definition. The counts behind it are kept to compare with and never shown."""

    table: str = Field(description="the table's id")
    collection: str
    edition: str = Field(description="the edition of the data that it was made from")
    item: str | None = Field(None, description="absent from a table of respondents")
    groups: list[tuple[GroupRef, ...]] = Field(
        description="the groups with figures of their own; several references are an intersection"
    )
    suppressed: list[tuple[GroupRef, ...]] = Field(description="those of them whose figures are withheld")
    within: tuple[GroupRef, ...] = Field(description="the filter; groups of one variable are alternatives")
    repeats: str | None = Field(
        None, description="the earlier table whose figures it shows, because some cell moved by a few people"
    )

    @classmethod
    def of(cls, table: ReleasedTable) -> Self:
        """The public shape of a released table."""
        definition = table.definition
        optional = {"item": definition.item, "repeats": table.repeats}
        return cls(
            table=table.id,
            collection=definition.collection,
            edition=table.edition,
            groups=list(definition.groups),
            suppressed=list(definition.hidden),
            within=definition.within,
            **{name: value for name, value in optional.items() if value is not None},
        )


class SecondLookOut(Answer):
    """Who has looked at a release beside whoever made it."""

    by: str
    at: datetime
    note: str


class ReleaseOut(Answer):
    """A release as the register has it: who, when, from what, and how the checks went."""

    release: str = Field(description="the release's id")
    kind: Kind
    subject: str = Field(description="the proposal or the analysis whose figures they are")
    version: int = Field(description="counted from 1 under its subject")
    released_by: str
    released_at: datetime
    note: str
    manifest: Manifest
    checked: SecondLookOut | None = Field(None, description="absent until a second person has looked at it")
    tables: list[TableOut]

    @classmethod
    def of(cls, release: Release) -> Self:
        """The public shape of a release."""
        looked = release.checked
        second = {"checked": SecondLookOut(by=looked.by, at=looked.at, note=looked.note)} if looked else {}
        return cls(
            release=release.release,
            kind=release.kind,
            subject=release.subject,
            version=release.version,
            released_by=release.released_by,
            released_at=release.released_at,
            note=release.note,
            manifest=release.manifest,
            tables=[TableOut.of(table) for table in release.tables],
            **second,
        )
