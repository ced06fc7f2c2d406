"""The tables of the qual service.

Participants are known by a pseudonym; no table has a column for a name. Labels of speakers, which are names in practice, stay only in
turns that are not bound yet. Versions count changes of one thing: they are its ETag and the version of its events.
"""

from datetime import date, datetime
from typing import Any

from sqlmodel import JSON, BigInteger, Field

from assent_kit.blobs import blob_table
from assent_kit.idempotency import idempotency_table
from assent_kit.outbox import outbox_table
from assent_kit.tables import Instant, now, table_base

Table = table_base()

Outbox = outbox_table(Table)
Idempotency = idempotency_table(Table)
Blob = blob_table(Table)


class Participant(Table, table=True):  # type: ignore[call-arg, valid-type, misc]
    """A person who takes part, under a pseudonym. Withdrawal deletes the row."""

    id: str = Field(primary_key=True, max_length=40)
    study: str = Field(index=True, max_length=40)
    pseudonym: str = Field(max_length=80)
    version: int = 1


class Attribute(Table, table=True):  # type: ignore[call-arg, valid-type, misc]
    """One group that a participant belongs to, in the study's words."""

    participant: str = Field(primary_key=True, foreign_key="participant.id", max_length=40)
    variable: str = Field(primary_key=True, max_length=64)
    word: str = Field(max_length=80)


class ConsentEntry(Table, table=True):  # type: ignore[call-arg, valid-type, misc]
    """One entry of a participant's consent ledger; rows are added and never changed."""

    __tablename__ = "consent_entry"

    id: str = Field(primary_key=True, max_length=40)
    participant: str = Field(foreign_key="participant.id", index=True, max_length=40)
    form_version: str | None = Field(default=None, max_length=80)
    language: str | None = Field(default=None, max_length=35)
    mode: str = Field(max_length=40)
    taken_by: str = Field(max_length=200)
    decision: str = Field(max_length=10)
    uses: dict[str, bool] = Field(sa_type=JSON)
    at: datetime = Field(sa_type=Instant)
    recorded_at: datetime = Field(sa_type=Instant, default_factory=now)


class Cohort(Table, table=True):  # type: ignore[call-arg, valid-type, misc]
    """Who a focus group or a set of interviews is made of, and why."""

    id: str = Field(primary_key=True, max_length=40)
    study: str = Field(index=True, max_length=40)
    composition: list[dict[str, str]] = Field(sa_type=JSON)
    chosen_because: str = Field(max_length=2000)
    target_size: int | None = None
    version: int = 1


class TalkSession(Table, table=True):  # type: ignore[call-arg, valid-type, misc]
    """A focus group or interview, and what is known of its transcript once there is one."""

    __tablename__ = "talk_session"

    id: str = Field(primary_key=True, max_length=40)
    study: str = Field(index=True, max_length=40)
    kind: str = Field(max_length=20)
    title: str = Field(max_length=200)
    held_on: date | None = None
    cohort: str | None = Field(default=None, foreign_key="cohort.id", max_length=40)
    contact: list[dict[str, str]] = Field(sa_type=JSON)
    transcript: str | None = Field(default=None, max_length=40)
    format: str | None = Field(default=None, max_length=10)
    turns: int = 0
    left_out: int = 0
    version: int = 1


class Turn(Table, table=True):  # type: ignore[call-arg, valid-type, misc]
    """One turn of talk. `label` is kept only while `voice` is `labelled`; a withdrawn participant's turn keeps its place and no word."""

    session: str = Field(primary_key=True, foreign_key="talk_session.id", max_length=40)
    n: int = Field(primary_key=True)
    voice: str = Field(max_length=12)
    label: str | None = Field(default=None, max_length=200)
    participant: str | None = Field(default=None, foreign_key="participant.id", index=True, max_length=40)
    text: str
    from_ms: int | None = Field(default=None, sa_type=BigInteger)
    to_ms: int | None = Field(default=None, sa_type=BigInteger)


class Code(Table, table=True):  # type: ignore[call-arg, valid-type, misc]
    """One code of the tree."""

    id: str = Field(primary_key=True, max_length=40)
    study: str = Field(index=True, max_length=40)
    name: str = Field(max_length=120)
    parent: str | None = Field(default=None, foreign_key="code.id", index=True, max_length=40)
    role: str = Field(max_length=20)
    definition: str = Field(max_length=4000)
    when_to_use: str = Field(max_length=4000)
    examples: list[str] = Field(sa_type=JSON)
    practice: dict[str, Any] = Field(sa_type=JSON)
    rationale: str | None = Field(default=None, max_length=80)
    response: str | None = Field(default=None, max_length=10)
    version: int = 1


class Codebook(Table, table=True):  # type: ignore[call-arg, valid-type, misc]
    """How often a study's codebook was published."""

    study: str = Field(primary_key=True, max_length=40)
    version: int


class Excerpt(Table, table=True):  # type: ignore[call-arg, valid-type, misc]
    """A coding: a span of a session's talk with a code. Its words and speakers are looked up in the turns, never copied."""

    id: str = Field(primary_key=True, max_length=40)
    study: str = Field(index=True, max_length=40)
    session: str = Field(foreign_key="talk_session.id", index=True, max_length=40)
    start_turn: int
    start_offset: int
    end_turn: int
    end_offset: int
    code: str = Field(foreign_key="code.id", index=True, max_length=40)
    stance: str | None = Field(default=None, max_length=12)
    practice: dict[str, Any] = Field(sa_type=JSON)
    memo: str = Field(max_length=4000)
    coder: str = Field(max_length=200)
    coded_at: datetime = Field(sa_type=Instant, default_factory=now)
    version: int = 1
