"""The tables: what analytics has heard from the other services, and the little that is its own.

A read model keeps the newest state of each aggregate of one topic as it came, under the aggregate's key; columns beside it are only
there to look up by. They can be emptied and rebuilt from the log at any time. What analytics owns - proposals, their matches, and
the settings of a study - cannot, and is nobody else's to say.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, LargeBinary, MetaData, UniqueConstraint
from sqlalchemy.orm import registry as orm_registry
from sqlmodel import Field, SQLModel

from assent_contracts import registry
from assent_kit.idempotency import idempotency_table
from assent_kit.inbox import inbox_tables
from assent_kit.jobs.table import job_table
from assent_kit.outbox import outbox_table
from assent_kit.tables import NAMING, Instant


class Table(SQLModel, registry=orm_registry(metadata=MetaData(naming_convention=NAMING))):
    """A table of analytics, in a registry of its own."""


Idempotency = idempotency_table(Table)
Outbox = outbox_table(Table)
Job = job_table(Table)
inbox_tables(Table)


class ReadModel(Table):
    """What every read model has: the aggregate's key, its study, and its state as the event carried it."""

    key: str = Field(primary_key=True, max_length=200)
    study: str = Field(index=True, max_length=80)
    state: dict[str, Any] = Field(sa_type=JSON)


class Studies(ReadModel, table=True):
    """Studies, with their titles."""


class Groups(ReadModel, table=True):
    """The groups of parents of each study."""


class Vocabularies(ReadModel, table=True):
    """The practice terms that each study has added."""


class Documents(ReadModel, table=True):
    """The register of documents: their facts, never their text."""


class Passages(ReadModel, table=True):
    """Coded passages: where they are and what they were coded as."""


class Rationales(ReadModel, table=True):
    """The rationale codebook of each study."""


class Instruments(ReadModel, table=True):
    """Published versions of instruments, with their items."""


class Collections(ReadModel, table=True):
    """Waves of fieldwork."""


class Responses(ReadModel, table=True):
    """Coded answers, in the order in which they first came to their collection: `place` counts from nought and leaves gaps behind."""

    __table_args__ = (Index("ix_responses_collection_place", "collection", "place"),)

    collection: str = Field(max_length=80)
    place: int


class Cohorts(ReadModel, table=True):
    """Who focus groups and sets of interviews are made of."""


class Participants(ReadModel, table=True):
    """Participants' groups and the uses that they consent to now."""


class Sessions(ReadModel, table=True):
    """Focus groups and interviews with a transcript."""


class Excerpts(ReadModel, table=True):
    """Coded talk: where it is and what it was coded as."""


class Codebooks(ReadModel, table=True):
    """The codebook of talk of each study."""


READ_MODELS: dict[registry.Topic, type[ReadModel]] = {
    registry.STUDIES: Studies,
    registry.GROUPS: Groups,
    registry.VOCABULARIES: Vocabularies,
    registry.DOCUMENTS: Documents,
    registry.PASSAGES: Passages,
    registry.RATIONALES: Rationales,
    registry.INSTRUMENTS: Instruments,
    registry.COLLECTIONS: Collections,
    registry.RESPONSES: Responses,
    registry.COHORTS: Cohorts,
    registry.PARTICIPANTS: Participants,
    registry.SESSIONS: Sessions,
    registry.EXCERPTS: Excerpts,
    registry.CODEBOOKS: Codebooks,
}


class Departures(Table, table=True):
    """How many respondents' responses and participants have been withdrawn from a study; nothing says which."""

    study: str = Field(primary_key=True, max_length=80)
    kind: str = Field(primary_key=True, max_length=20)
    number: int


class Editions(Table, table=True):
    """A mark for each collection that changes whenever its responses do, and how many places it has given out."""

    collection: str = Field(primary_key=True, max_length=80)
    edition: str = Field(max_length=40)
    places: int


class Blocks(Table, table=True):
    """The responses of successive places of a collection as columns; no columns where some of them have changed since."""

    collection: str = Field(primary_key=True, max_length=80)
    block: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    edition: str = Field(max_length=40)
    columns: bytes | None = Field(default=None, sa_type=LargeBinary)


class Proposals(Table, table=True):
    """Proposed practices with the people whom they are likely to single out."""

    __table_args__ = (Index("ix_proposals_study_id", "study", "id"),)

    id: str = Field(primary_key=True, max_length=80)
    study: str = Field(max_length=80)
    version: int = 1
    title: str
    practice: dict[str, Any] = Field(sa_type=JSON)
    description: str
    operator: str
    status: str = Field(max_length=20)
    targets: list[dict[str, Any]] = Field(sa_type=JSON)
    targets_dropped: int = 0
    practice_changed_at: datetime = Field(sa_type=Instant)
    evidence_first_shown_at: datetime | None = Field(default=None, sa_type=Instant)
    created_at: datetime = Field(sa_type=Instant)
    created_by: str = Field(max_length=200)
    changed_at: datetime = Field(sa_type=Instant)


class Matches(Table, table=True):
    """What a steward has said about the match of a proposal and an item."""

    proposal: str = Field(primary_key=True, max_length=80)
    item: str = Field(primary_key=True, max_length=300)
    study: str = Field(index=True, max_length=80)
    version: int = 1
    level: str = Field(max_length=10)
    direction: str | None = Field(default=None, max_length=10)
    note: str
    decided_by: str = Field(max_length=200)
    decided_at: datetime = Field(sa_type=Instant)


class Thresholds(Table, table=True):
    """The thresholds of a study's readings; a study without a row has the defaults."""

    study: str = Field(primary_key=True, max_length=80)
    version: int
    settings: dict[str, Any] = Field(sa_type=JSON)
    changed_by: str = Field(max_length=200)
    changed_at: datetime = Field(sa_type=Instant)


class Showings(Table, table=True):
    """When the figures of an item were first shown to anybody: what is declared afterwards is post hoc."""

    study: str = Field(primary_key=True, max_length=80)
    item: str = Field(primary_key=True, max_length=300)
    first_shown_at: datetime = Field(sa_type=Instant)


class Analyses(Table, table=True):
    """Analyses that were asked for, with what may leave of their results; `mark` is that of the question on its data.

    `result` is None until it has been computed; `job` is the job that computes it, where it was too long to wait for.
    """

    __table_args__ = (Index("ix_analyses_study_id", "study", "id"), UniqueConstraint("study", "mark"))

    id: str = Field(primary_key=True, max_length=80)
    study: str = Field(max_length=80)
    method: str = Field(max_length=40)
    request: dict[str, Any] = Field(sa_type=JSON)
    mark: str = Field(max_length=64)
    edition: str = Field(max_length=64)
    result: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    recipe: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    r_code: str | None = None
    job: str | None = Field(default=None, max_length=80)
    created_by: str = Field(max_length=200)
    created_at: datetime = Field(sa_type=Instant)
    computed_at: datetime | None = Field(default=None, sa_type=Instant)


class Releases(Table, table=True):
    """Acts of releasing, numbered in their study and by subject; but for a second look they never change."""

    __table_args__ = (UniqueConstraint("study", "number"), UniqueConstraint("study", "kind", "subject", "version"))

    id: str = Field(primary_key=True, max_length=80)
    study: str = Field(index=True, max_length=80)
    number: int
    kind: str = Field(max_length=20)
    subject: str = Field(max_length=80)
    version: int
    note: str
    content: dict[str, Any] = Field(sa_type=JSON)
    manifest: dict[str, Any] = Field(sa_type=JSON)
    released_by: str = Field(max_length=200)
    released_at: datetime = Field(sa_type=Instant)
    checked_by: str | None = Field(default=None, max_length=200)
    checked_at: datetime | None = Field(default=None, sa_type=Instant)
    checked_note: str | None = None


class ReleasedTables(Table, table=True):
    """The register: every table that was released, with the counts behind it. They are compared and never shown."""

    __tablename__ = "released_tables"
    __table_args__ = (Index("ix_released_tables_study_collection", "study", "collection"),)

    id: str = Field(primary_key=True, max_length=80)
    study: str = Field(max_length=80)
    release: str = Field(index=True, max_length=80)
    version: int
    kind: str = Field(max_length=20)
    collection: str = Field(max_length=80)
    item: str | None = Field(default=None, max_length=300)
    definition: dict[str, Any] = Field(sa_type=JSON)
    edition: str = Field(max_length=40)
    counts: dict[str, int] = Field(sa_type=JSON)
    content: dict[str, Any] = Field(sa_type=JSON)
    released_at: datetime = Field(sa_type=Instant)
    repeats: str | None = Field(default=None, max_length=80)
